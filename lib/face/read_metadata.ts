/** Parses the metadata of a PNG. It is untrusted, and becomes part of names, headers and log lines. */
import type { Box, Point } from "../image/frame.ts";
import type { ClockCorrection, ClockMetadata, FaceMetadata, VisitMetadata } from "./face.ts";
import {
  count,
  fields,
  list,
  number,
  numbers,
  oneOf,
  optional,
  orElse,
  text,
  time,
  truth,
} from "./known_fields.ts";

/** Maximum size of the JSON text; a detector writes less than 2 KiB. */
const MAX_METADATA_BYTES = 16 * 1024;
/** Maximum depth of the JSON; a detector writes 3 levels. */
const MAX_DEPTH = 8;
const MAX_SETTINGS = 64;
const LANDMARKS = 5;
/** Maximum coordinate of a landmark, pixels; a frame has at most 2^17 in a row. */
const MAX_COORDINATE = 1_000_000;

const name = text(/^[\w-]{1,64}$/);
const fileName = text(/^[^\p{Cc}]{0,255}$/u);
const synchronised = oneOf("yes", "no", "unknown");

const box = fields<Box>({ x: number(), y: number(), width: number(), height: number() });

const coordinate = number({ min: -MAX_COORDINATE, max: MAX_COORDINATE });
const landmarks = list(fields<Point>({ x: coordinate, y: coordinate }), { count: LANDMARKS });

const correction = fields<ClockCorrection>({ from: time, byMs: number(), synchronised, exact: truth });

const clockFields = fields<ClockMetadata>({
  synchronised,
  bootId: name,
  monotonicMs: number(),
  corrected: optional(correction),
});

/** A clock with a malformed correction is omitted as a whole, since it would look uncorrected. */
function clock(value: unknown): ClockMetadata | undefined {
  const known = clockFields(value);
  const isWhole = known?.corrected !== undefined || (value as ClockMetadata | null)?.corrected === undefined;
  return isWhole ? known : undefined;
}

const metadata = fields<FaceMetadata>({
  camera: name,
  device: name,
  captured: time,
  clock: optional(clock),
  epoch: name,
  sequence: count,
  box,
  crop: box,
  scale: optional(number()),
  frame: fields({ width: number(), height: number() }),
  score: optional(number()),
  sharpness: optional(number({ min: 0, max: 1 })),
  neighbors: optional(number()),
  weight: optional(number()),
  visit: optional(fields<VisitMetadata>({
    number: count,
    detections: count,
    began: time,
    last: time,
    why: oneOf("first", "still", "best"),
  })),
  detectionScore: optional(number({ min: 0, max: 1 })),
  landmarks: optional(landmarks),
  cascade: optional(fileName),
  model: optional(fileName),
  settings: orElse(numbers({ max: MAX_SETTINGS }), {}),
});

/**
 * The metadata in a JSON text; nothing when a required field is missing or malformed. Unknown fields, and optional fields
 * of another type, are omitted.
 */
export function readMetadata(json: string | undefined): FaceMetadata | undefined {
  if (json === undefined || json.length > MAX_METADATA_BYTES || isDeeperThan(MAX_DEPTH, json)) {
    return undefined;
  }
  try {
    return metadata(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** Whether a JSON text is nested more than `max` deep, found without parsing it. */
function isDeeperThan(max: number, json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[{]|[\]}]/gs)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > max) return true;
  }
  return false;
}
