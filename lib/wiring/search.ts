/** The search of a detector: its camera, its detection, and the frames with what was found in them. */
import type { Camera } from "../camera/camera.ts";
import { Demand } from "../camera/demand.ts";
import { type MainSource, withMainPictures } from "../camera/main_pictures.ts";
import type { Detection } from "../detection/engine.ts";
import { detectFrames, type SearchedFrame } from "../detection/frame_pipeline.ts";
import type { Filter } from "../detection/outcome.ts";
import type { ScaledDetector } from "../detection/scaled_detector.ts";
import { FatalError } from "../errors.ts";
import type { Component, Health } from "../health/health.ts";
import { counter, gauge, histogram } from "../health/metric.ts";
import type { Metrics } from "../health/metrics.ts";
import { equalise } from "../image/equalise.ts";
import {
  type Frame,
  FRAME_LIMIT,
  MAX_FRAME_PIXELS,
  MAX_FRAME_WIDTH,
  reductionOf,
  type Size,
  wholeSize,
} from "../image/frame.ts";
import type { Log } from "../log.ts";
import type { Values } from "../settings/declare.ts";
import { openSource, type SOURCE_SETTINGS } from "./camera.ts";
import { type DETECTION_SETTINGS, searchArea, startDetection, type StartedDetection } from "./detection.ts";
import { countUnsent, DETECTION_METRIC } from "./outcome_metrics.ts";
import { filteredBy, type SELECTION_SETTINGS } from "./selection.ts";
import { inWhole } from "./whole_boxes.ts";

/** The settings of a search. */
export type SearchSettings = Values<
  typeof SOURCE_SETTINGS & typeof DETECTION_SETTINGS & typeof SELECTION_SETTINGS
>;

/** What is searched, and what searches it. Disposal ends the detection threads. */
export interface Search extends AsyncDisposable {
  readonly camera: Camera;
  readonly detection: StartedDetection;
}

/** What a search counts. */
export const SEARCH_METRICS = {
  frames: counter("haarlem_frames_total", {
    help: "frames that were processed: searched, or found to have no motion",
    field: "frames",
  }),
  skipped: counter("haarlem_frames_skipped_total", {
    help: "frames that a newer one replaced while all search threads, or the decoder, were busy",
    field: "skipped",
  }),
  undecoded: counter("haarlem_frames_undecoded_total", {
    help: "frames that were left undecoded because nothing moved (--idle-rate)",
    field: "undecoded",
    omitsZero: true,
  }),
  searched: counter("haarlem_frames_searched_total", {
    help: "frames of which at least a part was searched; frames without motion are not",
    field: "searched",
  }),
  search: histogram("haarlem_search_duration_seconds", {
    help: "duration of the search of one frame",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  }),
  detections: DETECTION_METRIC,
  cameraAge: gauge("haarlem_camera_frame_age_seconds", { help: "time since the last frame was processed" }),
};

/** Frames that the camera gave, without skipped ones; for its rate. */
export function framesGiven(metrics: Pick<Metrics, "value">): number {
  const { frames, undecoded } = SEARCH_METRICS;
  return (metrics.value(frames) ?? 0) + (metrics.value(undecoded) ?? 0);
}

/** The live counters of a search. */
export type SearchMetrics = ReturnType<typeof addSearchMetrics>;

/** Adds the metrics of a search; a searched frame is the sign of life of the camera's component. */
export function addSearchMetrics({ metrics }: Health, camera: Component) {
  return metrics.add(SEARCH_METRICS, { cameraAge: () => camera.ageSeconds });
}

/**
 * Opens the camera and starts detection. Throws what they throw.
 * @param options.main the main stream of the camera whose sub stream is searched
 */
export async function openSearch(
  settings: SearchSettings,
  { log, component, main }: {
    readonly log: Log;
    readonly component: Component;
    readonly main?: MainSource;
  },
): Promise<Search> {
  const opened = await openSource(settings, log, component);
  const camera = main ? withMainPictures(opened, main) : opened;
  const detection = await startDetection(settings, camera);
  return { camera, detection, [Symbol.asyncDispose]: () => detection.detector[Symbol.asyncDispose]() };
}

/** A frame, and what the search found in it; boxes are in pixels of the frame, which may be smaller than the picture. */
export interface SelectableFrame extends SearchedFrame {
  /** The detections that pass the filters. */
  readonly detections: readonly Detection[];
  /** The others, each with its filter. */
  readonly filtered: readonly { readonly box: Detection; readonly reason: Filter }[];
}

/** Searches the frames of the camera until the input ends or the signal is aborted. Throws as `searchable` does. */
export async function* searchFrames(
  { camera, detection }: Search,
  settings: SearchSettings,
  { signal, log, metrics, isWatched }: {
    readonly signal: AbortSignal;
    readonly log: Log;
    readonly metrics: SearchMetrics;
    /** Whether somebody looks at the camera's picture, and so needs every frame. */
    readonly isWatched?: () => boolean;
  },
): AsyncGenerator<SelectableFrame> {
  const demand = new Demand({
    reduction: detection.detector.reduction,
    maxIntervalMs: settings.fullSearch > 0 ? settings.fullSearch * 1000 : Infinity,
    isWatched,
    onLeftOut: (why) => (why === "quiet" ? metrics.undecoded : metrics.skipped).add(),
  });
  const frames = searchable(camera.frames({ signal, demand }), {
    ...camera,
    smallest: detection.smallest,
    onSkipped: (reason) => log.warn(`skipped a picture: ${reason}`),
  });
  const results = detectFrames(scaledFor(detection.detector, frames), detection.detector, {
    live: camera.live,
    area: searchArea(settings, camera),
    onSkipped: () => metrics.skipped.add(),
    onNeed: (need) => demand.set(need),
    prepare: settings.equalise ? equalise : undefined,
  });
  let isFirst = true;
  for await (const result of results) {
    const { frame, searched, searchMs } = result;
    metrics.frames.add();
    if (isFirst) {
      isFirst = false;
      const searched = frame.whole ? { searched: sizeText(frame) } : {};
      log.info("first frame", { source: camera.name, size: sizeText(wholeSize(frame)), ...searched });
    }
    if (searched !== "none") {
      metrics.searched.add();
      metrics.search.observe(searchMs / 1000);
    }
    const sorted = filter(result, settings);
    for (const { box, reason } of sorted.filtered) {
      countUnsent(reason, inWhole(box, frame), { ...metrics, log });
    }
    yield { ...result, ...sorted };
  }
}

/** Separates the detections that pass the filters from the others. */
function filter(
  { boxes, frame }: SearchedFrame,
  settings: SearchSettings,
): Pick<SelectableFrame, "detections" | "filtered"> {
  const detections: Detection[] = [];
  const filtered: { box: Detection; reason: Filter }[] = [];
  for (const box of boxes) {
    const reason = filteredBy(inWhole(box, frame), settings);
    if (reason) filtered.push({ box, reason });
    else detections.push(box);
  }
  return { detections, filtered };
}

/** The frames, each after the detector was set to its reduction. */
async function* scaledFor(
  detector: Pick<ScaledDetector, "use">,
  frames: AsyncIterable<Frame>,
): AsyncGenerator<Frame> {
  for await (const frame of frames) {
    await detector.use(reductionOf(frame));
    yield frame;
  }
}

function sizeText({ width, height }: Size): string {
  return `${width}x${height}`;
}

/** The frames are smaller than the smallest face that is searched for. */
export class SmallFramesError extends FatalError {}

/**
 * The frames that are large enough for a face and small enough for the search. Other pictures are skipped, and the first
 * one is reported. Throws a FatalError when every picture is skipped, and at the first such frame of any other input.
 */
export async function* searchable(
  frames: AsyncIterable<Frame>,
  { name, stills, smallest, onSkipped }: {
    readonly name: string;
    readonly stills?: boolean;
    readonly smallest: Size;
    /** Called for the first picture that is skipped. */
    readonly onSkipped: (reason: string) => void;
  },
): AsyncGenerator<Frame> {
  let fault: FatalError | undefined;
  let found = false;
  for await (const frame of frames) {
    const wrong = wrongSize(wholeSize(frame), smallest, { stills });
    if (!wrong) {
      found = true;
      yield frame;
      continue;
    }
    frame.release?.();
    if (fault) continue;
    fault = new (wrong.isSmall ? SmallFramesError : FatalError)(
      `cannot search "${name}": ${wrong.reason}`,
      wrong.hint,
    );
    if (!stills && !found) throw fault;
    onSkipped(wrong.reason);
  }
  if (fault && !found) throw fault;
}

/** Why frames of this size cannot be searched, and the remedy; undefined when they can. */
function wrongSize(
  { width, height }: Size,
  smallest: Size,
  { stills }: { readonly stills?: boolean },
): { readonly reason: string; readonly hint: string; readonly isSmall?: true } | undefined {
  if (width < smallest.width || height < smallest.height) {
    return {
      isSmall: true,
      reason: `${width}x${height} pixels are too small for a face of ` +
        `${smallest.width}x${smallest.height} pixels`,
      hint: "give a larger picture, or set a smaller --min-size",
    };
  }
  if (width * height > MAX_FRAME_PIXELS || width > MAX_FRAME_WIDTH) {
    return {
      reason: `${width}x${height} pixels are too large: the limit is ${FRAME_LIMIT}, ` +
        `and ${MAX_FRAME_WIDTH} pixels per row`,
      hint: stills ? "give a smaller picture" : "set a smaller --size",
    };
  }
  return undefined;
}
