/** The settings of detection, and the detector that they describe. */
import type { Camera } from "../camera/camera.ts";
import type { EngineConfig, FaceDetector } from "../detection/engine.ts";
import { ENGINES, loadEngine } from "../detection/engines.ts";
import { startPool } from "../detection/pool.ts";
import { MOTION_MODES, SearchArea } from "../detection/search_area.ts";
import { FRONTAL_FACE } from "../haar/shipped_cascade.ts";
import { choice, grouped, number, onOff, text, type Values } from "../settings/declare.ts";

/** Without --threads: one for each core, at most this many. */
const MAX_DEFAULT_THREADS = 4;

/** The settings of the search; the defaults are those of `detectMultiScale(gray, 1.3, 5)`. */
export const DETECTION_SETTINGS = grouped("search", {
  cascade: text({
    help: "cascade file of OpenCV (XML)",
    placeholder: "FILE",
    fallback: FRONTAL_FACE,
  }),
  engine: choice(ENGINES, {
    help: "search with the kernel of Haarlem, or with OpenCV, which is slower",
    details: "Both find the same boxes. OpenCV also runs cascades that the kernel does not support.",
    fallback: "haarlem",
  }),
  scaleFactor: number({
    help: "ratio of the sizes of successive search windows",
    min: 1.01,
    max: 10,
    fraction: true,
    fallback: "1.3",
  }),
  minNeighbors: number({
    help: "minimum number of overlapping hits that make a detection",
    min: 0,
    max: 1000,
    fallback: "5",
  }),
  minSize: number({
    help: "minimum size of a face; 0: the window of the cascade",
    min: 0,
    max: 10000,
    unit: "pixels",
    fallback: "0",
  }),
  maxSize: number({
    help: "maximum size of a face; 0: the size of the frame",
    min: 0,
    max: 10000,
    unit: "pixels",
    fallback: "0",
  }),
  equalise: onOff({
    help: "equalise the brightness before the search, for faces in front of bright light",
    fallback: "off",
  }),
  motion: choice(MOTION_MODES, {
    help: "off: search every frame; frame: frames with motion; region: regions with motion",
    details:
      "The default is region, and off with --faces every. A frame or region in which a face was found is searched again, with or without motion.",
  }),
  fullSearch: number({
    help: "search a whole frame at least at this interval; 0: only the first frame",
    min: 0,
    max: 3600,
    fraction: true,
    unit: "seconds",
    fallback: "1",
  }),
  threads: number({
    help: "maximum number of detection threads; 0: one per core, at most 4",
    details: "The second thread starts when frames keep arriving faster than one thread searches them.",
    min: 0,
    max: 64,
    fallback: "0",
  }),
});

/** A detector, and what its engine says about its search. */
export interface StartedDetection extends Pick<EngineConfig, "metadata" | "smallest"> {
  readonly detector: FaceDetector;
}

/** Starts detection. Frames of a live camera are split over the threads. Throws a ConfigError, see Engine. */
export async function startDetection(
  settings: Values<typeof DETECTION_SETTINGS>,
  { live }: Camera,
): Promise<StartedDetection> {
  const { engine } = settings;
  const { options, ...config } = await (await loadEngine(engine)).configure(settings);
  const threads = settings.threads || Math.min(MAX_DEFAULT_THREADS, navigator.hardwareConcurrency);
  return { detector: await startPool({ engine, options }, { threads, split: live }), ...config };
}

/**
 * Decides what of each frame is searched. Pictures are unrelated, so each is searched whole. So is each frame where
 * every detection is a face, unless --motion was set.
 */
export function searchArea(
  { motion, fullSearch, faces }: Pick<Values<typeof DETECTION_SETTINGS>, "motion" | "fullSearch"> & {
    readonly faces: "best" | "every";
  },
  { stills }: Camera,
): SearchArea {
  const mode = motion ?? (faces === "every" ? "off" : "region");
  return new SearchArea(stills ? "off" : mode, fullSearch * 1000);
}
