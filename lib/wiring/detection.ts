/** The settings of Haar detection, and the detector they describe. */
import { basename } from "node:path";
import type { Camera } from "../camera/camera.ts";
import { type Engine, ENGINES, type FaceDetector } from "../detection/engine.ts";
import { isCompiled } from "../haar/compile/compiled_cascade.ts";
import { startPool } from "../detection/pool.ts";
import { type ShippedCascade, shippedCascade } from "../haar/shipped_cascade.ts";
import { MOTION_MODES, SearchArea } from "../detection/search_area.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import { choice, number, text, type Values } from "../settings/declare.ts";

const SHIPPED_CASCADE: ShippedCascade = "haarcascade_frontalface_default.xml";
const MAX_DEFAULT_THREADS = 4;

/** How to find faces; the defaults are the homework's. */
export const DETECTION_SETTINGS = {
  cascade: text({
    help: "an OpenCV cascade file",
    placeholder: "FILE",
    fallback: SHIPPED_CASCADE,
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

/**
 * Starts detection; of a live camera a frame is split over the threads. Throws a ConfigError when the cascade file is
 * missing or none.
 */
export async function startDetection(
  settings: Values<typeof DETECTION_SETTINGS>,
  { live }: Camera,
): Promise<FaceDetector> {
  const { cascade, engine, scaleFactor, minNeighbors, minSize, maxSize } = settings;
  if (maxSize > 0 && maxSize < minSize) {
    throw new ConfigError(
      `--max-size ${maxSize} is smaller than --min-size ${minSize}`,
      "set --max-size 0 for no limit",
    );
  }
  const threads = settings.threads || Math.min(MAX_DEFAULT_THREADS, navigator.hardwareConcurrency);
  return await startPool(
    await readCascade(cascade, engine),
    { scaleFactor, minNeighbors, minSize, maxSize },
    {
      threads,
      engine,
      split: live,
    },
  );
}

/** What of each frame is searched. Pictures have nothing to do with one another, so all of them are. */
export function searchArea(
  { motion, fullSearch }: Values<typeof DETECTION_SETTINGS>,
  { stills }: Camera,
): SearchArea {
  return new SearchArea(stills ? "off" : motion, fullSearch * 1000);
}

/** What a face says of the detection that found it. */
export function detectionMetadata(settings: Values<typeof DETECTION_SETTINGS>) {
  const { scaleFactor, minNeighbors, minSize, maxSize } = settings;
  return { cascade: basename(settings.cascade), settings: { scaleFactor, minNeighbors, minSize, maxSize } };
}

async function readCascade(path: string, engine: Engine): Promise<Uint8Array> {
  if (path === SHIPPED_CASCADE) return shippedCascade(path, engine);
  const other = `set --cascade to ${SHIPPED_CASCADE}, or to the path of another XML file`;
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new ConfigError(`cannot read --cascade ${quoted(path)}: ${messageOf(error).split(": ")[0]}`, other);
  });
  if (isCompiled(bytes)) {
    throw new ConfigError(
      `--cascade ${quoted(path)} is compiled, for the release it came with and no other`,
      other,
    );
  }
  return bytes;
}
