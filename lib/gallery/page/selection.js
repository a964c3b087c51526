/** Selected visits: by tick, Space, Shift and long press; the bar with their actions. */
import { newestFirst } from "./day_model.js";
import { announce, byId, h, icon } from "./dom.js";
import { downloadZip } from "./download.js";
import { toast } from "./notices.js";
import { counted, picturesOf } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */

/** Beyond it nothing more is selected: one request of the zip names all pictures. */
const MAX_PICKED = 1_000;

/** The selection. It keeps the visits themselves, since the page may forget them. */
export class Selection {
  /** @type {Map<string, Visit>} */
  #picked = new Map();
  /** @type {Visit | undefined} the end of a range that stays */
  #anchor;
  isActive = false;
  canDelete = false;

  /**
   * @param {{ neighbour: (visit: Visit, step: number) => Promise<Visit | undefined>, onChange: () => void,
   *   onDelete: (visits: Visit[]) => void }} page neighbour: the next visit of the page, loaded when it must be
   */
  constructor(page) {
    this.page = page;
    byId("select").addEventListener("click", () => this.start());
  }

  get held() {
    return [...this.#picked.values()];
  }

  /** Whether a visit is selected. */
  has(/** @type {string} */ id) {
    return this.#picked.has(id);
  }

  /** Shows the ticks. */
  start() {
    this.isActive = true;
    this.#show();
  }

  /** Selects a visit, or no longer. */
  toggle(/** @type {Visit} */ visit) {
    this.isActive = true;
    this.#anchor = visit;
    if (!this.#picked.delete(visit.id)) this.#pick(visit);
    this.#show();
  }

  /** Selects all visits up to the one that was selected last. Those between them are loaded first. */
  async extend(/** @type {Visit} */ visit) {
    const anchor = this.#anchor;
    if (!anchor || !this.isActive) return this.toggle(visit);
    const step = Math.sign(newestFirst(anchor, visit));
    const range = [visit];
    for (let last = visit; last.id !== anchor.id && range.length <= MAX_PICKED;) {
      const next = await this.page.neighbour(last, step).catch(() => undefined);
      if (!this.isActive || this.#anchor !== anchor) return; // Ended, or begun again.
      if (!next) return toast("The visits between were not loaded: nothing was selected", { isWrong: true });
      if (Math.sign(newestFirst(anchor, next)) * step < 0) break; // The anchor was deleted.
      range.push(last = next);
    }
    const ids = new Set([...this.#picked.keys(), ...range.map(({ id }) => id)]);
    if (ids.size > MAX_PICKED) return refuseMore();
    for (const between of range.reverse()) this.#pick(between);
    this.#show();
  }

  #pick(/** @type {Visit} */ visit) {
    if (this.#picked.size < MAX_PICKED) this.#picked.set(visit.id, visit);
    else if (!this.#picked.has(visit.id)) refuseMore();
  }

  /** A visit changed, or was deleted. */
  replace(/** @type {string} */ id, /** @type {Visit | undefined} */ visit) {
    if (!this.#picked.has(id)) return;
    if (visit) this.#picked.set(id, visit);
    else this.#picked.delete(id);
    this.#show();
  }

  /** Selects nothing. */
  end() {
    if (!this.isActive) return;
    this.isActive = false;
    this.#picked.clear();
    this.#anchor = undefined;
    this.#show();
  }

  #show() {
    document.body.classList.toggle("selecting", this.isActive);
    byId("select").hidden = this.isActive;
    byId("select-keys").hidden = !this.isActive;
    this.#bar();
    this.page.onChange();
  }

  #bar() {
    const place = byId("actions");
    if (!this.isActive) return place.replaceChildren();
    const visits = [...this.#picked.values()];
    const text = [counted(visits.length, "visit"), counted(picturesOf(visits), "picture")];
    const disabled = visits.length === 0;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.id;
    const button = (
      /** @type {Record<string, unknown>} */ attributes,
      /** @type {(Node | string)[]} */ ...content
    ) => h("button", { type: "button", ...attributes }, ...content);
    place.replaceChildren(h(
      "div",
      { class: "actions", role: "toolbar", "aria-label": "Selected visits" },
      h("p", {}, h("b", {}, text[0]), " ", h("span", { class: "quiet" }, text[1])),
      button(
        { id: "zip", class: "button", disabled, onclick: () => downloadZip(visits) },
        icon("zip"),
        h("span", {}, h("span", { class: "desk" }, "Download "), h("span", { class: "zip" }, "zip")),
      ),
      this.canDelete && button(
        { id: "delete", class: "button danger", disabled, onclick: () => this.page.onDelete(visits) },
        icon("bin"),
        "Delete",
      ),
      button({ id: "cancel", class: "button plain", onclick: () => this.end() }, icon("close"), "Cancel"),
    ));
    if (focused && place.querySelector(`#${focused}`)) byId(focused).focus();
    announce(`${text.join(", ")} selected`);
  }
}

function refuseMore() {
  toast("At most 1,000 visits can be selected", { isWrong: true });
}
