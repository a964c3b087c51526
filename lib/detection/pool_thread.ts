/// <reference lib="deno.worker" />
/** The inside of one detection thread: starts a detector, then answers each plane with its boxes. */
import { messageOf, UsageError } from "../errors.ts";
import type { Box } from "../image/frame.ts";
import type { DetectionSettings, Engine } from "./face_detector.ts";
import { HaarDetector } from "./haar/haar_detector.ts";

/** What a thread is asked. */
export type ThreadTask =
  | {
    readonly kind: "start";
    readonly engine: Engine;
    readonly cascade: Uint8Array;
    readonly settings: DetectionSettings;
  }
  | { readonly kind: "detect"; readonly gray: Uint8Array; readonly width: number; readonly height: number };

/** What it answers; `start` is answered with no boxes. */
export type ThreadAnswer =
  | { readonly kind: "boxes"; readonly boxes: Box[] }
  | { readonly kind: "error"; readonly message: string; readonly hint?: string; readonly usage: boolean };

/** What either engine gives: detecting blocks its thread. */
interface ThreadDetector {
  detect(gray: Uint8Array, width: number, height: number): Box[];
}

let detector: ThreadDetector | undefined;

async function start({ engine, cascade, settings }: ThreadTask & { kind: "start" }): Promise<ThreadDetector> {
  if (engine === "haarlem") return new HaarDetector(cascade, settings);
  // OpenCV takes a tenth of a second and 80 MB to load: only for those who ask for it.
  const { OpenCvDetector } = await import("./opencv_detector.ts");
  return new OpenCvDetector(cascade, settings);
}

async function answer(task: ThreadTask): Promise<ThreadAnswer> {
  try {
    if (task.kind === "start") {
      detector = await start(task);
      return { kind: "boxes", boxes: [] };
    }
    return { kind: "boxes", boxes: detector!.detect(task.gray, task.width, task.height) };
  } catch (error) {
    const usage = error instanceof UsageError;
    return { kind: "error", message: messageOf(error), usage, ...(usage && { hint: error.hint }) };
  }
}

self.onmessage = async ({ data }: MessageEvent<ThreadTask>) => self.postMessage(await answer(data));
