/// <reference lib="deno.worker" />
/** The inside of a search thread: starts an engine, then searches the planes that the pool sends. */
import { ConfigError, messageOf } from "../errors.ts";
import type { Area, SearchPlane } from "../image/frame.ts";
import type { Detection, Search } from "./engine.ts";
import { type EngineName, loadEngine } from "./engines.ts";

/** A task of a thread. The memory of a plane is shared with the pool and does not change before the answer. */
export type ThreadTask =
  | { readonly kind: "start"; readonly engine: EngineName; readonly options: unknown }
  | { readonly kind: "detect"; readonly plane: SearchPlane; readonly area: Area }
  /** Search parts of a plane until none is left; `next[0]`, shared by all threads, is the next part. */
  | { readonly kind: "share"; readonly plane: SearchPlane; readonly next: Int32Array };

/** What a thread found in one part of a plane. */
export interface PartResult {
  readonly part: number;
  readonly found: unknown;
}

/** The answer to each kind of task. */
export interface ThreadAnswers {
  readonly start: undefined;
  readonly detect: Detection[];
  readonly share: PartResult[];
}

/** An answer, or the error of the task. */
export type ThreadAnswer =
  | { readonly kind: "value"; readonly value: ThreadAnswers[keyof ThreadAnswers] }
  | { readonly kind: "error"; readonly message: string; readonly hint?: string; readonly isConfig: boolean };

let search: Search | undefined;

async function start({ engine, options }: ThreadTask & { kind: "start" }): Promise<undefined> {
  search = await (await loadEngine(engine)).start(options);
}

function share({ plane, next }: ThreadTask & { kind: "share" }): PartResult[] {
  const parts = search!.parts!;
  const count = parts.load(plane);
  const results: PartResult[] = [];
  for (let part; (part = Atomics.add(next, 0, 1)) < count;) results.push({ part, found: parts.search(part) });
  return results;
}

async function answer(task: ThreadTask): Promise<ThreadAnswers[keyof ThreadAnswers]> {
  switch (task.kind) {
    case "start":
      return await start(task);
    case "detect":
      return search!.detect(task.plane, task.area);
    case "share":
      return share(task);
  }
}

self.onmessage = async ({ data }: MessageEvent<ThreadTask>) => {
  try {
    self.postMessage({ kind: "value", value: await answer(data) });
  } catch (error) {
    const isConfig = error instanceof ConfigError;
    self.postMessage({
      kind: "error",
      message: messageOf(error),
      isConfig,
      ...(isConfig && { hint: error.hint }),
    });
  }
};
