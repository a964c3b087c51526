/**
 * The place on the page, as its URL says it: day, cameras, quarter, only new visits, open face. Back, bookmark and
 * sharing work because nothing else holds it.
 *
 * @typedef {object} Place
 * @property {string | null} day the first day shown, `2026-11-26`; null: today
 * @property {readonly string[]} cameras none: all
 * @property {string | null} quarter of an hour, `2026-11-26T48`: the day, and its number in the day from 0
 * @property {number | null} since only visits after this time; LAST_LOOK: after the last look of the browser; null: all
 * @property {string | null} face object key of the open face
 */

/** @returns {Place} */
export function readPlace(search = location.search) {
  const params = new URLSearchParams(search);
  const named = params.get("day");
  const day = named !== null && isDay(named) ? named : null;
  return {
    day,
    cameras: [...new Set(params.getAll("camera"))].filter((name) => name !== "").slice(0, MAX_CAMERAS),
    quarter: readQuarter(params.get("quarter") ?? "", day ?? dayName()),
    since: /^[1-9]\d{0,14}$/.test(params.get("since") ?? "") ? Number(params.get("since")) : null,
    face: params.get("face") || null, // A notification of a face without a known key links to an empty one.
  };
}

/** `since` of a link that names no time, as builds before 2026-11-27 wrote it. */
export const LAST_LOOK = 1;

/** A quarter of a day, as the URL names it. */
export const quarterName = (/** @type {string} */ day, /** @type {number} */ number) => `${day}T${number}`;

/** The quarter in a text. Where it names no day, as in older links, it is of the first day of the page. */
function readQuarter(/** @type {string} */ text, /** @type {string} */ first) {
  const [, day = first, number] = /^(?:(.{10})T)?(\d{1,3})$/.exec(text) ?? [];
  return number !== undefined && isDay(day) ? quarterName(day, Number(number)) : null;
}

/** The number of a quarter in a day; null where it is one of another day. */
export function quarterIn(/** @type {string} */ day, /** @type {string | null} */ quarter) {
  const [name, number] = (quarter ?? "").split("T");
  return name === day ? Number(number) : null;
}

/** Beyond it, a URL selects no more cameras. */
export const MAX_CAMERAS = 50;

/** The query of a place. */
export function writePlace(/** @type {Place} */ { day, cameras, quarter, since, face }) {
  const params = new URLSearchParams();
  if (day !== null) params.set("day", day);
  for (const camera of cameras) params.append("camera", camera);
  if (quarter !== null) params.set("quarter", quarter);
  if (since !== null) params.set("since", String(since));
  if (face !== null) params.set("face", face);
  const text = params.toString();
  return text === "" ? "./" : `./?${text}`;
}

/**
 * Changes the place without loading the page. The same place is no new step for back.
 * @param {Partial<Place>} change
 * @param {{ replace?: boolean, state?: unknown }} [options] replace: back leads to the place before
 */
export function changePlace(change, { replace = false, state = null } = {}) {
  const before = readPlace();
  const url = writePlace({ ...before, ...change });
  if (replace) history.replaceState(state ?? history.state, "", url);
  else if (url !== writePlace(before)) history.pushState(state, "", url);
}

/** A browser that is told to go back too often does not go. */
const BACK_LIMIT_MS = 500;
let left = Promise.resolve();

/** Leaves the face of the URL: back to the entry from which the page opened it, so that back does not open it again. */
export function leaveFace() {
  if (readPlace().face === null) return;
  if (!history.state?.isOpened) return changePlace({ face: null }, { replace: true });
  left = new Promise((resolve) => {
    addEventListener("popstate", () => resolve(), { once: true });
    setTimeout(resolve, BACK_LIMIT_MS);
  });
  history.back();
}

/** Resolves when the face is left. The browser goes back later, and would undo a change that came before. */
export const faceLeft = () => left;

/** The day of a board without a clock. The gallery knows no earlier one. */
export const FIRST_DAY = "1970-01-01";

/** Whether a text is a day of the calendar, from FIRST_DAY on. */
function isDay(/** @type {string} */ text) {
  return /^\d{4}-\d\d-\d\d$/.test(text) && text >= FIRST_DAY && dayName(dayStart(text)) === text;
}

/** The start of a day in the viewer's zone; `days` later. */
export function dayStart(/** @type {string} */ day, days = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + days).getTime();
}

/** The day of a time in the viewer's zone, `2026-11-26`. */
export function dayName(ms = Date.now()) {
  const date = new Date(ms);
  const pad = (/** @type {number} */ value, length = 2) => String(value).padStart(length, "0");
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** @returns {{ from: number, to: number }} the range of a day; 23 or 25 hours long where the clock changes */
export function dayRange(/** @type {string} */ day) {
  return { from: dayStart(day), to: dayStart(day, 1) };
}
