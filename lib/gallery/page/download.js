/**
 * Downloads. The browser makes them, since a zip is as large as its pictures; but it shows a refusal in place of the page,
 * or saves it as the file. So the page asks first, and says what is wrong.
 */
import { ApiError, checkPicture, checkZip, keysOf } from "./api.js";
import { h } from "./dom.js";
import { toast } from "./notices.js";
import { picturesOf } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */

/** The gallery refuses more in one zip. */
const MAX_ZIPPED = 10_000;

/** A zip of many pictures takes a while to check. */
let isPreparing = false;

/** Downloads the pictures of visits: by a form, which names them all. */
export async function downloadZip(/** @type {readonly Visit[]} */ visits) {
  if (picturesOf(visits) > MAX_ZIPPED) {
    return toast("A zip holds at most 10,000 pictures: select fewer visits", { isWrong: true });
  }
  toast("Preparing the zip …");
  if (isPreparing) return;
  isPreparing = true;
  try {
    const keys = await keysOf(visits);
    await checkZip(keys);
    const fields = keys.map((value) => h("input", { type: "hidden", name: "keys", value }));
    const form = h("form", { method: "post", action: "api/zip?checked", hidden: true }, ...fields);
    document.body.append(form);
    form.submit();
    form.remove();
  } catch (error) {
    refused("No zip", error);
  } finally {
    isPreparing = false;
  }
}

/** Follows a pressed link to the file of a picture. */
export async function downloadPicture(/** @type {MouseEvent} */ event) {
  event.preventDefault();
  const { href, download } = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  try {
    await checkPicture(href);
    h("a", { href, download }).click();
  } catch (error) {
    refused("No download", error);
  }
}

function refused(/** @type {string} */ what, /** @type {unknown} */ error) {
  const { message, hint } = error instanceof ApiError ? error : { message: String(error), hint: undefined };
  toast(`${what}: ${message}${hint ? `. Try: ${hint}` : ""}`, { isWrong: true });
}
