/** No face is older than this software. An earlier time was read from a clock that was never set. */
const EARLIEST_MS = Date.parse("2024-01-01T00:00:00Z");

/** Whether a face can have been taken at this time, RFC 3339 or milliseconds since 1970. */
export function isPossible(time: string | number): boolean {
  return new Date(time).getTime() >= EARLIEST_MS;
}
