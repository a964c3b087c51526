/** A search thread as the pool uses it: a Web Worker that runs pool_thread.ts. */
import { asset } from "../assets.ts";
import { ConfigError, FatalError } from "../errors.ts";
import type { Area, SearchPlane } from "../image/frame.ts";
import type { Detection } from "./engine.ts";
import type { EngineName } from "./engines.ts";
import type { PartResult, ThreadAnswer, ThreadAnswers, ThreadTask } from "./pool_thread.ts";

/** A started thread. It works on its tasks in the order in which it gets them. */
export interface SearchThread {
  /** Tasks without an answer. */
  readonly pending: number;
  /** See Search.detect. */
  detect(plane: SearchPlane, area: Area): Promise<Detection[]>;
  /** Searches parts of a plane until none is left; `next[0]`, shared by all threads, is the next part. */
  share(plane: SearchPlane, next: Int32Array): Promise<PartResult[]>;
  /** Ends the thread at once. Tasks without an answer get none. */
  end(): void;
}

/** Starts a thread with an engine. Throws a ConfigError when the engine cannot use the options. */
export async function startSearchThread(engine: EngineName, options: unknown): Promise<SearchThread> {
  const thread = new WorkerThread();
  try {
    await thread.run({ kind: "start", engine, options });
    return thread;
  } catch (error) {
    thread.end();
    throw error;
  }
}

class WorkerThread implements SearchThread {
  readonly #worker = new Worker(asset("lib/detection/pool_thread.ts"), { type: "module" });
  readonly #pending: PromiseWithResolvers<ThreadAnswer>[] = [];
  /** Why the thread died. */
  #failure: Error | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<ThreadAnswer>) => this.#pending.shift()?.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = searchError(event.message);
      for (const task of this.#pending.splice(0)) task.reject(this.#failure);
    };
  }

  get pending(): number {
    return this.#pending.length;
  }

  detect(plane: SearchPlane, area: Area): Promise<Detection[]> {
    return this.run({ kind: "detect", plane, area });
  }

  share(plane: SearchPlane, next: Int32Array): Promise<PartResult[]> {
    return this.run({ kind: "share", plane, next });
  }

  async run<Kind extends ThreadTask["kind"]>(
    task: ThreadTask & { kind: Kind },
  ): Promise<ThreadAnswers[Kind]> {
    if (this.#failure) throw this.#failure;
    const pending = Promise.withResolvers<ThreadAnswer>();
    this.#pending.push(pending);
    this.#worker.postMessage(task);
    const answer = await pending.promise;
    if (answer.kind === "error") {
      throw answer.isConfig ? new ConfigError(answer.message, answer.hint) : searchError(answer.message);
    }
    return answer.value as ThreadAnswers[Kind];
  }

  end(): void {
    this.#worker.terminate();
  }
}

/** An error that no check excluded, such as a lack of memory in the engine. */
function searchError(message: string): FatalError {
  return new FatalError(
    `cannot search a frame for faces: ${message}`,
    "set a smaller --size or another --engine, and report this error",
  );
}
