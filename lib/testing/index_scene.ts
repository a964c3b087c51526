/** A store and the index of its faces, with a clock that the test moves. For tests. */
import { FaceIndex } from "../gallery/face_index.ts";
import type { IndexFiles } from "../gallery/index_files.ts";
import { VisitQueries } from "../gallery/visit_queries.ts";
import { TestStore } from "./gallery_store.ts";
import { type TestFace, visitFace } from "./visit_faces.ts";

const { signal } = new AbortController();
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const MIDNIGHT = Date.UTC(2026, 0, 31);
/** The time of the clock at the start of a test. */
export const NOON = MIDNIGHT + 12 * HOUR;
/** The day of NOON. */
export const TODAY = { from: MIDNIGHT, to: MIDNIGHT + DAY, cameras: [] };

export const never = () => new Promise<void>(() => {});

/** A store and its index, with a clock that the test moves. */
export class IndexScene {
  readonly store = new TestStore();
  readonly removed: string[] = [];
  nowMs = 0;
  readonly index: FaceIndex;
  readonly queries: VisitQueries;

  constructor(
    { files, delay = never, maxFaces }: {
      files?: IndexFiles;
      delay?: (ms: number) => Promise<void>;
      maxFaces?: number;
    } = {},
  ) {
    this.index = new FaceIndex(this.store, {
      freshMs: 1_000,
      files,
      maxFaces,
      onRemoved: ({ key }) => this.removed.push(key),
      signal,
      utcMs: () => NOON + this.nowMs,
      nowMs: () => this.nowMs,
      delay,
    });
    this.queries = new VisitQueries(this.index, this.store);
  }

  /** Stores a face and returns its key. */
  add(face: TestFace, { key }: { key?: string } = {}): string {
    const made = visitFace(face);
    this.store.objects.set(key ?? made.key, face.ms + 1_000);
    this.store.pictures.set(key ?? made.key, made.bytes);
    return key ?? made.key;
  }

  /** Keys of the faces of each visit of a page. */
  async visits(query = TODAY, limit = 60): Promise<string[][]> {
    const { visits } = await this.queries.visits(query, { limit });
    return visits.map(({ faces }) => faces.map(({ key }) => key));
  }

  /** A poll after two seconds. Returns the keys of changed visits and of removed faces. */
  async poll(): Promise<{ visits: string[][]; removed: readonly string[]; tooMany: boolean }> {
    this.nowMs += 2_000;
    await this.index.poll();
    const { groups, removed, tooMany } = this.index.changes.take();
    return { visits: groups.map(({ faces }) => faces.map(({ key }) => key)), removed, tooMany };
  }
}
