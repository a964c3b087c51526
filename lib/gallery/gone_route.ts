/**
 * `POST /api/gone`: which of the faces that a page shows the store no longer has. A page asks after a gap of its events,
 * and learns of deletions that no event named.
 */
import { messageOf } from "../errors.ts";
import { json } from "../web/responses.ts";
import { chosenKeys } from "./chosen_keys.ts";
import { DAY_MS, isInDay, startMs } from "./day_folders.ts";
import type { FaceIndex } from "./face_index.ts";
import { type Call, refuse } from "./route.ts";
import { dayOfKey } from "./utc_days.ts";

/** Maximum number of faces in one request. */
const MAX_FACES = 10_000;
const MAX_BODY_BYTES = 16 * 2 ** 20;

/** Of the faces of a request. */
interface GoneFaces {
  /** Keys that the store no longer has. */
  gone: string[];
  /** Whether it has all others; false while the first listing of undated faces runs. */
  complete: boolean;
}

/** Responds with the {@link GoneFaces}, as of the last listing of each day; a later one sends `removed` events. */
export async function goneFaces(call: Call): Promise<Response> {
  const { request, gallery: { health, index, signal } } = call;
  const chosen = await chosenKeys(request, { max: MAX_FACES, maxBytes: MAX_BODY_BYTES });
  if (!("keys" in chosen)) return refuse(call, chosen.status, chosen);
  try {
    return json(await health.during(() => goneOf(index, chosen.keys), { signal }));
  } catch (error) {
    return refuse(call, 503, { error: messageOf(error) });
  }
}

async function goneOf(index: FaceIndex, keys: readonly string[]): Promise<GoneFaces> {
  const result: GoneFaces = { gone: [], complete: true };
  const isDated = await index.findDays() !== undefined;
  // One day after the other: few of them are in memory at the same time.
  for (const [from, ofDay = []] of Map.groupBy(keys, startOfDay)) {
    const [day] = from === undefined ? [] : await index.open({ from, to: from + DAY_MS });
    await day?.listed();
    const isUndated = !day || !isDated;
    if (isUndated) await index.refreshUndated();
    const missing = ofDay.filter((key) => !day?.set.get(key) && !index.undated.set.get(key));
    if (!isUndated || index.undated.isListed) result.gone.push(...missing);
    else if (missing.length > 0) result.complete = false;
  }
  return result;
}

/** The start of the UTC day in whose folder a face lies; undefined for another folder. */
function startOfDay(key: string): number | undefined {
  return isInDay(key) ? startMs(`${dayOfKey(key)}/`) : undefined;
}
