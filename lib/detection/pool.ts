/** Detectors in Web Workers, so that capturing never waits for detecting. */
import { UsageError } from "../errors.ts";
import type { Box } from "../image/frame.ts";
import type { DetectionSettings, Engine, FaceDetector } from "./face_detector.ts";
import type { ThreadAnswer, ThreadTask } from "./pool_thread.ts";

/**
 * Starts `threads` detectors. Throws a UsageError when the cascade is none, or none that the engine can run.
 * Both engines find the same boxes; ours is the default because it is faster, smaller and sooner ready.
 */
export async function startPool(
  cascade: Uint8Array,
  settings: DetectionSettings,
  { threads, engine = "haarlem" }: { threads: number; engine?: Engine },
): Promise<FaceDetector> {
  const started = Array.from({ length: threads }, () => new Thread());
  try {
    await Promise.all(started.map((thread) => thread.ask({ kind: "start", engine, cascade, settings })));
  } catch (error) {
    for (const thread of started) thread.end();
    throw error;
  }
  return new Pool(started);
}

class Pool implements FaceDetector {
  constructor(private readonly threads: readonly Thread[]) {}

  get parallel(): number {
    return this.threads.length;
  }

  async detect(gray: Uint8Array<ArrayBuffer>, width: number, height: number): Promise<Box[]> {
    const idlest = this.threads.reduce((best, thread) => thread.waiting < best.waiting ? thread : best);
    return await idlest.ask({ kind: "detect", gray, width, height }, [gray.buffer]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const thread of this.threads) thread.end();
    return Promise.resolve();
  }
}

/** One Web Worker, which answers in the order in which it is asked. */
class Thread {
  readonly #worker = new Worker(new URL("./pool_thread.ts", import.meta.url), { type: "module" });
  readonly #questions: PromiseWithResolvers<Box[]>[] = [];

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<ThreadAnswer>) => {
      const question = this.#questions.shift();
      if (data.kind === "boxes") question?.resolve(data.boxes);
      else question?.reject(data.usage ? new UsageError(data.message, data.hint) : new Error(data.message));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      for (const question of this.#questions.splice(0)) {
        question.reject(new Error(`detection: ${event.message}`));
      }
    };
  }

  /** How many questions are not answered yet. */
  get waiting(): number {
    return this.#questions.length;
  }

  ask(task: ThreadTask, transfer: Transferable[] = []): Promise<Box[]> {
    const question = Promise.withResolvers<Box[]>();
    this.#questions.push(question);
    this.#worker.postMessage(task, transfer);
    return question.promise;
  }

  end(): void {
    this.#worker.terminate();
  }
}
