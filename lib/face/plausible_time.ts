/** Which times of faces are plausible. */

/** No face is older than this software: an earlier time is from a clock that was never set. */
const EARLIEST_MS = Date.parse("2024-01-01T00:00:00Z");
/** Clocks that were set by hand differ by hours. A face further ahead is from a wrong clock. */
const MAX_AHEAD_MS = 24 * 3_600_000;

/**
 * Whether a face can have been taken at this time, RFC 3339 or milliseconds since 1970. With `nowMs`, the time of the
 * caller's clock, a time more than a day ahead of it is implausible, unless that clock was never set itself.
 */
export function isPlausible(time: string | number, { nowMs }: { nowMs?: number } = {}): boolean {
  const ms = new Date(time).getTime();
  const latestMs = nowMs !== undefined && nowMs >= EARLIEST_MS ? nowMs + MAX_AHEAD_MS : Infinity;
  return ms >= EARLIEST_MS && ms <= latestMs;
}
