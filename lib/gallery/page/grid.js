/** The cards of one day as a grid of which only the rows near the window exist: 10,000 visits take some 50 elements. */
import { card, drawLook, skeleton } from "./card.js";
import { h, isPhone } from "./dom.js";

/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {{ isNew: boolean, isPicked: boolean, isArriving: boolean }} Look */

/** Gaps and the smallest card, in pixels, on a phone and elsewhere. */
const PHONE = { gap: 12, rowGap: 18, minCard: 150 };
const DESK = { gap: 16, rowGap: 20, minCard: 180 };
/** Height of a caption until one has been measured. */
const CAPTION_PX = 46;
/** Rows beyond the window that exist as well. */
const SPARE_ROWS = 2;

/** A grid of cards, each found by its index in the day. */
export class Grid {
  element = h("ol", { class: "grid" });
  columns = 1;
  #rowPx = 1;
  #rowGap = 0;
  #captionPx = CAPTION_PX;
  #width = 0;
  /** @type {Map<string, { item: HTMLElement, visit: Visit, look: string }>} */
  #cards = new Map();

  /** @param {(visit: Visit) => Look} lookOf */
  constructor(lookOf) {
    this.lookOf = lookOf;
  }

  /** Fits columns and rows to the width, and the height to `size` cards. */
  fit(/** @type {number} */ size) {
    const width = this.element.clientWidth;
    const caption = this.element.querySelector("li[data-id] .caption")?.clientHeight || this.#captionPx;
    if (width !== this.#width || caption !== this.#captionPx) {
      const { gap, rowGap, minCard } = isPhone() ? PHONE : DESK;
      this.#width = width;
      this.#captionPx = caption;
      this.columns = Math.max(width < 2 * PHONE.minCard ? 1 : 2, Math.floor((width + gap) / (minCard + gap)));
      const card = (width - (this.columns - 1) * gap) / this.columns;
      this.#rowGap = rowGap;
      this.#rowPx = card + caption + rowGap;
      const { style } = this.element;
      style.gap = `${rowGap}px ${gap}px`;
      style.gridTemplateColumns = `repeat(${this.columns}, minmax(0, 1fr))`;
      style.gridAutoRows = `${card + caption}px`;
    }
    const height = Math.max(0, Math.ceil(size / this.columns) * this.#rowPx - this.#rowGap);
    this.element.style.height = `${height}px`;
  }

  /** The distance of a card's upper edge from that of the grid. */
  topOf(/** @type {number} */ index) {
    return Math.floor(index / this.columns) * this.#rowPx;
  }

  /**
   * The indices that are visible between two heights, with spare rows.
   * @param {number} top
   * @param {number} bottom
   * @param {number} size
   */
  range(top, bottom, size) {
    const rows = Math.ceil(size / this.columns);
    const first = Math.max(0, Math.min(rows, Math.floor(top / this.#rowPx) - SPARE_ROWS));
    const last = Math.max(first, Math.min(rows, Math.ceil(bottom / this.#rowPx) + SPARE_ROWS));
    return { start: first * this.columns, end: Math.min(size, last * this.columns) };
  }

  /**
   * Shows the visits from `start` on; undefined ones are not loaded. Cards that stay keep their element and the focus.
   * @param {number} start
   * @param {readonly (Visit | undefined)[]} visits
   * @param {number} size of the day
   */
  show(start, visits, size) {
    this.element.style.paddingTop = `${this.topOf(start)}px`;
    const focused = this.focusedId();
    const items = visits.map((visit) => visit ? this.#item(visit) : skeleton());
    const kept = new Set(items);
    for (const child of [...this.element.children]) if (!kept.has(/** @type {any} */ (child))) child.remove();
    let next = this.element.firstElementChild;
    for (const [offset, item] of items.entries()) {
      item.setAttribute("aria-setsize", String(size));
      item.setAttribute("aria-posinset", String(start + offset + 1));
      if (item === next) next = next.nextElementSibling;
      else this.element.insertBefore(item, next);
    }
    const ids = new Set(visits.map((visit) => visit?.id));
    for (const id of this.#cards.keys()) if (!ids.has(id)) this.#cards.delete(id);
    if (focused !== undefined && this.focusedId() === undefined) this.focus(focused);
  }

  #item(/** @type {Visit} */ visit) {
    const known = this.#cards.get(visit.id);
    const look = this.lookOf(visit);
    const text = `${look.isNew} ${look.isPicked}`;
    const isSame = known && (known.visit === visit || JSON.stringify(known.visit) === JSON.stringify(visit));
    const item = isSame ? known.item : card(visit, look);
    if (isSame && known.look !== text) drawLook(item, visit, look);
    this.#cards.set(visit.id, { item, visit, look: text });
    return item;
  }

  /** The visit whose card has the focus. */
  focusedId() {
    const item = document.activeElement?.closest("li[data-id]");
    if (!item || item.parentElement !== this.element) return undefined;
    return /** @type {HTMLElement} */ (item).dataset.id;
  }

  /** Focuses the card of a visit, when it exists. Returns whether it does. */
  focus(/** @type {string} */ id) {
    const link = this.#cards.get(id)?.item.querySelector("a");
    link?.focus({ preventScroll: true });
    return link !== undefined;
  }

  /** Removes all cards. */
  clear() {
    this.element.replaceChildren();
    this.#cards.clear();
  }
}
