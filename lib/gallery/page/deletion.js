/** Deletes visits and pictures, after a question. They leave the page at once, and return when the store refuses. */
import { deleteFaces, keysOf } from "./api.js";
import { ask } from "./ask.js";
import { toast } from "./notices.js";
import { counted, picturesOf } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {import("./api.js").Face} Face */

/**
 * What the page does with them.
 * @typedef {object} Page
 * @property {(keys: readonly string[]) => void} remove
 * @property {(visits: readonly Visit[]) => void} restore
 */

/**
 * Deletes whole visits. Resolves to whether the answer was yes, before the store has answered.
 * @param {readonly Visit[]} visits
 * @param {Page} page
 */
export async function deleteVisits(visits, page) {
  const pictures = counted(picturesOf(visits), "picture");
  const answer = await ask({
    title: `Delete ${counted(visits.length, "visit")} with ${pictures}?`,
    text: "The pictures are removed from the store and from every open page. This cannot be undone.",
    yes: `Delete ${pictures}`,
  });
  if (!answer) return false;
  void deleteWhole(visits, page);
  return true;
}

/**
 * Deletes one picture of a visit, or all of them.
 * @param {Visit} visit
 * @param {Face} face
 * @param {Page} page
 */
export async function deleteFace(visit, face, page) {
  const others = visit.count - 1;
  const kept = others > 0 ? `The visit keeps its ${counted(others, "other picture")}. ` : "";
  const answer = await ask({
    title: "Delete this picture?",
    text: `${kept}The picture is removed from the store and from every open page. This cannot be undone.`,
    yes: "Delete",
    other: others > 0 ? "Delete whole visit" : undefined,
  });
  if (answer === "other") await deleteWhole([visit], page);
  else if (answer) await deleteKeys([face.key], [visit], page);
}

/**
 * @param {readonly Visit[]} visits
 * @param {Page} page
 */
async function deleteWhole(visits, page) {
  page.remove(visits.flatMap(({ faces }) => faces.map(({ key }) => key)));
  try {
    await deleteKeys(await keysOf(visits), visits, page);
  } catch (error) {
    page.restore(visits);
    toast(`Nothing was deleted: ${/** @type {Error} */ (error).message}`, { isWrong: true });
  }
}

/**
 * @param {readonly string[]} keys
 * @param {readonly Visit[]} visits as they were
 * @param {Page} page
 */
async function deleteKeys(keys, visits, page) {
  page.remove(keys);
  const { failed } = await deleteFaces(keys);
  if (failed.length === 0) return toast(`${counted(keys.length, "picture")} deleted`);
  const kept = new Set(failed.map(({ key }) => key));
  page.restore(visits);
  page.remove(keys.filter((key) => !kept.has(key)));
  toast(`${counted(failed.length, "picture")} not deleted: ${failed[0].reason}`, { isWrong: true });
}
