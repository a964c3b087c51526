/** Sequences of people, put together from their films in other orders and under other conditions. */
import type { Detection } from "../lib/detection/engine.ts";
import type { FilmFrame, Stay } from "./visit_stays.ts";

/** One frame of a sequence: the people in it from left to right, nobody for an empty one. */
export interface Scene {
  readonly atMs: number;
  readonly people: readonly { readonly person: string; readonly frame: FilmFrame }[];
}

/** People one after the other. Each person should be one visit. */
export interface Sequence {
  readonly order: string;
  readonly scenes: readonly Scene[];
}

/** How long each person is shown, and the time between two empty frames, milliseconds. */
const SHOWN_MS = 1_600;
const EMPTY_MS = 200;
/**
 * How two people swap their places: the width of what is shown of each, pixels, which is the distance of their faces of
 * 48 pixels; and how long nobody is detected, milliseconds.
 */
const SWAPS = [
  { order: "two swap places, 3 sides apart", width: 144, absentMs: 600 },
  { order: "two swap places, 5 sides apart", width: 240, absentMs: 800 },
  { order: "two swap places, 6 sides apart", width: 288, absentMs: 1_000 },
];

/** All sequences of people: each pair of two people, and each person alone. */
export function sequencesOf(stays: readonly Stay[]): Sequence[] {
  const people = Map.groupBy(stays, ({ person }) => person);
  const films = Array.from(
    people.values(),
    (ofOne) => ofOne.toSorted((a, b) => b.frames.length - a.frames.length),
  );
  const back = films.flatMap(([longest, other]) => [
    { order: "one returns after 3 s", scenes: inTurn(3_000, begin(longest), end(longest)) },
    { order: "one returns after 20 s", scenes: inTurn(20_000, begin(longest), end(longest)) },
    ...other ? [{ order: "one returns after 3 s", scenes: inTurn(3_000, begin(longest), begin(other)) }] : [],
  ]);
  const pairs = films.flatMap(([a], first) =>
    films.filter(([b]) => a !== b).flatMap(([b], second) => [
      { order: "another takes the place at once", scenes: inTurn(0, begin(a), begin(b)) },
      { order: "another comes after 3 s", scenes: inTurn(3_000, begin(a), begin(b)) },
      { order: "another comes after 20 s", scenes: inTurn(20_000, begin(a), begin(b)) },
      ...first <= second ? SWAPS.map((swap) => ({ order: swap.order, scenes: swapped(a, b, swap) })) : [],
    ])
  );
  return [...pairs, ...back];
}

function begin(stay: Stay): Stay {
  return { ...stay, frames: stay.frames.filter(({ atMs }) => atMs <= SHOWN_MS) };
}

function end(stay: Stay): Stay {
  const from = Math.max(0, stay.frames.at(-1)!.atMs - SHOWN_MS);
  return { ...stay, frames: stay.frames.filter(({ atMs }) => atMs >= from) };
}

/** Two films one after the other, with `waitMs` between them. */
function inTurn(waitMs: number, first: Stay, second: Stay): Scene[] {
  const scenes = scenesOf(first, 0);
  const left = scenes.at(-1)!.atMs;
  for (let passed = EMPTY_MS; passed < waitMs; passed += EMPTY_MS) {
    scenes.push({ atMs: left + passed, people: [] });
  }
  const from = waitMs || frameMs(first);
  return [...scenes, ...scenesOf(second, left + from)];
}

function scenesOf({ person, frames }: Stay, fromMs: number): Scene[] {
  const began = frames[0].atMs;
  return frames.map((frame) => ({ atMs: fromMs + frame.atMs - began, people: [{ person, frame }] }));
}

function frameMs({ frames }: Stay): number {
  return frames.length < 2 ? EMPTY_MS : frames[1].atMs - frames[0].atMs;
}

/** The middle of a film, for each width. */
const middles = new Map(SWAPS.map(({ width }) => [width, once((frame) => middleOf(frame, width))]));

function middleOf(frame: FilmFrame, shown: number): FilmFrame {
  const { size: { width, height }, pixels, detection } = frame;
  const left = (width - shown) / 2;
  const middle = (plane: Uint8Array, width: number, left: number) => {
    const to = width - 2 * left;
    return Uint8Array.from(
      { length: plane.length / width * to },
      (_, at) => plane[Math.floor(at / to) * width + left + at % to],
    );
  };
  return {
    ...frame,
    size: { width: shown, height },
    detection: detection && shifted(detection, -left),
    pixels: {
      ...pixels,
      y: middle(pixels.y, width, left),
      u: middle(pixels.u, width / 2, left / 2),
      v: middle(pixels.v, width / 2, left / 2),
    },
  };
}

/** A detection moved to the right. */
export function shifted(detection: Detection, by: number): Detection {
  const landmarks = detection.landmarks?.map(({ x, y }) => ({ x: x + by, y }));
  return { ...detection, x: detection.x + by, ...landmarks && { landmarks } };
}

/** Two people side by side, and after a while the same two in each other's place. */
function swapped(a: Stay, b: Stay, { width, absentMs }: { width: number; absentMs: number }): Scene[] {
  const before = together(begin(a), begin(b), { fromMs: 0, width });
  const left = before.at(-1)!.atMs;
  const scenes = [...before];
  for (let passed = EMPTY_MS; passed < absentMs; passed += EMPTY_MS) {
    scenes.push({ atMs: left + passed, people: [] });
  }
  return [...scenes, ...together(end(b), end(a), { fromMs: left + absentMs, width })];
}

function together(left: Stay, right: Stay, { fromMs, width }: { fromMs: number; width: number }): Scene[] {
  const length = Math.min(left.frames.length, right.frames.length);
  const began = left.frames[0].atMs;
  const middle = middles.get(width)!;
  return left.frames.slice(0, length).map((frame, index) => ({
    atMs: fromMs + frame.atMs - began,
    people: [
      { person: left.person, frame: middle(frame) },
      { person: right.person, frame: middle(right.frames[index]) },
    ],
  }));
}

/** Frames at least this time apart. */
function fewer(scenes: readonly Scene[], apartMs: number): Scene[] {
  let last = -Infinity;
  return scenes.filter(({ atMs }) => {
    if (atMs - last < apartMs) return false;
    last = atMs;
    return true;
  });
}

function changed(scene: Scene, change: (frame: FilmFrame) => FilmFrame): Scene {
  return { ...scene, people: scene.people.map(({ person, frame }) => ({ person, frame: change(frame) })) };
}

/** Changes each frame only once, also when it is in many sequences. */
function once(change: (frame: FilmFrame) => FilmFrame): (frame: FilmFrame) => FilmFrame {
  const made = new WeakMap<FilmFrame, FilmFrame>();
  return (frame) => {
    const known = made.get(frame) ?? change(frame);
    made.set(frame, known);
    return known;
  };
}

const inGray = once((frame) => {
  const none = new Uint8Array(frame.pixels.u.length).fill(128);
  return { ...frame, pixels: { ...frame.pixels, u: none, v: none } };
});

/** The film ends below the chin. */
const withoutClothes = once((frame) => {
  const { width } = frame.size;
  const height = 114;
  const { y, u, v } = frame.pixels;
  const chroma = width / 2 * height / 2;
  return {
    ...frame,
    size: { width, height },
    pixels: {
      ...frame.pixels,
      y: y.subarray(0, width * height),
      u: u.subarray(0, chroma),
      v: v.subarray(0, chroma),
    },
  };
});

/** Every second the light changes: x0.75 to x1.3, and warmer or colder. */
function withLight(scenes: readonly Scene[]): Scene[] {
  return scenes.map((scene) => changed(scene, LIGHTS[Math.floor(scene.atMs / 1000) % LIGHTS.length]));
}

const LIGHTS = [
  { gain: 1, warmth: 0 },
  { gain: 0.75, warmth: 0.12 },
  { gain: 1.3, warmth: -0.06 },
  { gain: 0.9, warmth: -0.12 },
  { gain: 1.15, warmth: 0.06 },
].map((light) => once((frame) => lit(frame, light)));

/** Multiplies the light, and red by 1 + `warmth` and blue by 1 - `warmth` (BT.601). */
function lit(frame: FilmFrame, { gain, warmth }: { gain: number; warmth: number }): FilmFrame {
  const { pixels, size } = frame;
  const black = pixels.fullRange ? 0 : 16;
  const limited = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
  const [u, v] = [pixels.u.slice(), pixels.v.slice()];
  const across = size.width / 2;
  for (let at = 0; at < u.length; at++) {
    const luma = pixels.y[Math.floor(at / across) * 2 * size.width + at % across * 2] - black;
    const red = (luma + 1.402 * (v[at] - 128)) * (1 + warmth);
    const blue = (luma + 1.772 * (u[at] - 128)) * (1 - warmth);
    const green = luma - 0.344 * (u[at] - 128) - 0.714 * (v[at] - 128);
    const warmed = 0.299 * red + 0.587 * green + 0.114 * blue;
    u[at] = limited(128 + gain * (blue - warmed) / 1.772);
    v[at] = limited(128 + gain * (red - warmed) / 1.402);
  }
  const y = pixels.y.map((value) => limited(black + (value - black) * gain));
  return { ...frame, pixels: { ...pixels, y, u, v } };
}

/** Conditions by name. Each changes the scenes of a sequence. */
export const CONDITIONS: Readonly<Record<string, (scenes: readonly Scene[]) => Scene[]>> = {
  "all frames": (scenes) => [...scenes],
  "every third missing": (scenes) => scenes.filter((_, index) => index % 3 !== 1),
  "5 frames/s": (scenes) => fewer(scenes, 195),
  "light steps": (scenes) => withLight(scenes),
  "5 frames/s, light steps": (scenes) => withLight(fewer(scenes, 195)),
  "gray camera": (scenes) => scenes.map((scene) => changed(scene, inGray)),
  "heads only": (scenes) => scenes.map((scene) => changed(scene, withoutClothes)),
};
