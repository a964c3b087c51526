/// <reference lib="deno.worker" />
/** The inside of one detection thread: starts a detector, then searches the planes it is shown. */
import { ConfigError, messageOf } from "../errors.ts";
import type { GrayPlane } from "../image/frame.ts";
import type { Detection, DetectionSettings, Engine } from "./engine.ts";
import type { Candidate } from "../haar/opencv/grouping.ts";
import { HaarDetector } from "../haar/haar_detector.ts";
import type { Area } from "./search_area.ts";

/** What a thread is asked. Planes are shared, not copied: they stay as they are until the answer. */
export type ThreadTask =
  | {
    readonly kind: "start";
    readonly engine: Engine;
    readonly cascade: Uint8Array;
    readonly settings: DetectionSettings;
  }
  | { readonly kind: "detect"; readonly plane: GrayPlane; readonly where: Area }
  /** Search levels of a plane as long as there are any; `next[0]`, which all threads see, is the next one. */
  | { readonly kind: "share"; readonly plane: GrayPlane; readonly next: Int32Array };

/** What each task is answered with. */
export interface ThreadAnswers {
  readonly start: undefined;
  readonly detect: Detection[];
  readonly share: { readonly level: number; readonly found: Candidate[] }[];
}

/** An answer, or why there is none. */
export type ThreadAnswer =
  | { readonly kind: "value"; readonly value: ThreadAnswers[keyof ThreadAnswers] }
  | { readonly kind: "error"; readonly message: string; readonly hint?: string; readonly usage: boolean };

/** What either engine gives: detecting blocks its thread. */
interface ThreadDetector {
  detect(plane: GrayPlane, where: Area): Detection[];
}

let detector: ThreadDetector | undefined;

async function start({ engine, cascade, settings }: ThreadTask & { kind: "start" }): Promise<ThreadDetector> {
  if (engine === "haarlem") return new HaarDetector(cascade, settings);
  // OpenCV takes a tenth of a second and 80 MB to load: only for those who ask for it.
  const { OpenCvDetector } = await import("./opencv_detector.ts");
  return new OpenCvDetector(cascade, settings);
}

function share({ plane, next }: ThreadTask & { kind: "share" }): ThreadAnswers["share"] {
  const haar = detector as HaarDetector; // the only engine that is asked
  const levels = haar.load(plane);
  const searched: ThreadAnswers["share"] = [];
  for (let level; (level = Atomics.add(next, 0, 1)) < levels;) {
    searched.push({ level, found: haar.searchLevel(level) });
  }
  return searched;
}

async function answer(task: ThreadTask): Promise<ThreadAnswers[keyof ThreadAnswers]> {
  if (task.kind === "detect") return detector!.detect(task.plane, task.where);
  if (task.kind === "share") return share(task);
  detector = await start(task);
}

self.onmessage = async ({ data }: MessageEvent<ThreadTask>) => {
  try {
    self.postMessage({ kind: "value", value: await answer(data) });
  } catch (error) {
    const usage = error instanceof ConfigError;
    self.postMessage({ kind: "error", message: messageOf(error), usage, ...(usage && { hint: error.hint }) });
  }
};
