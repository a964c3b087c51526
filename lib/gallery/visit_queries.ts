/** Answers what pages ask about visits: the visits of a range in pages, and the counts of a day. */
import type { DayFaces } from "./day_faces.ts";
import type { FaceIndex } from "./face_index.ts";
import { type FaceGroup, groupOrder, type KnownFace, SetFace } from "./face_set.ts";
import { readFaceInfo } from "./face_info.ts";
import type { FaceMetadata } from "../face/face.ts";
import type { PictureStore } from "./picture_store.ts";
import type { Range } from "./utc_days.ts";
import { cameraOf, type FaceView, faceView, type VisitView, visitView } from "./visit_view.ts";
import { wholeVisit } from "./whole_visit.ts";

/** After this time a page is sent without the metadata that were not read yet: events bring them later. */
const WAIT_MS = 600;
/** A page whose store answered late waits for them at least this long. */
const MIN_WAIT_FOR_INFO_MS = 200;
/** A page reads metadata at most this many times: each time joins faces to visits, so that older ones move up. */
const MAX_ROUNDS = 5;
/** The counts of a day wait this long for its listing. */
const WAIT_FOR_LISTING_MS = 1_500;
const QUARTER_MS = 900_000;
/** Cameras of a day that are named: those with the most faces, besides those of the filter. */
const MAX_CAMERAS = 200;

/** A place in the order of visits. */
export interface Cursor {
  readonly ms: number;
  readonly id: string;
}

/** Which visits of a range. */
export interface VisitQuery extends Range {
  /** Only those of these cameras; all if there are none. */
  readonly cameras: readonly string[];
}

/** One page of visits, newest first. */
export interface VisitPage {
  readonly visits: readonly VisitView[];
  /** The cursor of the next page; null after the last one. */
  readonly next: string | null;
}

/** The counts of a range. */
export interface DayCounts extends Range {
  /** Whether all faces are listed and all metadata read. */
  readonly complete: boolean;
  readonly faces: number;
  readonly visits: number;
  /** Visits that begin in each quarter of an hour. */
  readonly quarters: readonly number[];
  /** Without the filter. */
  readonly cameras: readonly { readonly name: string; readonly visits: number; readonly faces: number }[];
  /** The cameras that are not named. */
  readonly others: { readonly cameras: number; readonly visits: number };
}

/** Asks an index. Every method throws when the store does not answer. */
export class VisitQueries {
  constructor(private readonly index: FaceIndex, private readonly store: PictureStore) {}

  /** The newest visits of a range, or those after a cursor. */
  async visits(
    query: VisitQuery,
    { before, limit }: { before?: Cursor; limit: number },
  ): Promise<VisitPage> {
    const startedMs = this.index.nowMs();
    const days = await this.index.open(query);
    const leftMs = WAIT_MS - (this.index.nowMs() - startedMs);
    using deadline = this.index.deadline(Math.max(MIN_WAIT_FOR_INFO_MS, leftMs));
    for (let round = 0;; round++) {
      const resume = this.index.pauseUndated();
      const groups = await this.#newest(days, query, { before, count: limit + 1 }).finally(resume);
      const page = groups.slice(0, limit);
      const unread = page.flatMap(({ faces }) => faces).filter((face) => face instanceof SetFace)
        .filter(({ info }) => info === undefined);
      if (unread.length > 0 && !deadline.isPassed && round < MAX_ROUNDS) {
        await deadline.wait(this.index.queue.read(unread));
        continue;
      }
      for (const face of unread) face.isAwaited = true;
      this.index.queue.wake();
      const last = page.at(-1);
      return {
        visits: page.map(visitView),
        next: groups.length > limit && last ? formatCursor(last) : null,
      };
    }
  }

  /** Counts the visits of a range. */
  async day(query: VisitQuery): Promise<DayCounts> {
    const days = await this.index.open(query);
    using deadline = this.index.deadline(WAIT_FOR_LISTING_MS);
    const resume = this.index.pauseUndated();
    await deadline.wait(Promise.all(days.map((day) => day.listed()))).finally(resume);
    this.index.queue.wake();
    const all = groupsIn([...days, this.index.undated], { ...query, cameras: [] });
    const chosen = query.cameras.length === 0
      ? all
      : all.filter((group) => query.cameras.includes(cameraOf(group)));
    const quarters = new Array<number>(Math.ceil((query.to - query.from) / QUARTER_MS)).fill(0);
    for (const { ms } of chosen) quarters[Math.floor((ms - query.from) / QUARTER_MS)]++;
    const isRead = all.every(({ faces }) => faces.every(({ info }) => info !== undefined));
    return {
      from: query.from,
      to: query.to,
      complete: isRead && this.index.undated.isListed && days.every(({ isListed }) => isListed),
      faces: facesOf(chosen),
      visits: chosen.length,
      quarters,
      ...countedCameras(all, query.cameras),
    };
  }

  /** One face and its visit; undefined when the store does not have it. */
  async face(
    key: string,
    options: { signal: AbortSignal },
  ): Promise<{ face: FaceView; visit: VisitView | null; metadata?: FaceMetadata } | undefined> {
    const found = await this.#find(key, options);
    return found && {
      face: faceView(found.face),
      visit: found.visit ? visitView(found.visit) : null,
      metadata: found.metadata,
    };
  }

  /**
   * The keys of all faces of the visit of a face, oldest first; undefined when the store does not have the face. Throws
   * when some could be missing.
   */
  async keys(key: string, options: { signal: AbortSignal }): Promise<string[] | undefined> {
    const found = await this.#find(key, options);
    if (!found) return undefined;
    const visit = found.face.info?.own?.visit;
    if (!visit) return [key];
    const parts = await wholeVisit(this.index, key, visit);
    const keys = parts.length > 0 ? joined(parts).faces.map(({ key }) => key) : [];
    if (keys.includes(key)) return keys;
    throw new Error("the listing of the store lacks this picture");
  }

  /** Reads a face, and finds the other faces of its visit. */
  async #find(
    key: string,
    { signal }: { signal: AbortSignal },
  ): Promise<{ face: KnownFace; visit?: FaceGroup; metadata?: FaceMetadata } | undefined> {
    const bytes = this.index.find(key)?.face.bytes ?? NaN;
    const read = await readFaceInfo(this.store, { key, bytes }, { signal });
    if (!read) return undefined;
    const { info, metadata } = read;
    const found = this.index.find(key);
    if (!found) return { face: { key, ms: info.own?.capturedMs ?? 0, bytes, writtenMs: 0, info }, metadata };
    const { face, day } = found;
    this.index.learn(face, info);
    const group = day.set.groupOf(face);
    const isVisit = group?.faces.some(({ info }) => info?.own?.visit);
    return { face, visit: isVisit ? joined(this.index.groupsOf(group!.id)) : undefined, metadata };
  }

  /** The first `count` visits in the order, once the listing has reached them. */
  async #newest(
    days: readonly DayFaces[],
    query: VisitQuery,
    { before, count }: { before?: Cursor; count: number },
  ): Promise<FaceGroup[]> {
    const opened: DayFaces[] = [this.index.undated];
    let groups: FaceGroup[] = [];
    const collect = (reachedMs: number) => {
      if (before && before.ms < reachedMs) return; // Only visits before the cursor are known so far.
      const all = groupsIn(opened, query);
      groups = before ? all.filter((group) => groupOrder(before, group) < 0) : all;
    };
    collect(-Infinity);
    for (const day of days) {
      opened.push(day);
      for (let mayFollow = true; mayFollow;) {
        mayFollow = !day.isListed && await day.further();
        collect(day.reachedMs);
        if (groups.length >= count && groups[count - 1].ms >= day.reachedMs) return groups.slice(0, count);
      }
    }
    return groups.slice(0, count);
  }
}

/** The cursor behind a visit: `MILLISECONDS_ID`. */
export function formatCursor({ ms, id }: Cursor): string {
  return `${ms}_${id}`;
}

/** Parses the result of `formatCursor`; undefined for any other text. */
export function parseCursor(text: string): Cursor | undefined {
  const [, ms, id] = /^(\d{1,15})_([^]{1,1100})$/.exec(text) ?? [];
  return id === undefined ? undefined : { ms: Number(ms), id };
}

/** The groups of several days that begin in a range, newest first. Those of one visit are joined. */
function groupsIn(days: readonly DayFaces[], { from, to, cameras }: VisitQuery): FaceGroup[] {
  const groups = new Map<string, FaceGroup[]>();
  // A face without a visit lies in one day only: a store may have a hundred thousand of them.
  const single: FaceGroup[] = [];
  for (const { set } of days) {
    const sorted = set.newestFirst();
    for (let index = firstBefore(to, sorted); index < sorted.length && sorted[index].ms >= from; index++) {
      const group = sorted[index];
      const same = group instanceof SetFace ? single : groups.get(group.id);
      if (same) same.push(group);
      else groups.set(group.id, [group]);
    }
  }
  const all = single.concat(Array.from(groups.values(), joined)).sort(groupOrder);
  return cameras.length === 0 ? all : all.filter((group) => cameras.includes(cameraOf(group)));
}

/** The index of the first group that is older than `ms`. */
function firstBefore(ms: number, sorted: readonly FaceGroup[]): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle].ms < ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The parts of one visit in several days as one group. */
function joined(groups: readonly FaceGroup[]): FaceGroup {
  if (groups.length === 1) return groups[0];
  return {
    id: groups[0].id,
    ms: Math.min(...groups.map(({ ms }) => ms)),
    faces: groups.flatMap(({ faces }) => faces).sort((a, b) => a.ms - b.ms),
  };
}

function facesOf(groups: readonly FaceGroup[]): number {
  return groups.reduce((sum, { faces }) => sum + faces.length, 0);
}

function countedCameras(
  groups: readonly FaceGroup[],
  chosen: readonly string[],
): Pick<DayCounts, "cameras" | "others"> {
  const cameras = new Map<string, { name: string; visits: number; faces: number }>();
  for (const group of groups) {
    const name = cameraOf(group);
    const camera = cameras.get(name) ?? { name, visits: 0, faces: 0 };
    camera.visits++;
    camera.faces += group.faces.length;
    cameras.set(name, camera);
  }
  const most = [...cameras.values()].sort((a, b) => b.faces - a.faces);
  const named = most.filter(({ name }, place) => place < MAX_CAMERAS || chosen.includes(name));
  const visits = named.reduce((sum, { visits }) => sum + visits, 0);
  return {
    cameras: named.sort((a, b) => a.name < b.name ? -1 : 1),
    others: { cameras: most.length - named.length, visits: groups.length - visits },
  };
}
