/**
 * What holds visits beside the days of the page: selection, new visits, dialog. They hold visits that the days have
 * forgotten or do not show, so each change reaches them on its own.
 */
import { without } from "./day_model.js";

/** @typedef {import("./api.js").Visit} Visit */

/** Passes changes on. */
export class Holders {
  /**
   * @param {import("./selection.js").Selection} selection
   * @param {import("./news.js").News} news
   * @param {import("./dialog.js").FaceDialog} dialog
   */
  constructor(selection, news, dialog) {
    this.selection = selection;
    this.news = news;
    this.dialog = dialog;
  }

  get held() {
    const { visit } = this.dialog;
    return [...this.selection.held, ...this.news.held, ...visit ? [visit] : []];
  }

  /** A visit came or changed. Its pictures are no longer those of another one. */
  changed(/** @type {Visit} */ visit) {
    const keys = new Set(visit.faces.map(({ key }) => key));
    const isOther = (/** @type {Visit} */ { id }) => id !== visit.id;
    const has = (/** @type {Visit} */ { faces }) => faces.some(({ key }) => keys.has(key));
    // Nothing is selected, and so deleted, that nobody selected: the selection does not take the whole visit.
    this.#reduce(this.selection, keys, isOther);
    this.selection.replace(visit.id, visit);
    if (this.news.held.some((one) => isOther(one) && has(one))) this.news.add([visit]);
    else this.news.replace(visit.id, visit);
    this.#reduce(this.news, keys, isOther);
    const { face, visit: open } = this.dialog;
    if (open && face && (!isOther(open) || keys.has(face.key))) this.dialog.update(visit);
  }

  /** Pictures were deleted. */
  removed(/** @type {ReadonlySet<string>} */ keys) {
    this.#reduce(this.selection, keys);
    this.#reduce(this.news, keys);
    const { visit } = this.dialog;
    if (visit?.faces.some(({ key }) => keys.has(key))) this.dialog.update(without(visit, keys));
  }

  /**
   * Takes pictures from the visits of a holder.
   * @param {{ held: Visit[], replace: (id: string, visit: Visit | undefined) => void }} holder
   * @param {ReadonlySet<string>} keys
   * @param {(visit: Visit) => boolean} matches
   */
  #reduce(holder, keys, matches = () => true) {
    for (const visit of holder.held) {
      const isReduced = matches(visit) && visit.faces.some(({ key }) => keys.has(key));
      if (isReduced) holder.replace(visit.id, without(visit, keys));
    }
  }
}
