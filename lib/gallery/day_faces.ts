/**
 * The faces of one UTC day, or all undated ones, as listings of the store show them. A pass lists all of them, newest
 * first; a page waits only until the pass has reached the faces that it shows.
 */
import { messageOf } from "../errors.ts";
import type { FaceInfo } from "./face_info.ts";
import { FaceSet, type SetFace, type SetTimes } from "./face_set.ts";
import type { IndexFiles, LoadedLines } from "./index_files.ts";
import type { ListedFace } from "./shown_face.ts";

/** Maximum number of faces of a day; older ones of that day are not shown. */
export const MAX_DAY_FACES = 100_000;
/** Maximum share of the time that is spent on passes. */
const MAX_PASS_SHARE = 0.1;
/** After this many times its interval, a listing is too old to be shown while a pass runs. */
const STALE_FACTOR = 2;

/** Where the faces of a day come from, and who learns of changes. */
export interface DayOptions {
  /** The name of its index file. */
  readonly name: string;
  /** All its faces in parts: newest first, or in any order with fewer requests. */
  readonly list: (options: { newestFirst: boolean }) => AsyncIterable<readonly ListedFace[]>;
  /** Maximum number of faces; older ones are not shown. */
  readonly maxFaces?: number;
  /** Whether the last listing had all of them; by default every listing has. */
  readonly isWhole?: () => boolean;
  readonly times: SetTimes;
  /** Interval of passes while pages ask; 0: whenever they ask. */
  readonly passMs: number;
  readonly index?: IndexFiles;
  readonly nowMs: () => number;
  /** @param isNews whether the face came after a page could have loaded it. */
  readonly onAdded: (face: SetFace, day: DayFaces, isNews: boolean) => void;
  readonly onRemoved: (face: SetFace, day: DayFaces) => void;
  /** Called once when there are more than `maxFaces`. */
  readonly onFull?: (name: string, maxFaces: number) => void;
}

/** The faces of one day. */
export class DayFaces {
  readonly set: FaceSet;
  readonly name: string;
  #pass = 0;
  #running?: Promise<void>;
  #startedMs = -Infinity;
  #tookMs = 0;
  /** Why the last pass has failed. */
  #failure?: Error;
  #reachedMs = Infinity;
  #progress = Promise.withResolvers<void>();
  #lines?: LoadedLines;
  /** Faces without info in the order of their listing, and the next one to read. */
  #unread: SetFace[] = [];
  #nextUnread = 0;
  #isFull = false;

  constructor(private readonly options: DayOptions) {
    this.set = new FaceSet(options.times);
    this.name = options.name;
  }

  /** All faces of this time and later are known. */
  get reachedMs(): number {
    return this.#reachedMs;
  }

  /** Whether all faces are known, as of the last pass. */
  get isListed(): boolean {
    return this.#reachedMs === -Infinity;
  }

  /** Starts a pass unless the last one is fresh. Returns whether it did. */
  refresh(): boolean {
    if (this.#running) return false;
    const { nowMs, passMs } = this.options;
    const ageMs = nowMs() - this.#startedMs;
    const intervalMs = passMs && Math.max(passMs, this.#tookMs / MAX_PASS_SHARE);
    if (ageMs < intervalMs) return false;
    if (passMs > 0 && ageMs > STALE_FACTOR * intervalMs) this.#reachedMs = Infinity;
    this.#startedMs = nowMs();
    this.#failure = undefined;
    this.#running = this.#list().finally(() => this.#running = undefined);
    this.#running.catch(() => {}); // Those who wait get the error; without any, the next refresh tries again.
    return true;
  }

  /** Waits until the running pass has listed more faces. Returns false when none is running. Throws when it fails. */
  async further(): Promise<boolean> {
    if (this.#failure) throw this.#failure;
    if (!this.#running) return false;
    await Promise.race([this.#running, this.#progress.promise]);
    return true;
  }

  /** Waits for the end of the running pass. Throws when it fails. */
  async listed(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#running;
  }

  /** Adds a face that another listing has shown. */
  add(listed: ListedFace, { isNews }: { isNews: boolean }): void {
    const face = this.set.add(listed, this.#pass);
    if (!face) return;
    const info = this.#lines?.infoOf(face);
    if (info) this.set.learn(face, info);
    else this.#unread.push(face);
    this.options.onAdded(face, this, isNews);
  }

  remove(key: string): void {
    const face = this.set.get(key);
    if (!face || !this.set.remove(key)) return;
    this.options.onRemoved(face, this);
  }

  learn(face: SetFace, info: FaceInfo, { isKept = true } = {}): void {
    this.set.learn(face, info);
    if (isKept) this.options.index?.add(this.name, face);
  }

  /** The next face without info that was written after this time; undefined when there is none. */
  nextUnread({ writtenAfterMs = -Infinity } = {}): SetFace | undefined {
    for (; this.#nextUnread < this.#unread.length; this.#nextUnread++) {
      const face = this.#unread[this.#nextUnread];
      if (this.set.get(face.key) !== face || face.info) continue;
      if (face.writtenMs < writtenAfterMs) return undefined;
      this.#nextUnread++;
      return face;
    }
    this.#unread = [];
    this.#nextUnread = 0;
    return undefined;
  }

  async #list(): Promise<void> {
    const { list, index, nowMs, name, isWhole, maxFaces = MAX_DAY_FACES } = this.options;
    const isNews = this.isListed;
    const pass = ++this.#pass;
    const loading = this.set.size === 0 ? index?.load(name) : undefined;
    const newestFirst = !this.isListed || this.set.size >= maxFaces;
    let left = maxFaces;
    let lastMs = Infinity;
    try {
      for await (const faces of list({ newestFirst })) {
        this.#lines ??= await loading;
        if (faces.length > left) this.#reportFull(maxFaces);
        if (left <= 0) break;
        for (const face of faces.slice(0, left)) this.add(face, { isNews });
        lastMs = faces[Math.min(left, faces.length) - 1]?.ms ?? lastMs;
        left -= faces.length;
        if (newestFirst && !this.isListed) this.#reachedMs = lastMs;
        this.#progress.resolve();
        this.#progress = Promise.withResolvers();
      }
      this.#removeUnlisted(pass);
      if (this.#lines?.isMostlyUnused) void index?.rewrite(name, this.set.faces());
      if (isWhole?.() ?? true) this.#reachedMs = -Infinity;
      this.#tookMs = nowMs() - this.#startedMs;
    } catch (error) {
      this.#startedMs = -Infinity;
      this.#failure = error instanceof Error ? error : new Error(messageOf(error));
      throw this.#failure;
    } finally {
      this.#lines = undefined;
    }
  }

  #reportFull(maxFaces: number): void {
    if (!this.#isFull) this.options.onFull?.(this.name, maxFaces);
    this.#isFull = true;
  }

  /** Removes the faces that the pass has not listed: they are gone, or older than the newest `maxFaces`. */
  #removeUnlisted(pass: number): void {
    for (const face of [...this.set.faces()]) if (face.pass < pass) this.remove(face.key);
  }
}
