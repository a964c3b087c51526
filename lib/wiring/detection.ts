/** The settings of detection, and the detector that they describe. */
import type { Camera } from "../camera/camera.ts";
import type { EngineConfig, FaceDetector } from "../detection/engine.ts";
import { ENGINES, loadEngine } from "../detection/engines.ts";
import { startPool } from "../detection/pool.ts";
import { MOTION_MODES, SearchArea } from "../detection/search_area.ts";
import { FRONTAL_FACE } from "../haar/shipped_cascade.ts";
import { choice, number, text, type Values } from "../settings/declare.ts";

/** Without --threads: one for each core, at most this many. */
const MAX_DEFAULT_THREADS = 4;

/** How to find faces; the defaults are the homework's. */
export const DETECTION_SETTINGS = {
  cascade: text({
    help: "an OpenCV cascade file",
    placeholder: "FILE",
    fallback: FRONTAL_FACE,
  }),
  engine: choice(ENGINES, {
    help:
      "who searches: our own kernel, or OpenCV, which is slower and runs every cascade; the boxes are the same",
    fallback: "haarlem",
  }),
  scaleFactor: number({
    help: "each search window is so much larger than the one before",
    min: 1.01,
    max: 10,
    fraction: true,
    fallback: "1.3",
  }),
  minNeighbors: number({ help: "how many overlapping hits make a face", min: 0, max: 1000, fallback: "5" }),
  minSize: number({
    help: "smaller faces are not searched for; 0: as small as the cascade allows",
    min: 0,
    max: 10000,
    unit: "pixels",
    fallback: "0",
  }),
  maxSize: number({
    help: "larger faces are not searched for; 0: as large as the frame",
    min: 0,
    max: 10000,
    unit: "pixels",
    fallback: "0",
  }),
  motion: choice(MOTION_MODES, {
    help:
      "off: search every frame; frame: only those in which something moved or a face was; region: only where it did",
    fallback: "region",
  }),
  fullSearch: number({
    help: "search the whole frame at least so often; 0: only at first",
    min: 0,
    max: 3600,
    fraction: true,
    unit: "seconds",
    fallback: "1",
  }),
  threads: number({
    help:
      "detection threads at most, more than one once frames keep coming too fast; 0: one per core, at most 4",
    min: 0,
    max: 64,
    fallback: "0",
  }),
};

/** A detector, and what the metadata of its faces says about it. */
export interface StartedDetection {
  readonly detector: FaceDetector;
  readonly metadata: EngineConfig["metadata"];
}

/** Starts detection. Frames of a live camera are split over the threads. Throws a ConfigError, see Engine. */
export async function startDetection(
  settings: Values<typeof DETECTION_SETTINGS>,
  { live }: Camera,
): Promise<StartedDetection> {
  const { engine } = settings;
  const { options, metadata } = await (await loadEngine(engine)).configure(settings);
  const threads = settings.threads || Math.min(MAX_DEFAULT_THREADS, navigator.hardwareConcurrency);
  return { detector: await startPool({ engine, options }, { threads, split: live }), metadata };
}

/** Decides what of each frame is searched. Pictures are unrelated, so each is searched whole. */
export function searchArea(
  { motion, fullSearch }: Values<typeof DETECTION_SETTINGS>,
  { stills }: Camera,
): SearchArea {
  return new SearchArea(stills ? "off" : motion, fullSearch * 1000);
}
