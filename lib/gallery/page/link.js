/** Copies a link to a face. */
import { shareFace } from "./api.js";
import { copy } from "./facts.js";
import { toast } from "./notices.js";
import { minuteText, shortDayText } from "./words.js";

/** How long a link works. */
export const LINK_HOURS = 24;
const DAY_MS = 86_400_000;

/**
 * Copies a link that shows one face to everybody for LINK_HOURS; where the gallery makes none, the address of the page.
 * @param {string} key
 * @param {{ canShare: boolean }} options
 */
export async function copyLink(key, { canShare }) {
  try {
    const link = canShare ? await shareFace(key, LINK_HOURS) : { url: location.href, expires: null };
    const url = new URL(link.url, location.href).href;
    const until = link.expires === null ? "" : ` It opens this one face until ${expiry(link.expires)}.`;
    if (await copy(url)) toast(`Link copied.${until}`);
    else prompt("Copy this link:", url);
  } catch (error) {
    toast(`No link: ${/** @type {Error} */ (error).message}`, { isWrong: true });
  }
}

function expiry(/** @type {number} */ ms) {
  const isTomorrow = new Date(Date.now() + DAY_MS).toDateString() === new Date(ms).toDateString();
  return `${isTomorrow ? "tomorrow" : shortDayText(ms)}, ${minuteText(ms)}`;
}
