/** UTC days by name, such as `2026-01-31`: the days of the index. */
import { DAY_MS } from "./day_folders.ts";
import { keyAt } from "./shown_face.ts";

const DAY_LENGTH = "2026-01-31".length;

/** A range of time in milliseconds since 1970, without its end. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The UTC days of a range, newest first. */
export function utcDays({ from, to }: Range): string[] {
  const days: string[] = [];
  const first = Math.max(0, Math.floor(from / DAY_MS)); // No key has a time before 1970.
  for (let day = Math.ceil(to / DAY_MS) - 1; day >= first; day--) days.push(dayOfKey(keyAt(day * DAY_MS)));
  return days;
}

/** The day of a key that begins with its time. */
export function dayOfKey(key: string): string {
  return key.slice(0, DAY_LENGTH);
}
