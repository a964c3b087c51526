/** Times, counts and durations in words: numbers and times in the viewer's locale and zone. */

const format = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
  new Intl.DateTimeFormat(undefined, options);
const minuteFormat = format({ hour: "numeric", minute: "2-digit" });
const secondFormat = format({ hour: "numeric", minute: "2-digit", second: "2-digit" });
const hourFormat = format({ hour: "numeric" });
const shortDayFormat = format({ weekday: "short", day: "numeric", month: "short" });
const shortDayOfYearFormat = format({ day: "numeric", month: "short", year: "numeric" });
const dayFormat = format({ weekday: "long", day: "numeric", month: "long" });
const fullDayFormat = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const number = new Intl.NumberFormat();

/** @typedef {(ms: number) => string} TimeText */
/** @type {TimeText} "14:03" */
export const minuteText = (ms) => minuteFormat.format(ms);
/** @type {TimeText} "14:03:11" */
export const secondText = (ms) => secondFormat.format(ms);
/** @type {TimeText} "14", or "2 PM" */
export const hourText = (ms) => hourFormat.format(ms);
const isThisYear = (/** @type {number} */ ms) => new Date(ms).getFullYear() === new Date().getFullYear();
/** @type {TimeText} "Thu 26 Nov"; "26 Nov 2025" of another year */
export const shortDayText = (ms) => (isThisYear(ms) ? shortDayFormat : shortDayOfYearFormat).format(ms);
/** @type {TimeText} "Thursday 26 November"; with the year when it is another one */
export const dayText = (ms) => (isThisYear(ms) ? dayFormat : fullDayFormat).format(ms);
/** @type {TimeText} "Thursday 26 November 2026" */
export const fullDayText = (ms) => fullDayFormat.format(ms);

/** "1 visit", "1,234 visits" */
export function counted(/** @type {number} */ count, /** @type {string} */ one) {
  return `${number.format(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** A number with at most `digits` decimals. */
export function decimal(/** @type {number} */ value, digits = 1) {
  return new Intl.NumberFormat(undefined, { maximumFractionDigits: digits }).format(value);
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** "0.3 s", "12 s", "4 min", "2 h 10 min", "3 days" */
export function durationText(/** @type {number} */ ms) {
  if (ms < 10 * SECOND_MS) return `${decimal(Math.max(0, ms) / SECOND_MS)} s`;
  if (ms < MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms >= 48 * HOUR_MS) return counted(Math.floor(ms / (24 * HOUR_MS)), "day");
  const minutes = Math.floor(ms % HOUR_MS / MINUTE_MS);
  return `${Math.floor(ms / HOUR_MS)} h${minutes > 0 ? ` ${minutes} min` : ""}`;
}

/** "4 min ago" below an hour; the time beyond, with the day when it is another one. */
export function agoText(/** @type {number} */ ms, now = Date.now()) {
  const age = now - ms;
  if (age < HOUR_MS) return `${durationText(age)} ago`;
  return nearDay(ms, now) === "today" ? `at ${minuteText(ms)}` : momentText(ms, now);
}

/** "14:03", with the day when it is another one: "Thu 26 Nov, 14:03". */
export function momentText(/** @type {number} */ ms, now = Date.now()) {
  return nearDay(ms, now) === "today" ? minuteText(ms) : `${shortDayText(ms)}, ${minuteText(ms)}`;
}

/** "today" or "tomorrow"; undefined for another day. */
export function nearDay(/** @type {number} */ ms, now = Date.now()) {
  const day = new Date(ms).toDateString();
  const next = new Date(now);
  if (day === next.toDateString()) return "today";
  next.setDate(next.getDate() + 1); // 23 or 25 hours later where the clock changes.
  return day === next.toDateString() ? "tomorrow" : undefined;
}

/** The number of pictures of some visits. */
export function picturesOf(/** @type {readonly import("./api.js").Visit[]} */ visits) {
  return visits.reduce((sum, { count }) => sum + count, 0);
}

/** "23 kB" */
export function bytesText(/** @type {number} */ bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${decimal(bytes / 1e6)} MB`;
}

/** A visit in one line: "front, Thursday 26 November, 14:03, 52 detections in 3 s, 4 pictures". */
export function visitText(/** @type {import("./api.js").Visit} */ visit, isNew = false) {
  return [
    printable(visit.camera),
    dayText(visit.ms),
    minuteText(visit.ms),
    detectionsText(visit, " in "),
    visit.count > 1 ? counted(visit.count, "picture") : "",
    isNew ? "new" : "",
  ].filter(Boolean).join(", ");
}

/** "52 detections · 3 s", "single face" */
export function detectionsText(/** @type {import("./api.js").Visit} */ visit, joint = " · ") {
  if (visit.detections === null) return "single face";
  const lasted = visit.last - visit.began;
  const seconds = lasted >= MINUTE_MS
    ? durationText(lasted)
    : `${Math.max(1, Math.round(lasted / SECOND_MS))} s`;
  return `${counted(visit.detections, "detection")}${joint}${seconds}`;
}

/** Maximum length of a name of another party. */
const MAX_NAME = 200;

/** Text of another party without invisible characters and those that change the direction of text. */
export function printable(/** @type {string} */ text, max = MAX_NAME) {
  const shown = String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd");
  return shown.length > max ? `${shown.slice(0, max)}…` : shown;
}
