/** The boxes of each frame of a clip, found in this process, and their comparison. */
import { openCamera } from "../lib/camera/open_camera.ts";
import { detectFrames } from "../lib/detection/frame_pipeline.ts";
import { startPool } from "../lib/detection/pool.ts";
import type { HaarSettings } from "../lib/haar/haar_settings.ts";
import { YUNET_DEFAULTS } from "../lib/yunet/yunet_settings.ts";

/** `x,y,width,height` of each box of a frame, in the order of the detector. */
export type FrameBoxes = readonly string[];

/** The boxes of each frame, found in this process: the faces of the program contain no frame number. */
export async function searchHere(
  clip: string,
  engine: "haar" | "yunet",
  settings: HaarSettings,
  cascade: string,
  size: string | undefined,
): Promise<FrameBoxes[]> {
  const [width, height] = size?.split("x").map(Number) ?? [];
  const camera = await openCamera(clip, {
    ffmpegOptions: [],
    size: size === undefined ? undefined : { width, height },
    realtime: false,
    repeat: false,
    stallMs: 0,
    onChange: () => {},
    onUnreadable: (name, reason) => console.error(`skipped "${name}": ${reason}`),
  });
  const threads = navigator.hardwareConcurrency;
  const options = engine === "haar"
    ? { ...settings, cascade: await Deno.readFile(cascade) }
    : { ...YUNET_DEFAULTS, minSize: settings.minSize, maxSize: settings.maxSize };
  await using pool = await startPool({ engine, options }, { threads });
  const signal = new AbortController().signal;
  const frames = detectFrames(camera.frames({ signal }), pool, { live: false, onSkipped: () => {} });
  return await Array.fromAsync(
    frames,
    ({ boxes }) => boxes.map(({ x, y, width, height }) => String([x, y, width, height])),
  );
}

/** The threads of OpenCV may change the order of the boxes of a frame, never the set. */
export function sameSet(some: FrameBoxes, others: FrameBoxes = ["missing frame"]): boolean {
  return String(some.toSorted()) === String(others.toSorted());
}

/** The same number of boxes, each at most two pixels beside one of the others. */
export function nearlySameSet(some: FrameBoxes, others: FrameBoxes = ["missing frame"]): boolean {
  const numbers = (box: string) => box.split(",").map(Number);
  const isNear = (a: string, b: string) =>
    numbers(a).every((number, at) => Math.abs(number - numbers(b)[at]) <= 2);
  return some.length === others.length && some.every((a) => others.some((b) => isNear(a, b)));
}
