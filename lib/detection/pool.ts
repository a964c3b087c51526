/** Detectors in Web Workers, so that capturing never waits for detecting. */
import { asset } from "../assets.ts";
import { ConfigError } from "../errors.ts";
import type { GrayPlane } from "../image/frame.ts";
import type { Detection, DetectionSettings, Engine, FaceDetector } from "./engine.ts";
import { groupCandidates } from "../haar/opencv/grouping.ts";
import type { ThreadAnswer, ThreadAnswers, ThreadTask } from "./pool_thread.ts";
import type { Area } from "./search_area.ts";

/** How the threads share the work. */
export interface PoolOptions {
  /** At most so many; one at first, another one whenever frames have come too fast for a while. None is ended. */
  readonly threads: number;
  readonly engine: Engine;
  /** One frame at a time over all threads, which is soonest ready, instead of a frame for each. Of `haarlem` only. */
  readonly split: boolean;
}

/** So many frames have to wait before a thread is added: the first frames are always slow, … */
const PATIENCE = 8;
/** … and within so many searches: a late frame now and then is no reason. */
const HASTE_SEARCHES = 64;

/**
 * Starts detectors. Throws a ConfigError when the cascade is none, or none that the engine can run: ours also runs
 * compiled ones.
 * Both engines find the same boxes; ours is the default because it is faster, smaller and sooner ready.
 */
export async function startPool(
  cascade: Uint8Array,
  settings: DetectionSettings,
  { threads, engine = "haarlem", split = false }: Partial<PoolOptions> & Pick<PoolOptions, "threads">,
): Promise<Pool> {
  const start = async () => {
    const thread = new Thread();
    try {
      await thread.ask({ kind: "start", engine, cascade, settings });
      return thread;
    } catch (error) {
      thread.end();
      throw error;
    }
  };
  const canSplit = split && engine === "haarlem";
  return new Pool(await start(), start, {
    most: threads,
    split: canSplit,
    minNeighbors: settings.minNeighbors,
  });
}

/** Threads that search. */
export class Pool implements FaceDetector {
  readonly #threads: Thread[];
  /** Memory that the threads see too, for planes; those that nobody searches now. */
  readonly #memories: Uint8Array<SharedArrayBuffer>[] = [];
  /** How many frames had to wait lately, and how many were searched. */
  #haste = 0;
  #searches = 0;
  #isGrowing = false;
  #ended = false;

  constructor(
    first: Thread,
    private readonly start: () => Promise<Thread>,
    private readonly options: {
      readonly most: number;
      readonly split: boolean;
      readonly minNeighbors: number;
    },
  ) {
    this.#threads = [first];
  }

  /** How many run by now. */
  get threads(): number {
    return this.#threads.length;
  }

  get parallel(): number {
    return this.options.split ? 1 : this.#threads.length;
  }

  reportBacklog(): void {
    if (this.#isGrowing || this.#threads.length >= this.options.most || ++this.#haste < PATIENCE) return;
    this.#isGrowing = true;
    this.start().then((thread) => {
      if (this.#ended) return thread.end();
      this.#threads.push(thread);
      this.#isGrowing = false;
      this.#haste = 0;
    }, () => {}); // Those that run go on, and no other one is tried.
  }

  async detect(plane: GrayPlane, where: Area): Promise<Detection[]> {
    if (++this.#searches % HASTE_SEARCHES === 0) this.#haste = 0;
    const memory = this.#memoryOf(plane.gray.length);
    memory.set(plane.gray);
    const shared = { ...plane, gray: memory };
    try {
      if (!this.options.split || where !== "all" || this.#threads.length === 1) {
        const idlest = this.#threads.reduce((best, thread) => thread.waiting < best.waiting ? thread : best);
        return await idlest.ask({ kind: "detect", plane: shared, where });
      }
      // Whoever is free takes the next piece of the search.
      const next = new Int32Array(new SharedArrayBuffer(4));
      const shares = this.#threads.map((thread) => thread.ask({ kind: "share", plane: shared, next }));
      await Promise.allSettled(shares); // Then nobody looks at the plane any more.
      const levels = (await Promise.all(shares)).flat().sort((a, b) => a.level - b.level);
      return groupCandidates(levels.flatMap(({ found }) => found), this.options.minNeighbors, plane);
    } finally {
      this.#memories.push(memory);
    }
  }

  #memoryOf(length: number): Uint8Array<SharedArrayBuffer> {
    const memory = this.#memories.pop();
    return memory?.length === length ? memory : new Uint8Array(new SharedArrayBuffer(length));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    for (const thread of this.#threads) thread.end();
    return Promise.resolve();
  }
}

/** One Web Worker, which answers in the order in which it is asked. */
class Thread {
  readonly #worker = new Worker(asset("lib/detection/pool_thread.ts"), { type: "module" });
  readonly #questions: PromiseWithResolvers<ThreadAnswer>[] = [];
  /** Why it has ended, if it has. */
  #failure: Error | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<ThreadAnswer>) => this.#questions.shift()?.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = new Error(`detection: ${event.message}`);
      for (const question of this.#questions.splice(0)) question.reject(this.#failure);
    };
  }

  /** How many questions are not answered yet. */
  get waiting(): number {
    return this.#questions.length;
  }

  async ask<Kind extends ThreadTask["kind"]>(
    task: ThreadTask & { kind: Kind },
  ): Promise<ThreadAnswers[Kind]> {
    if (this.#failure) throw this.#failure;
    const question = Promise.withResolvers<ThreadAnswer>();
    this.#questions.push(question);
    this.#worker.postMessage(task);
    const answer = await question.promise;
    if (answer.kind === "error") {
      throw answer.usage ? new ConfigError(answer.message, answer.hint) : new Error(answer.message);
    }
    return answer.value as ThreadAnswers[Kind];
  }

  end(): void {
    this.#worker.terminate();
  }
}
