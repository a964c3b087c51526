/// <reference lib="deno.worker" />
/** The inside of one detection thread: starts a detector, then answers each plane with its boxes. */
import { messageOf, UsageError } from "../errors.ts";
import type { Box } from "../image/frame.ts";
import type { DetectionSettings } from "./face_detector.ts";
import { OpenCvDetector } from "./opencv_detector.ts";

/** What a thread is asked. */
export type ThreadTask =
  | { readonly kind: "start"; readonly cascade: Uint8Array; readonly settings: DetectionSettings }
  | { readonly kind: "detect"; readonly gray: Uint8Array; readonly width: number; readonly height: number };

/** What it answers; `start` is answered with no boxes. */
export type ThreadAnswer =
  | { readonly kind: "boxes"; readonly boxes: Box[] }
  | { readonly kind: "error"; readonly message: string; readonly hint?: string; readonly usage: boolean };

let detector: OpenCvDetector | undefined;

function answer(task: ThreadTask): ThreadAnswer {
  try {
    if (task.kind === "start") {
      detector = new OpenCvDetector(task.cascade, task.settings);
      return { kind: "boxes", boxes: [] };
    }
    return { kind: "boxes", boxes: detector!.detect(task.gray, task.width, task.height) };
  } catch (error) {
    const usage = error instanceof UsageError;
    return { kind: "error", message: messageOf(error), usage, ...(usage && { hint: error.hint }) };
  }
}

self.onmessage = ({ data }: MessageEvent<ThreadTask>) => self.postMessage(answer(data));
