/** The request for visits around a time. For tests. */

const HALF_DAY_MS = 12 * 3_600_000;

/** The path of the visits from half a day before a time to half a day after it; `ms` is since 1970. */
export function visitsPath(ms: number = Date.now()): string {
  return `api/visits?from=${ms - HALF_DAY_MS}&to=${ms + HALF_DAY_MS}`;
}
