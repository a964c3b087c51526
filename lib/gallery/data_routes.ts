/**
 * The answers of `/api` about faces, days and visits, as JSON. Parameters are checked here; times are milliseconds since
 * 1970.
 */
import type { FaceMetadata } from "../face/face.ts";
import { messageOf } from "../errors.ts";
import { isFaceKey } from "./face_address.ts";
import { json } from "../web/responses.ts";
import type { Call, Gallery } from "./route.ts";
import { parseCursor, type VisitQuery } from "./visit_queries.ts";

/** No day is longer. */
const MAX_RANGE_MS = 26 * 3_600_000;
const MAX_MS = 8.64e15;
/** East of Greenwich the day of 1970-01-01, the time of a board without a clock, begins before that in UTC. */
const MIN_MS = -MAX_RANGE_MS;
const TIMES = { min: MIN_MS, max: MAX_MS };
const MAX_CAMERAS = 100;
const DEFAULT_VISITS = 60;
const MAX_VISITS = 500;
const DEFAULT_DAYS = 31;
const MAX_DAYS = 100;

/** A parameter is missing or wrong. */
class ParameterError extends Error {
  constructor(name: string, wanted: string) {
    super(`"${name}" should be ${wanted}`);
  }
}

/** `/api/day`: the counts of a day. */
export function dayCounts({ url: { searchParams: parameters }, gallery: parts }: Call): Promise<Response> {
  return answer(parts, async () => {
    const counts = await parts.visits.day(rangeOf(parameters));
    return { store: parts.store.name, ...counts };
  });
}

/** `/api/visits`: a page of visits. */
export function visits({ url: { searchParams: parameters }, gallery: parts }: Call): Promise<Response> {
  return answer(parts, () => {
    const range = rangeOf(parameters);
    const since = optional(parameters, "since", (text) => numberIn(text, "since", TIMES));
    const before = optional(parameters, "before", (text) => {
      const cursor = parseCursor(text);
      if (!cursor) throw new ParameterError("before", `the "next" of a page`);
      return cursor;
    });
    const limit = limitOf(parameters, { fallback: DEFAULT_VISITS, max: MAX_VISITS });
    // Of visits since a time, that time itself was seen.
    const from = since === undefined ? range.from : Math.max(range.from, since + 1);
    return parts.visits.visits({ ...range, from: Math.min(from, range.to) }, { before, limit });
  });
}

/** `/api/days`: days with faces. */
export function days({ url: { searchParams: parameters }, gallery: parts }: Call): Promise<Response> {
  return answer(parts, async () => {
    const before = optional(parameters, "before", (text) => numberIn(text, "before", TIMES));
    const zone = parameters.get("zone") ?? "UTC";
    const limit = limitOf(parameters, { fallback: DEFAULT_DAYS, max: MAX_DAYS });
    try {
      return await parts.days.days({ before: before ?? MAX_MS, limit, zone, signal: parts.signal });
    } catch (error) {
      if (error instanceof RangeError) {
        throw new ParameterError("zone", "an IANA time zone, such as Europe/Berlin");
      }
      throw error;
    }
  });
}

/** `/api/face`: one face, its visit and its metadata. */
export function oneFace({ url: { searchParams: parameters }, gallery: parts }: Call): Promise<Response> {
  return answer(parts, async () => {
    const found = await parts.visits.face(keyOf(parameters), parts);
    return found &&
      { ...found.face, visit: found.visit, facts: found.metadata ? factsOf(found.metadata) : null };
  });
}

/** `/api/visit`: the keys of all pictures of a face's visit. Other answers have at most 50 pictures of a visit. */
export function wholeVisit({ url: { searchParams: parameters }, gallery: parts }: Call): Promise<Response> {
  return answer(parts, async () => {
    const keys = await parts.visits.keys(keyOf(parameters), parts);
    return keys && { keys };
  });
}

/** The metadata of a face, without those of its visit, which the visit has. */
function factsOf({ visit: _, clock, ...metadata }: FaceMetadata) {
  return {
    ...metadata,
    captured: Date.parse(metadata.captured),
    clock: clock ? { synchronised: clock.synchronised, corrected: clock.corrected } : null,
  };
}

/** Responds with the result: 200, or 404 without one; 400 for a wrong parameter; 503 when the store does not answer. */
async function answer(
  { health, index, signal }: Gallery,
  work: () => Promise<object | undefined>,
): Promise<Response> {
  const release = index.queue.hold();
  try {
    const result = await health.during(work, {
      signal,
      isFailure: (error) => !(error instanceof ParameterError),
    });
    return result ? json(result) : json({ error: "face not found" }, 404);
  } catch (error) {
    if (error instanceof ParameterError) return json({ error: error.message }, 400);
    return json({ error: messageOf(error) }, 503);
  } finally {
    release();
  }
}

function keyOf(parameters: URLSearchParams): string {
  const key = parameters.get("key") ?? "";
  if (!isFaceKey(key)) throw new ParameterError("key", "the key of a face");
  return key;
}

function rangeOf(parameters: URLSearchParams): VisitQuery {
  const from = numberIn(parameters.get("from") ?? "", "from", TIMES);
  const to = numberIn(parameters.get("to") ?? "", "to", TIMES);
  if (to <= from || to - from > MAX_RANGE_MS) {
    throw new ParameterError("to", 'later than "from", by at most 26 h');
  }
  const cameras = parameters.getAll("camera");
  if (cameras.length > MAX_CAMERAS) throw new ParameterError("camera", `given at most ${MAX_CAMERAS} times`);
  return { from, to, cameras };
}

function limitOf(parameters: URLSearchParams, { fallback, max }: { fallback: number; max: number }): number {
  return optional(parameters, "limit", (text) => numberIn(text, "limit", { min: 1, max })) ?? fallback;
}

function optional<T>(parameters: URLSearchParams, name: string, read: (text: string) => T): T | undefined {
  const text = parameters.get(name);
  return text === null ? undefined : read(text);
}

function numberIn(text: string, name: string, { min, max }: { min: number; max: number }): number {
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new ParameterError(name, `a whole number from ${min} to ${max}`);
  return value;
}
