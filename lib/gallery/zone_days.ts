/** The begin and the end of days in a time zone. A day has 23 to 25 hours where clocks change, rarely others. */

const MINUTE_MS = 60_000;
/** No day is longer, and no more than this lies between two begins. */
const MAX_DAY_MINUTES = 26 * 60;
/** Maximum number of zones that are kept; each has a formatter of some 10 KB. */
const MAX_ZONES = 16;

const formats = new Map<string, Intl.DateTimeFormat>();

/** A day, in milliseconds since 1970, without its end. */
export interface ZoneDay {
  readonly from: number;
  readonly to: number;
}

/** The day in `zone`, an IANA name, that contains a time. Throws a RangeError for an unknown zone. */
export function dayIn(zone: string, ms: number): ZoneDay {
  const format = formatOf(zone);
  const date = format.format(ms);
  const minute = Math.floor(ms / MINUTE_MS);
  const isSame = (other: number) => format.format(other * MINUTE_MS) === date;
  // Dates ascend with time, so both edges are found by halving.
  const from = edge(minute - MAX_DAY_MINUTES, minute, isSame);
  const to = edge(minute, minute + MAX_DAY_MINUTES, (other) => !isSame(other));
  return { from: from * MINUTE_MS, to: to * MINUTE_MS };
}

/** The first minute after `low`, up to `high`, for which the condition holds; it holds for `high`. */
function edge(low: number, high: number, holds: (minute: number) => boolean): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2); // Minutes of the year 4100 exceed 31 bits.
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  if (formats.size >= MAX_ZONES) formats.clear();
  formats.set(zone, format);
  return format;
}
