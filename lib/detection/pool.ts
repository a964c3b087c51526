/** Search threads that share the work, so that capturing never waits for a search. */
import type { Area, SearchPlane } from "../image/frame.ts";
import type { Detection, Engine, FaceDetector } from "./engine.ts";
import { type EngineName, loadEngine } from "./engines.ts";
import { type SearchThread, startSearchThread } from "./search_thread.ts";

/** How the threads share the work. */
export interface PoolOptions {
  /** Maximum number of threads. The pool starts with one, adds one after each backlog, and ends none. */
  readonly threads: number;
  /**
   * Split each frame over all threads instead of searching a frame in each: the shortest time from frame to faces.
   * No effect with an engine that cannot split a frame, and on frames of which only regions are searched.
   */
  readonly split?: boolean;
}

/** A thread is added when this many frames had to wait, since the first frames of a program are always slow. */
const BACKLOG_FRAMES = 8;
/** Frames that had to wait count for this many searches, so that an occasional late frame adds no thread. */
const BACKLOG_SEARCHES = 64;

/**
 * Starts an engine in a first thread. Throws a ConfigError when the engine cannot use the options.
 * @param options as the engine's `configure` made them
 */
export async function startPool(
  { engine, options }: { readonly engine: EngineName; readonly options: unknown },
  { threads, split }: PoolOptions,
): Promise<Pool> {
  const start = () => startSearchThread(engine, options);
  return new Pool(await start(), start, { engine: await loadEngine(engine), options, threads, split });
}

type Join = (parts: readonly unknown[], frame: SearchPlane) => Detection[];

/** Threads that search with one engine. */
export class Pool implements FaceDetector {
  readonly #threads: SearchThread[];
  readonly #start: () => Promise<SearchThread>;
  readonly #maxThreads: number;
  readonly usesColour: boolean;
  /** Detections of a frame that was split over the threads; absent when frames are not split. */
  readonly #join?: Join;
  /** Shared memory for planes that no thread reads now. */
  readonly #spare: SharedArrayBuffer[] = [];
  /** Frames that had to wait, of the last BACKLOG_SEARCHES searches at most. */
  #backlog = 0;
  #searches = 0;
  #growing?: Promise<void>;
  #ended = false;

  constructor(
    first: SearchThread,
    start: () => Promise<SearchThread>,
    { engine, options, threads, split }: PoolOptions & {
      readonly engine: Pick<Engine, "join" | "usesColour">;
      readonly options: unknown;
    },
  ) {
    this.#threads = [first];
    this.#start = start;
    this.#maxThreads = threads;
    this.usesColour = engine.usesColour ?? false;
    if (split && engine.join) this.#join = (parts, frame) => engine.join!(parts, options, frame);
  }

  /** Number of threads that run. */
  get threads(): number {
    return this.#threads.length;
  }

  get parallel(): number {
    return this.#join ? 1 : this.#threads.length;
  }

  reportBacklog(): void {
    if (++this.#backlog >= BACKLOG_FRAMES) this.grow();
  }

  /**
   * Adds a thread, unless the maximum is reached. Resolves when the thread runs. When a thread cannot be started, the
   * pool goes on with those that run and starts no other one.
   */
  grow(): Promise<void> {
    if (this.#threads.length >= this.#maxThreads) return Promise.resolve();
    return this.#growing ??= this.#start().then((thread) => {
      if (this.#ended) return thread.end();
      this.#threads.push(thread);
      this.#growing = undefined;
      this.#backlog = 0;
    }, () => {});
  }

  async detect(plane: SearchPlane, area: Area): Promise<Detection[]> {
    if (++this.#searches % BACKLOG_SEARCHES === 0) this.#backlog = 0;
    const memory = this.#takeMemory(bytesOf(plane));
    const shared = copyInto(memory, plane);
    try {
      if (this.#join && area === "all" && this.#threads.length > 1) {
        return await this.#split(shared, this.#join);
      }
      const idlest = this.#threads.reduce((best, thread) => thread.pending < best.pending ? thread : best);
      return await idlest.detect(shared, area);
    } finally {
      this.#spare.push(memory);
    }
  }

  /** Each thread takes the next part of the plane as soon as it has finished one. */
  async #split(plane: SearchPlane, join: Join): Promise<Detection[]> {
    const next = new Int32Array(new SharedArrayBuffer(4));
    const shares = this.#threads.map((thread) => thread.share(plane, next));
    await Promise.allSettled(shares); // Only then no thread reads the plane any more.
    const parts = (await Promise.all(shares)).flat().sort((a, b) => a.part - b.part);
    return join(parts.map(({ found }) => found), plane);
  }

  #takeMemory(bytes: number): SharedArrayBuffer {
    const memory = this.#spare.pop();
    return memory?.byteLength === bytes ? memory : new SharedArrayBuffer(bytes);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    for (const thread of this.#threads) thread.end();
    return Promise.resolve();
  }
}

function bytesOf({ gray, chroma }: SearchPlane): number {
  return gray.length + (chroma ? chroma.u.length + chroma.v.length : 0);
}

/** A copy of the plane in memory of `bytesOf` it: brightness, then the chroma planes. */
function copyInto(memory: SharedArrayBuffer, { chroma, ...plane }: SearchPlane): SearchPlane {
  let end = 0;
  const copy = (from: Uint8Array) => {
    const to = new Uint8Array(memory, end, from.length);
    to.set(from);
    end += from.length;
    return to;
  };
  const gray = copy(plane.gray);
  if (!chroma) return { ...plane, gray };
  return { ...plane, gray, chroma: { ...chroma, u: copy(chroma.u), v: copy(chroma.v) } };
}
