/** What a PNG says under our keyword. Anybody may have written it, and it becomes names, headers and log lines. */
import type { Box } from "../image/frame.ts";
import type { ClockCorrection, ClockMetadata, FaceMetadata, VisitMetadata } from "./face.ts";
import {
  count,
  fields,
  number,
  numbers,
  oneOf,
  optional,
  orElse,
  text,
  time,
  truth,
} from "./known_fields.ts";

/** A longer text is no metadata of ours, which take less than 2 KiB. */
const MAX_FACTS_BYTES = 16 * 1024;
/** Ours are nested 3 deep. */
const MAX_DEPTH = 8;
const MAX_SETTINGS = 64;

const name = text(/^[\w-]{1,64}$/);
const fileName = text(/^[^\p{Cc}]{0,255}$/u);
const synchronised = oneOf("yes", "no", "unknown");

const box = fields<Box>({ x: number(), y: number(), width: number(), height: number() });

const correction = fields<ClockCorrection>({ from: time, byMs: number(), synchronised, exact: truth });

const clockFields = fields<ClockMetadata>({
  synchronised,
  bootId: name,
  monotonicMs: number(),
  corrected: optional(correction),
});

/** What is said of a correction makes no sense alone: all of it is left out when a part of it is wrong. */
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
  neighbors: optional(number()),
  weight: optional(number()),
  visit: optional(fields<VisitMetadata>({
    number: count,
    detections: count,
    began: time,
    last: time,
    why: oneOf("first", "still", "best"),
  })),
  cascade: orElse(fileName, ""),
  settings: orElse(numbers({ max: MAX_SETTINGS }), {}),
});

/**
 * The metadata in a JSON text, or nothing when somebody wrote something else. Fields that this version does not know are
 * left out; so is an optional field of a wrong type.
 */
export function readMetadata(json: string | undefined): FaceMetadata | undefined {
  if (json === undefined || json.length > MAX_FACTS_BYTES || isDeeperThan(MAX_DEPTH, json)) return undefined;
  try {
    return metadata(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** Whether the brackets of a JSON text are nested deeper, found without parsing it. */
function isDeeperThan(max: number, json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[{]|[\]}]/gs)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > max) return true;
  }
  return false;
}
