/** No face is older than this software. An earlier time was read from a clock that was never set. */
const EARLIEST_MS = Date.parse("2024-01-01T00:00:00Z");
/** Clocks differ, by an hour or two where somebody set one by hand. A later time was read from a wrong clock. */
const MAX_AHEAD_MS = 24 * 3_600_000;

/**
 * Whether a face can have been taken at this time, RFC 3339 or milliseconds since 1970. With `nowMs`, by the clock of
 * whoever asks, it cannot have been taken a day later than that, unless this clock was never set itself.
 */
export function isPlausible(time: string | number, { nowMs }: { nowMs?: number } = {}): boolean {
  const ms = new Date(time).getTime();
  const latestMs = nowMs !== undefined && nowMs >= EARLIEST_MS ? nowMs + MAX_AHEAD_MS : Infinity;
  return ms >= EARLIEST_MS && ms <= latestMs;
}
