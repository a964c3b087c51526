/**
 * The time zone of the pages: it is between three and four in the afternoon there. So the day of a page began hours ago
 * and ends in hours, whenever a test runs.
 */
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const HOUR = 15;
/** Hours that the clock of the zone is ahead of UTC, from -12 to 11. */
const AHEAD = (HOUR - new Date().getUTCHours() + 36) % 24 - 12;
const AHEAD_MS = AHEAD * 60 * MINUTE_MS;

export const AFTERNOON = `Etc/GMT${AHEAD > 0 ? "-" : "+"}${Math.abs(AHEAD)}`; // the sign counts hours behind

/** The day of a time in the zone, `2026-11-26`. */
export const dayOf = (ms: number): string => new Date(ms + AHEAD_MS).toISOString().slice(0, 10);

/** The quarter of its day that a time lies in. */
export const quarterOf = (ms: number): number => Math.floor((ms + AHEAD_MS) % DAY_MS / (15 * MINUTE_MS));

/** Noon of today in the zone, or of a day before. */
export const noon = (daysAgo: number): number =>
  Date.parse(`${dayOf(Date.now() - daysAgo * DAY_MS)}T12:00:00Z`) - AHEAD_MS;
