/** The settings of detection, and the detector that they describe. */
import type { Camera } from "../camera/camera.ts";
import type { EngineConfig, FaceDetector } from "../detection/engine.ts";
import {
  ENGINES,
  type EngineSetting,
  enginesWith,
  loadEngine,
  unusedSettings,
} from "../detection/engines.ts";
import type { SearchLimits } from "../detection/missed.ts";
import { startPool } from "../detection/pool.ts";
import { ScaledDetector } from "../detection/scaled_detector.ts";
import { MOTION_MODES, SearchArea } from "../detection/search_area.ts";
import { ConfigError } from "../errors.ts";
import type { Reduction } from "../image/frame.ts";
import { HAAR_DEFAULTS } from "../haar/haar_settings.ts";
import { FRONTAL_FACE } from "../haar/shipped_cascade.ts";
import { choice, flagName, grouped, number, onOff, text, type Values } from "../settings/declare.ts";
import { INPUT_SCALES, YUNET_DEFAULTS } from "../yunet/yunet_settings.ts";

/** Without --threads: one for each core, at most this many. */
const MAX_DEFAULT_THREADS = 4;

/** The settings of the search. What only some engines use has no `fallback`: see `checkUnused`. */
export const DETECTION_SETTINGS = grouped("search", {
  engine: choice(ENGINES, {
    help: "haar: a cascade of OpenCV; opencv: the same, by OpenCV; yunet: a neural network",
    details:
      "haar and opencv find the same boxes. opencv is slower, and runs cascades that haar does not support. " +
      "yunet also finds faces that are turned, tilted, masked or dark; it needs no other file.",
    fallback: "haar",
    formerNames: { haarlem: "haar" },
  }),
  cascade: text({
    help: "with a cascade: its file (XML)",
    placeholder: "FILE",
    shownFallback: FRONTAL_FACE,
  }),
  scaleFactor: number({
    help: "with a cascade: ratio of the sizes of successive search windows",
    min: 1.01,
    max: 10,
    fraction: true,
    shownFallback: `${HAAR_DEFAULTS.scaleFactor}`,
  }),
  minNeighbors: number({
    help: "with a cascade: minimum number of overlapping hits that make a detection",
    min: 0,
    max: 1000,
    shownFallback: `${HAAR_DEFAULTS.minNeighbors}`,
  }),
  minScore: number({
    help: "with yunet: minimum score of a detection",
    details:
      "The score is between 0 and 1. A lower minimum finds more faces, and makes more false detections.",
    min: 0.05,
    max: 1,
    fraction: true,
    shownFallback: `${YUNET_DEFAULTS.minScore}`,
  }),
  inputScale: choice(INPUT_SCALES, {
    help: "with yunet: scale of the frames; auto: the smallest that still finds --min-size",
    details: "At 1/2 a search takes a quarter of the time, and finds faces of 48 pixels and more.",
    shownFallback: YUNET_DEFAULTS.inputScale,
  }),
  minSize: number({
    help: "minimum size of a face; 0: the smallest that the engine finds",
    details:
      "A larger minimum is cheaper. From 48 on, frames of a live MJPEG camera are decoded and searched at " +
      "half their size, from 96 on at a quarter (with opencv from 96 and 192 on); faces are cut at full size " +
      "all the same.",
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

/** A detector, and what its engine says about its search, in pixels of the camera's picture. */
export interface StartedDetection extends Pick<EngineConfig, "metadata" | "smallest"> {
  readonly detector: ScaledDetector;
}

/** With the setting of the selection that depends on the engine. */
type CheckedSettings = Values<typeof DETECTION_SETTINGS> & { readonly minWeight?: number };

/** Checks the settings, before a search, and reads the files that they name. Throws a ConfigError, see Engine. */
export async function checkDetection(settings: CheckedSettings): Promise<EngineConfig> {
  checkSizes(settings);
  checkUnused(settings);
  return await (await loadEngine(settings.engine)).configure(settings);
}

/**
 * Starts detection. Frames of a live camera are split over the threads. Throws a ConfigError, see Engine.
 * @param settings with `faces` and `eyes`: those that need pixels of every face get whole frames
 */
export async function startDetection(
  settings: CheckedSettings & { readonly faces?: string; readonly eyes?: boolean },
  { live, mayReduce }: Camera,
): Promise<StartedDetection> {
  const { engine, faces, eyes } = settings;
  const { options, ...config } = await checkDetection(settings);
  const { configure, reduce } = await loadEngine(engine);
  const isReducible = mayReduce && faces !== "every" && !eyes;
  const reduced = isReducible ? await reduce?.(settings) : undefined;
  const threads = settings.threads || Math.min(MAX_DEFAULT_THREADS, navigator.hardwareConcurrency);
  const start = async (reduction: Reduction) => {
    const isSmall = reduced && reduction === reduced.reduction;
    const used = isSmall ? (await configure(reduced.settings)).options : options;
    return await startPool({ engine, options: used }, { threads, split: live });
  };
  return { detector: await ScaledDetector.start(start, reduced?.reduction ?? 1), ...config };
}

/** Of a second look: minimum score of a network, and hits of a cascade that a face has to exceed. */
const WIDE = { minScore: 0.3, minNeighbors: 1 };

/** Starts a detector that finds smaller, larger and less certain faces than the settings ask for, in one thread. */
export async function startWiderDetection(
  settings: Values<typeof DETECTION_SETTINGS>,
): Promise<FaceDetector> {
  const { engine } = settings;
  const { minScore, minNeighbors } = limitsOf(settings);
  const { options } = await (await loadEngine(engine)).configure({
    ...settings,
    minSize: 0,
    maxSize: 0,
    ...minScore !== undefined && { minScore: Math.min(minScore, WIDE.minScore) },
    ...minNeighbors !== undefined && { minNeighbors: Math.min(minNeighbors, WIDE.minNeighbors) },
  });
  return await startPool({ engine, options }, { threads: 1 });
}

/** What the search is limited to. */
export function limitsOf(
  { engine, minSize, maxSize, minScore, minNeighbors }: Values<typeof DETECTION_SETTINGS>,
): SearchLimits {
  const uses = (setting: EngineSetting) => enginesWith(setting).includes(engine);
  return {
    minSize,
    maxSize,
    ...uses("minScore") && { minScore: minScore ?? YUNET_DEFAULTS.minScore },
    ...uses("minNeighbors") && { minNeighbors: minNeighbors ?? HAAR_DEFAULTS.minNeighbors },
  };
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

function checkSizes({ minSize, maxSize }: Values<typeof DETECTION_SETTINGS>): void {
  if (maxSize === 0 || maxSize >= minSize) return;
  throw new ConfigError(
    `--max-size ${maxSize} is smaller than --min-size ${minSize}`,
    "set --max-size 0 for no limit",
  );
}

/** Throws a ConfigError for settings that are given, and that the engine does not use. */
function checkUnused(settings: CheckedSettings): void {
  const { engine } = settings;
  const unused = unusedSettings(engine).filter((name) => settings[name] !== undefined);
  if (unused.length === 0) return;
  const others = new Set(unused.flatMap(enginesWith));
  const flags = unused.map((name) => `--${flagName(name)}`);
  throw new ConfigError(
    flags.map((flag) => `--engine ${engine} does not use ${flag}`).join("\n"),
    `remove ${flags.join(", ")}, or set --engine ${Array.from(others).join(" or ")}`,
  );
}
