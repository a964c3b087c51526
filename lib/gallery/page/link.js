/** Copies a link to a face. */
import { shareFace } from "./api.js";
import { copy } from "./facts.js";
import { toast } from "./notices.js";
import { minuteText, nearDay, shortDayText } from "./words.js";

/** How long a link works. */
export const LINK_HOURS = 24;

/**
 * Copies a link. For LINK_HOURS it shows the face without a login. Where the gallery makes no links, the address of the
 * page is copied.
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
  return `${nearDay(ms) ?? shortDayText(ms)}, ${minuteText(ms)}`;
}
