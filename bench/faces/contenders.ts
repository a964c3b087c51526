/** What bench:faces compares: detectors with flags, their counts, their CPU time. */
import process from "node:process";
import type { Detection, FaceDetector } from "../../lib/detection/engine.ts";
import type { Box, SearchPlane } from "../../lib/image/frame.ts";
import { overlap } from "../../lib/image/boxes.ts";
import { startDetection } from "../../lib/wiring/detection.ts";
import { passesFilter } from "../../lib/wiring/selection.ts";
import { settingsOf } from "../selected_faces.ts";
import { inFrame } from "./compose.ts";

/** Flags to compare, under the name that the last line of the output uses. */
export interface Preset {
  readonly name: string;
  readonly flags: string;
}

export const PRESETS: readonly Preset[] = [
  { name: "haar", flags: "" },
  { name: "haar_fine", flags: "--scale-factor 1.1 --min-neighbors 3" },
  { name: "yunet", flags: "--engine yunet" },
  { name: "yunet_half", flags: "--engine yunet --input-scale 1/2" },
];

/** Minimum overlap (intersection over union) of a detection and the part of the face in view, as in bench/truth. */
const MIN_OVERLAP = 0.3;

/** How often a contender was right and wrong under one condition. */
export interface Count {
  frames: number;
  found: number;
  /** Detections that show no face. */
  wrong: number;
}

/** A detector with its counts by condition. */
export interface Contender extends Preset {
  readonly detector: FaceDetector;
  readonly passes: (detection: Detection) => boolean;
  readonly counts: Map<string, Count>;
  /** CPU time of each measured frame, milliseconds. */
  readonly cpuMs: number[];
}

/** Starts a detector with one thread. Throws a ConfigError for flags that the detector refuses. */
export async function openContender(preset: Preset): Promise<Contender> {
  const settings = settingsOf("clip", `${preset.flags} --threads 1`);
  const { detector } = await startDetection(
    settings,
    { live: false } as Parameters<typeof startDetection>[1],
  );
  const passes = (detection: Detection) => passesFilter(detection, settings);
  return { ...preset, detector, passes, counts: new Map(), cpuMs: [] };
}

/** Searches a frame and counts under `key`. Without a face every detection is wrong. */
export async function count(
  contender: Contender,
  key: string,
  plane: SearchPlane,
  face?: Box,
): Promise<void> {
  const found = await detect(contender, plane);
  const right = found.filter((box) => face && overlap(inFrame(box), face) >= MIN_OVERLAP);
  const counted = countOf(contender, key);
  counted.frames++;
  if (right.length > 0) counted.found++;
  counted.wrong += found.length - right.length;
}

export function countOf({ counts }: Contender, key: string): Count {
  if (!counts.has(key)) counts.set(key, { frames: 0, found: 0, wrong: 0 });
  return counts.get(key)!;
}

/** Measures the CPU time of this process while a contender searches a frame. Nothing else may run meanwhile. */
export async function measure(contender: Contender, plane: SearchPlane): Promise<void> {
  const before = process.cpuUsage();
  await detect(contender, plane);
  const { user, system } = process.cpuUsage(before);
  contender.cpuMs.push((user + system) / 1000);
}

async function detect({ detector, passes }: Contender, plane: SearchPlane): Promise<Detection[]> {
  // The pipeline hands over chroma only where the engine uses it.
  const { chroma: _, ...gray } = plane;
  return (await detector.detect(detector.usesColour ? plane : gray, "all")).filter(passes);
}
