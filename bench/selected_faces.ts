/** Passes a clip through the parts of the detector in this process, with the flags of the detector. */
import type { Detection } from "../lib/detection/engine.ts";
import type { SelectedFace } from "../lib/detection/face_selection.ts";
import { detectFrames } from "../lib/detection/frame_pipeline.ts";
import { equalise } from "../lib/image/equalise.ts";
import type { Frame } from "../lib/image/frame.ts";
import { openLog } from "../lib/log.ts";
import { readSettings } from "../lib/settings/read.ts";
import { openSource, SOURCE_SETTINGS } from "../lib/wiring/camera.ts";
import { DETECTION_SETTINGS, searchArea, startDetection } from "../lib/wiring/detection.ts";
import { openSelector, passesFilter, SELECTION_SETTINGS } from "../lib/wiring/selection.ts";

const SETTINGS = { ...SOURCE_SETTINGS, ...DETECTION_SETTINGS, ...SELECTION_SETTINGS };

/** Parses flags as the detector does. Throws a ConfigError for unknown ones. */
export function settingsOf(clip: string, way: string) {
  const args = ["--source", clip, "--once", ...way.split(/\s+/).filter(Boolean)];
  return readSettings("detector", SETTINGS, { args, env: {} });
}

/** A clip as a camera, and a detector, both as these flags describe them. The caller disposes of the detector. */
export async function openDetection(clip: string, way: string) {
  const settings = settingsOf(clip, way);
  const camera = await openSource(settings, openLog("bench", { level: "warning", format: "text" }));
  const { detector } = await startDetection(settings, camera);
  return { settings, camera, detector };
}

/**
 * The faces that the detector selects from a clip with these flags; `capturedMs` is the time in the clip. `onDetections`
 * gets the detections of each frame.
 */
export async function selectedFaces(
  clip: string,
  way: string,
  nth: number,
  onDetections: (frame: Frame, detections: readonly Detection[]) => void = () => {},
): Promise<SelectedFace[]> {
  const { settings, camera, detector } = await openDetection(clip, way);
  await using search = detector;
  const selector = await openSelector(settings, camera);
  const frames = detectFrames(
    everyNth(camera.frames({ signal: new AbortController().signal }), nth),
    search,
    {
      live: camera.live,
      area: searchArea(settings, camera),
      onSkipped: () => {},
      prepare: settings.equalise ? equalise : undefined,
    },
  );
  const faces: SelectedFace[] = [];
  for await (const { frame, boxes } of frames) {
    const counted = boxes.filter((box) => passesFilter(box, settings));
    const timed: Frame = { ...frame, capturedMs: frame.sourceTimeMs };
    faces.push(...selector.update(timed, counted));
    onDetections(frame, counted);
  }
  return [...faces, ...selector.flush()];
}

/** Every nth frame, as a slow board processes them. */
export async function* everyNth(frames: AsyncIterable<Frame>, nth: number): AsyncGenerator<Frame> {
  let number = 0;
  for await (const frame of frames) {
    if (number++ % nth === 0) yield frame;
    else frame.release?.();
  }
}
