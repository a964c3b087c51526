/** Runs sequences of people through the visits of the detector, and counts those told apart, merged and split. */
import { type Looks, looksIn } from "../lib/detection/looks.ts";
import { Visits, type VisitSettings } from "../lib/detection/visits.ts";
import type { Frame, YuvPixels } from "../lib/image/frame.ts";
import { CONDITIONS, type Scene, type Sequence, sequencesOf, shifted } from "./visit_orders.ts";
import { type FilmFrame, type Stay } from "./visit_stays.ts";

/** A gap that no sequence reaches, so that only the looks decide. */
const GAP_MS = 30_000;
/** How visits are confirmed. */
export type Confirmation = Pick<VisitSettings, "confirmHits" | "confirmFrames">;

/** Counts sequences: right where each person is one visit. A sequence can be both merged and split. */
export interface Told {
  cases: number;
  right: number;
  merged: number;
  split: number;
}

/** Counts for each condition and order. */
export function tellApart(
  stays: readonly Stay[],
  confirmation: Confirmation,
): Map<string, Map<string, Told>> {
  const sequences = sequencesOf(stays);
  return new Map(
    Object.entries(CONDITIONS).map(([condition, change]) => {
      const told = new Map<string, Told>();
      for (const { order, scenes } of sequences) {
        const counted = told.get(order) ?? { cases: 0, right: 0, merged: 0, split: 0 };
        told.set(order, counted);
        count(counted, visitsOf(change(scenes), confirmation), peopleOf({ order, scenes }));
      }
      return [condition, told];
    }),
  );
}

function peopleOf({ scenes }: Sequence): Set<string> {
  return new Set(scenes.flatMap(({ people }) => people.map(({ person }) => person)));
}

/** Adds a sequence whose confirmed visits have these people. */
export function count(told: Told, visits: readonly ReadonlySet<string>[], people: ReadonlySet<string>): void {
  const isMerged = visits.some((shown) => shown.size > 1);
  const isSplit = Array.from(people).some((person) => visits.filter((shown) => shown.has(person)).length > 1);
  const isWhole = Array.from(people).every((person) => visits.some((shown) => shown.has(person)));
  told.cases++;
  if (isMerged) told.merged++;
  if (isSplit) told.split++;
  if (isWhole && !isMerged && !isSplit) told.right++;
}

/** The looks in frames with one person, which are in many sequences. */
const LOOKS = new WeakMap<FilmFrame, Looks>();

/** The people of each confirmed visit. */
function visitsOf(scenes: readonly Scene[], confirmation: Confirmation): Set<string>[] {
  const visits = new Visits<string>({ ...confirmation, gapMs: GAP_MS });
  const shown = new Map<number, Set<string>>();
  for (const { atMs, people } of scenes) {
    const frame = frameOf(people.map(({ frame }) => frame), atMs);
    const looksOf = frame && looksIn(frame);
    const sightings = people.flatMap(({ person, frame }, index) => {
      const box = frame.detection && shifted(frame.detection, index * frame.size.width);
      if (!box) return [];
      const looks = people.length > 1 ? looksOf!(box) : LOOKS.get(frame) ?? looksOf!(box);
      if (people.length === 1) LOOKS.set(frame, looks);
      return [{ box, looks, item: person, sourceTimeMs: atMs }];
    });
    for (const { visit, sighting } of visits.update(sightings, atMs).seen) {
      shown.set(visit.number, (shown.get(visit.number) ?? new Set()).add(sighting.item));
    }
  }
  // No visit ends before: the gap is longer than any sequence.
  return visits.flush().ended.map(({ number }) => shown.get(number)!);
}

/** The frames side by side as one. */
function frameOf(parts: readonly FilmFrame[], atMs: number): Frame | undefined {
  if (parts.length === 0) return undefined;
  const [{ size, pixels }] = parts;
  const width = size.width * parts.length;
  const joined: YuvPixels = parts.length === 1 ? pixels : {
    ...pixels,
    y: sideBySide(parts.map(({ pixels }) => pixels.y), size.width),
    u: sideBySide(parts.map(({ pixels }) => pixels.u), size.width / 2),
    v: sideBySide(parts.map(({ pixels }) => pixels.v), size.width / 2),
  };
  return { width, height: size.height, pixels: joined, capturedMs: atMs, sourceTimeMs: atMs };
}

function sideBySide(planes: readonly Uint8Array[], width: number): Uint8Array {
  const rows = planes[0].length / width;
  const joined = new Uint8Array(planes[0].length * planes.length);
  for (let row = 0, at = 0; row < rows; row++) {
    for (const plane of planes) {
      joined.set(plane.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  }
  return joined;
}
