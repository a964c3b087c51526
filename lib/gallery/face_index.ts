/**
 * The index of a store's faces: which faces each day has, and which visit each face belongs to. Listings say which faces
 * there are; a face's own metadata say the rest, and are read once (face_info.ts). Days are opened when a page asks for
 * them. The days in memory are limited, and those that were used longest ago are forgotten.
 */
import { isDeepStrictEqual } from "node:util";
import { delay } from "../async/delay.ts";
import { Deadline } from "../async/deadline.ts";
import { DatedFaces } from "./dated_faces.ts";
import { DayFaces } from "./day_faces.ts";
import { DAY_MS, type Days, startMs } from "./day_folders.ts";
import type { FaceInfo } from "./face_info.ts";
import { type FaceGroup, KEY_TIMES, type SetFace } from "./face_set.ts";
import { IndexChanges } from "./index_changes.ts";
import type { IndexFiles } from "./index_files.ts";
import { InfoQueue } from "./info_queue.ts";
import type { PictureStore } from "./picture_store.ts";
import { SharedWork } from "./shared_work.ts";
import type { ListedFace } from "./shown_face.ts";
import { type CommonDayOptions, UndatedDay } from "./undated_day.ts";
import { UndatedFaces, type UndatedOptions } from "./undated_faces.ts";
import { dayOfKey, type Range, utcDays } from "./utc_days.ts";

/** Maximum number of faces in memory besides those of the days that were opened last. */
const MAX_FACES = 60_000;
/** Days that are listed again while pages are open. */
const MAX_WATCHED = 3;
/** Interval at which a whole day is listed again: faces that come late or were removed by others appear then. */
const PASS_MS = 60_000;
/** Days older than this are not changed by new faces, except late ones. */
const RECENT_MS = 2 * 3_600_000;
/** New faces are sent with their visit if it can be read in this time, and without it otherwise. */
const WAIT_FOR_NEW_MS = 1_000;
const MAX_DAYS = 400;
/** The folders of days are searched at this interval. */
const FIND_MS = 30_000;

/** The folders of days as they were at a time: all of them, and nothing where keys contain no time. */
interface FoundDays {
  readonly atMs: number;
  readonly days: Promise<Days | undefined>;
  readonly timed: Promise<Days | undefined>;
}

/** Options of {@link FaceIndex}. Tests replace the clocks. */
export interface FaceIndexOptions extends UndatedOptions {
  readonly files?: IndexFiles;
  /** Called for each face that the store no longer has, or has another object instead of. */
  readonly onRemoved?: (face: ListedFace) => void;
  /** Called for a day with more than `max` faces: the oldest ones are not shown. */
  readonly onFullDay?: (day: string, max: number) => void;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
  readonly maxFaces?: number;
  readonly utcMs?: () => number;
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
}

/** The faces of a store by day. */
export class FaceIndex {
  readonly changes = new IndexChanges();
  readonly queue: InfoQueue;
  readonly #dated: DatedFaces;
  readonly #undatedFaces: UndatedFaces;
  readonly #undated: UndatedDay;
  /** By UTC day, such as `2026-01-31`; those used longest ago first. */
  readonly #days = new Map<string, DayFaces>();
  readonly #recent = new SharedWork<void>({ maxConcurrent: 1 });
  #recentKeys = new Map<string, DayFaces>();
  #recentMs = -Infinity;
  #found?: FoundDays;
  /** Whether the last search found days. New ones then show among the new faces. */
  #hasDays = false;
  /** Undated faces that were written earlier are not read: they were not captured later. */
  #undatedFromMs = Infinity;
  readonly #options: FaceIndexOptions & Required<Pick<FaceIndexOptions, "utcMs" | "nowMs" | "delay">>;

  constructor(store: PictureStore, options: FaceIndexOptions) {
    const clocks = { utcMs: Date.now, nowMs: () => performance.now(), delay };
    this.#options = { ...clocks, ...options };
    this.#dated = new DatedFaces(store, this.#options);
    const known = (key: string) => this.undated.set.get(key);
    this.#undatedFaces = new UndatedFaces(store, { ...options, known }, this.#options);
    this.#undated = new UndatedDay(this.#undatedFaces, this.#common());
    this.queue = new InfoQueue(store, {
      onInfo: (face, info) => this.learn(face, info),
      onUnreadable: (face) => this.learn(face, {}, { isKept: false }),
      onMissing: (face) => this.#dayOf(face.key).remove(face.key),
      next: () => this.#nextUnread(),
      signal: options.signal,
    });
  }

  /** The undated faces, which belong to every range. */
  get undated(): DayFaces {
    return this.#undated.day;
  }

  /**
   * Opens the UTC days of a range, newest first. Their passes run; new faces of the last hour, and undated ones, are there
   * when it resolves. Throws when the store does not answer.
   */
  async open(range: Range): Promise<readonly DayFaces[]> {
    this.#undatedFromMs = Math.min(this.#undatedFromMs, range.from);
    const days = utcDays(range).map((name) => this.#openDay(name));
    const isNew = days.map((day) => day.refresh()).every(Boolean);
    const { freshMs, nowMs, utcMs } = this.#options;
    const mayChange = !isNew && range.to > utcMs() - RECENT_MS && nowMs() - this.#recentMs > freshMs;
    await Promise.all([this.refreshUndated(), mayChange ? this.#refreshRecent() : undefined]);
    this.#shrink(new Set(days));
    return days;
  }

  /** Looks for new faces, and for removed ones, while pages are open. Throws when the store does not answer. */
  async poll(): Promise<void> {
    await Promise.all([this.refreshUndated(), this.#refreshRecent()]);
    for (const day of [...this.#days.values()].slice(-MAX_WATCHED)) day.refresh();
    using deadline = this.deadline(WAIT_FOR_NEW_MS);
    await deadline.wait(this.queue.read(this.changes.unread()));
    this.queue.wake();
  }

  /** A monotonic time in milliseconds. */
  nowMs(): number {
    return this.#options.nowMs();
  }

  /** A limit of the time that a page waits. */
  deadline(limitMs: number): Deadline {
    return new Deadline(limitMs, this.#options.delay);
  }

  /** The face of a key, if an open day has it. */
  find(key: string): { face: SetFace; day: DayFaces } | undefined {
    const day = this.#dayOf(key);
    const face = day.set.get(key);
    return face && { face, day };
  }

  /** Takes the info of a face that was read, unless it is known; open pages get it with the next changes. */
  learn(face: SetFace, info: FaceInfo, { isKept = true } = {}): void {
    const day = this.#dayOf(face.key);
    if (day.set.get(face.key) !== face || isDeepStrictEqual(face.info, info)) return;
    day.learn(face, info, { isKept });
    if (face.isAwaited) this.changes.changed(face, day);
    else this.changes.counted(face);
    face.isAwaited = false;
  }

  /** Removes faces that were deleted. */
  remove(keys: Iterable<string>): void {
    const days = new Set<DayFaces>();
    for (const key of keys) {
      days.add(this.#dayOf(key));
      this.#dayOf(key).remove(key);
      this.changes.removed(key); // Also one of a day that is not open any more.
      this.#recentKeys.delete(key);
    }
    // What was deleted leaves the disk as well.
    for (const day of days) {
      if (day.isListed) void this.#options.files?.rewrite(day.name, day.set.faces());
    }
  }

  /** The visit with this id in the days next to each other: its faces before and after midnight belong together. */
  groupsOf(id: string): FaceGroup[] {
    const days = [...this.#days.values(), this.undated];
    return days.map(({ set }) => set.group(id)).filter((group) => group !== undefined);
  }

  /** The number of faces in a range; null where it is about a thousand or more and the days are not open. */
  async count(range: Range): Promise<number | null> {
    const days = utcDays(range).map((name) => this.#days.get(name));
    const isOpen = days.every((day) => day?.isListed);
    const inSet = (day: DayFaces) =>
      Array.from(day.set.faces()).filter(({ ms }) => ms >= range.from && ms < range.to);
    const undated = inSet(this.undated).length;
    if (isOpen) return undated + days.reduce((sum, day) => sum + inSet(day!).length, 0);
    const dated = await this.findDays() ? await this.#dated.count(range, this.#options) : 0;
    return dated === undefined ? null : undated + dated;
  }

  /** The folders of days whose keys contain the time, found at most once in freshMs. */
  findDays(): Promise<Days | undefined> {
    return this.#find().timed;
  }

  #find(): FoundDays {
    const { freshMs, nowMs, signal } = this.#options;
    if (!this.#found || nowMs() - this.#found.atMs > (this.#hasDays ? Math.max(freshMs, FIND_MS) : freshMs)) {
      const days = this.#dated.find({ signal });
      const timed = days.then((days) => this.#dated.timed(days, { signal }));
      this.#found = { atMs: nowMs(), days, timed };
      timed.then((days) => this.#hasDays = days !== undefined, () => this.#found = undefined);
    }
    return this.#found;
  }

  #dayOf(key: string): DayFaces {
    const day = this.#days.get(dayOfKey(key));
    return day?.set.get(key) ? day : this.undated;
  }

  #openDay(name: string): DayFaces {
    const day = this.#days.get(name) ?? new DayFaces({
      ...this.#common(),
      name,
      list: (options) => this.#listDay(name, options),
      passMs: PASS_MS,
      times: { msOf: KEY_TIMES, earliestMs: () => startMs(`${name}/`) },
    });
    this.#days.delete(name);
    this.#days.set(name, day);
    return day;
  }

  #common(): CommonDayOptions {
    return {
      index: this.#options.files,
      nowMs: this.#options.nowMs,
      onAdded: (face, day, isNews) => isNews ? this.changes.changed(face, day) : this.changes.counted(face),
      onRemoved: (face) => {
        this.changes.lost(face);
        this.#options.onRemoved?.(face);
      },
      onFull: this.#options.onFullDay,
    };
  }

  async *#listDay(
    name: string,
    { newestFirst }: { newestFirst: boolean },
  ): AsyncIterable<readonly ListedFace[]> {
    const days = await this.#find().days; // Whether keys contain the time shows in the listing.
    if (!days) return;
    const { signal } = this.#options;
    yield* newestFirst
      ? this.#dated.ofDay(`${name}/`, { newest: days.newest, signal })
      : this.#dated.inOrder(`${name}/`, { signal });
  }

  /** Looks for undated faces, if the last listing of them is old. */
  async refreshUndated(): Promise<void> {
    await this.#undated.refresh(await this.findDays(), this.#options);
  }

  /** Stops the listing of undated faces while a page waits for dated ones. */
  pauseUndated(): () => void {
    return this.#undatedFaces.pause();
  }

  #refreshRecent(): Promise<void> {
    return this.#recent.do("", async () => {
      const { nowMs, utcMs, signal } = this.#options;
      const startedMs = nowMs();
      const days = await this.findDays();
      const faces = days ? await this.#dated.recent(days, { beforeMs: utcMs() + 2 * DAY_MS, signal }) : [];
      if (days && faces.some(({ key }) => key > days.range[1])) this.#found = undefined; // A new day.
      const isFirst = this.#recentMs === -Infinity;
      this.#recentMs = startedMs;
      const before = this.#recentKeys;
      this.#recentKeys = new Map();
      let oldest: string | undefined;
      for (const face of faces) {
        const name = dayOfKey(face.key);
        const day = this.#days.get(name) ?? this.#openDay(name);
        day.add(face, { isNews: !isFirst });
        this.#recentKeys.set(face.key, day);
        if (oldest === undefined || face.key < oldest) oldest = face.key;
      }
      // Older keys have left the range of recent faces; they may still be there.
      for (const [key, day] of before) {
        if (oldest !== undefined && key > oldest && !this.#recentKeys.has(key)) day.remove(key);
      }
    });
  }

  #nextUnread(): SetFace | undefined {
    for (const day of [...this.#days.values()].reverse()) {
      const face = day.nextUnread();
      if (face) return face;
    }
    return this.undated.nextUnread({ writtenAfterMs: this.#undatedFromMs });
  }

  /** Forgets the days that were used longest ago, beyond the limit. */
  #shrink(kept: ReadonlySet<DayFaces>): void {
    const { maxFaces = MAX_FACES } = this.#options;
    let others = 0;
    for (const day of this.#days.values()) if (!kept.has(day)) others += day.set.size;
    for (const [name, day] of this.#days) {
      if (others <= maxFaces && this.#days.size <= MAX_DAYS) return;
      if (kept.has(day)) continue;
      this.#days.delete(name);
      others -= day.set.size;
    }
  }
}
