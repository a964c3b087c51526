/** The search of a detector: its camera, its detection, and the frames with what was found in them. */
import type { Camera } from "../camera/camera.ts";
import type { Detection } from "../detection/engine.ts";
import { detectFrames } from "../detection/frame_pipeline.ts";
import { FatalError } from "../errors.ts";
import type { Component } from "../health/health.ts";
import { equalise } from "../image/equalise.ts";
import { type Frame, FRAME_LIMIT, MAX_FRAME_PIXELS, MAX_FRAME_WIDTH, type Size } from "../image/frame.ts";
import type { Log } from "../log.ts";
import type { Values } from "../settings/declare.ts";
import { openSource, type SOURCE_SETTINGS } from "./camera.ts";
import { type DETECTION_SETTINGS, searchArea, startDetection, type StartedDetection } from "./detection.ts";
import { passesFilter, type SELECTION_SETTINGS } from "./selection.ts";

type SearchSettings = Values<typeof SOURCE_SETTINGS & typeof DETECTION_SETTINGS & typeof SELECTION_SETTINGS>;

/** What is searched, and what searches it. Disposal ends the detection threads. */
export interface Search extends AsyncDisposable {
  readonly camera: Camera;
  readonly detection: StartedDetection;
}

/** Counters of a search. */
export interface SearchCount {
  frames: number;
  /** Frames that were replaced by a newer one while all threads were busy. */
  skipped: number;
  /** Frames of which at least a part was searched. */
  searched: number;
  /** Detections that passed the filter. */
  detections: number;
}

/** Opens the camera and starts detection. Throws what they throw. */
export async function openSearch(settings: SearchSettings, log: Log, component: Component): Promise<Search> {
  const camera = await openSource(settings, log, component);
  const detection = await startDetection(settings, camera);
  return { camera, detection, [Symbol.asyncDispose]: () => detection.detector[Symbol.asyncDispose]() };
}

/** Searches the frames of the camera until the input ends or the signal is aborted. Throws as `searchable` does. */
export async function* searchFrames(
  { camera, detection }: Search,
  settings: SearchSettings,
  { signal, log, count }: { signal: AbortSignal; log: Log; count: SearchCount },
): AsyncGenerator<{ frame: Frame; detections: Detection[] }> {
  const frames = searchable(camera.frames({ signal }), {
    ...camera,
    smallest: detection.smallest,
    onSkipped: (reason) => log.warn(`skipped a picture: ${reason}`),
  });
  const results = detectFrames(frames, detection.detector, {
    live: camera.live,
    area: searchArea(settings, camera),
    onSkipped: () => count.skipped++,
    prepare: settings.equalise ? equalise : undefined,
  });
  for await (const { frame, boxes, searched } of results) {
    if (count.frames++ === 0) {
      log.info("first frame", { source: camera.name, size: `${frame.width}x${frame.height}` });
    }
    if (searched !== "none") count.searched++;
    const detections = boxes.filter((box) => passesFilter(box, settings));
    count.detections += detections.length;
    yield { frame, detections };
  }
}

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
    const wrong = wrongSize(frame, smallest, { stills });
    if (!wrong) {
      found = true;
      yield frame;
      continue;
    }
    frame.release?.();
    if (fault) continue;
    fault = new FatalError(`cannot search "${name}": ${wrong.reason}`, wrong.hint);
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
): { readonly reason: string; readonly hint: string } | undefined {
  if (width < smallest.width || height < smallest.height) {
    return {
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
