/** One day on the page: heading, strip and grid. It loads what is near the window and drops what is far from it. */
import { dayName, dayRange, quarterIn } from "./address.js";
import { getDay, getVisits } from "./api.js";
import { DayModel, PART_VISITS } from "./day_model.js";
import { skeleton } from "./card.js";
import { h } from "./dom.js";
import { Grid } from "./grid.js";
import { Strip } from "./strip.js";
import { counted, dayText, printable, shortDayText } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */

/**
 * What a day asks the page.
 * @typedef {object} Host
 * @property {() => readonly string[]} cameras the selected ones; none: all
 * @property {() => number | null} boundary visits after it are new
 * @property {() => number | null} after only visits after it are shown
 * @property {(visit: Visit) => import("./grid.js").Look} lookOf
 * @property {() => string | null} pressedQuarter
 * @property {(day: DaySection, quarter: number) => void} onJump
 * @property {(error: unknown) => void} onFailure
 * @property {() => void} onChange the height may have changed
 */

/** Height of the window, as a factor, within which a day exists beyond the window. */
const NEAR = 1.5;
/** Loaded visits of a day beyond this are forgotten where they are far from the window. */
const MAX_HELD = 2_000;
const SKELETON_CARDS = 12;

/** A day. */
export class DaySection {
  /** @type {import("./api.js").Day | undefined} the last answer */
  day;
  /** @type {Promise<boolean> | undefined} */
  #loading;
  #isParked = false;
  #isOutdated = false;
  /** Requests for the counts that are not answered yet. */
  #pending = 0;
  /** Whether an event came while visits were asked for. */
  #isDoubtful = false;
  #stopped = new AbortController();
  #when = h("span", { class: "quiet" });
  #sum = h("span", { class: "quiet" });
  #nothing = h("p", { class: "quiet nothing", hidden: true });

  /**
   * @param {{ from: number, to: number }} range
   * @param {Host} host
   */
  constructor(range, host) {
    this.range = range;
    this.host = host;
    this.name = dayName(range.from);
    this.model = new DayModel(range.from, range.to);
    this.strip = new Strip(range, (quarter) => host.onJump(this, quarter));
    this.grid = new Grid(host.lookOf);
    this.title = h("h2", { id: `day-${this.name}` });
    const head = h(
      "div",
      { class: "day-head" },
      this.title,
      this.#when,
      h("span", { class: "grow" }),
      this.#sum,
    );
    this.element = h(
      "section",
      {
        class: "day",
        "aria-labelledby": this.title.id,
        "aria-busy": true,
      },
      head,
      this.strip.element,
      this.#nothing,
      this.grid.element,
    );
    this.strip.element.classList.add("unknown");
    this.grid.element.append(...Array.from({ length: SKELETON_CARDS }, skeleton));
    this.label();
  }

  /** Names the day: a page that stays open passes midnight. */
  label(now = Date.now()) {
    const yesterday = dayName(dayRange(dayName(now)).from - 1);
    const relative = this.name === dayName(now) ? "Today" : this.name === yesterday ? "Yesterday" : "";
    this.title.textContent = relative || dayText(this.range.from);
    this.#when.replaceChildren(
      ...relative
        ? [
          h("span", { class: "desk" }, dayText(this.range.from)),
          h("span", { class: "phone" }, shortDayText(this.range.from)),
        ]
        : [],
    );
  }

  /** Whether the counts are known. */
  get isKnown() {
    return this.day !== undefined;
  }

  /** Whether an answer is still to come. */
  get isAsking() {
    return this.#pending > 0 || this.#loading !== undefined;
  }

  /** Something changed: an answer that is under way may be older. The visits in it are loaded again. */
  doubt() {
    this.#isDoubtful = true;
  }

  /** Visits that the day has and its grid has not: nothing may move. */
  get lacking() {
    if (!this.day) return 0;
    const after = this.host.after();
    // The quarter of the last look has visits before it, which are counted and not shown.
    const first = after === null || after < this.range.from ? 0 : this.model.quarterOf(after) + 1;
    return after !== null && after >= this.range.to ? 0 : this.model.lacking(this.day.quarters, first);
  }

  /** All visits may have changed: they are loaded again with the next counts, once they may move. */
  outdate() {
    this.#isOutdated = true;
  }

  /** Asks for the counts. @param {{ isStill?: boolean }} [options] isStill: only strip and heading, nothing moves */
  async load({ isStill = false } = {}) {
    const { signal } = this.#stopped;
    this.#pending++;
    try {
      const day = await getDay({ ...this.range, cameras: this.host.cameras() }, { signal });
      if (signal.aborted) return;
      const isFirst = !this.isKnown;
      this.day = day;
      if (isFirst || !isStill) this.#take(day);
      this.element.removeAttribute("aria-busy");
      this.strip.element.classList.remove("unknown");
      this.draw();
      this.host.onChange();
    } catch (error) {
      if (!signal.aborted) this.host.onFailure(error);
    } finally {
      this.#pending--;
    }
  }

  #take(/** @type {import("./api.js").Day} */ { quarters }) {
    this.model.setCounts(this.#countsShown(quarters));
    if (this.#isOutdated) this.model.outdate();
    this.#isOutdated = false;
  }

  /** The counts of the grid: none before the last look where only new visits are shown. */
  #countsShown(/** @type {readonly number[]} */ counts) {
    const after = this.host.after();
    if (after === null) return counts;
    if (after >= this.range.to) return [];
    const first = after < this.range.from ? 0 : this.model.quarterOf(after);
    return counts.map((count, quarter) => quarter < first ? 0 : count);
  }

  /** Draws heading and strip. */
  draw() {
    const { day } = this;
    if (!day) return;
    const pictures = h("span", { class: "desk" }, ` · ${counted(day.faces, "picture")}`);
    this.#sum.replaceChildren(counted(day.visits, "visit"), pictures);
    if (!day.complete) this.#sum.append(" · still counting");
    this.strip.update({
      counts: day.quarters,
      boundary: this.host.boundary(),
      now: Date.now(),
      pressed: quarterIn(this.name, this.host.pressedQuarter()),
    });
    const isEmpty = this.model.size === 0;
    this.#nothing.hidden = !isEmpty;
    this.grid.element.hidden = isEmpty;
    if (isEmpty) this.#nothing.textContent = this.#reason(day);
  }

  #reason(/** @type {import("./api.js").Day} */ day) {
    const cameras = this.host.cameras().map((name) => printable(name));
    if (!day.complete && day.visits === 0) {
      return "The gallery reads this day. Its visits appear here one after another.";
    }
    const which = cameras.length > 0 ? ` of ${cameras.join(" and ")}` : "";
    return `No ${this.host.after() === null ? "visits" : "new visits"}${which} on this day.`;
  }

  /** Shows the rows that are in the window or near it. */
  update() {
    const { top, bottom } = this.element.getBoundingClientRect();
    const margin = NEAR * innerHeight;
    if (bottom < -margin || top > innerHeight + margin) return this.#park();
    this.#unpark();
    if (!this.isKnown) return;
    const size = this.model.size;
    this.grid.fit(size);
    const gridTop = this.grid.element.getBoundingClientRect().top;
    const { start, end } = this.grid.range(-gridTop, innerHeight - gridTop, size);
    if (this.model.held > MAX_HELD) this.model.forget(start - PART_VISITS, end + PART_VISITS);
    this.grid.show(start, this.model.slice(start, end), size);
    this.grid.fit(size); // The first card tells the height of a caption.
    void this.ensure(start, end);
  }

  /**
   * Loads the next part of the visits from `start` to `end`. While another part is loaded, it waits for that one.
   * Resolves to whether a part was loaded.
   */
  async ensure(/** @type {number} */ start, /** @type {number} */ end) {
    if (this.#loading) return await this.#loading;
    const part = this.model.missing(start, end);
    if (!part) return false;
    this.#loading = this.#loadPart(part);
    const isLoaded = await this.#loading;
    this.#loading = undefined;
    return isLoaded;
  }

  /** Never throws. Returns whether the part was loaded. */
  async #loadPart(/** @type {import("./day_model.js").Part} */ part) {
    const { signal } = this.#stopped;
    this.#isDoubtful = false;
    try {
      const after = this.host.after() ?? -1;
      const { visits, next } = await getVisits(
        { ...part, cameras: this.host.cameras(), limit: PART_VISITS },
        { signal },
      );
      if (signal.aborted) return false;
      this.model.take(part, visits.filter((visit) => visit.ms > after), next);
      if (this.#isDoubtful) this.model.outdate(part);
      this.draw();
      this.host.onChange();
      return true;
    } catch (error) {
      if (!signal.aborted) this.host.onFailure(error);
      return false;
    }
  }

  /** The visit at an index, loaded when it must be; undefined beyond the day. */
  async visitAt(/** @type {number} */ index) {
    for (let tries = 0; tries < MAX_TRIES && index >= 0 && index < this.model.size; tries++) {
      const [visit] = this.model.slice(index, index + 1);
      if (visit) return visit;
      if (!await this.ensure(index, index + 1)) break;
    }
    return undefined;
  }

  /** Keeps the height and drops the content, far from the window. */
  #park() {
    if (this.#isParked || !this.isKnown || this.element.contains(document.activeElement)) return;
    this.#isParked = true;
    this.element.style.height = `${this.element.offsetHeight}px`;
    this.grid.clear();
    this.strip.element.hidden = true;
  }

  #unpark() {
    if (!this.#isParked) return;
    this.#isParked = false;
    this.element.style.height = "";
    this.strip.element.hidden = false;
  }

  /** Scrolls to a card. Returns whether the page is long enough for it. */
  reveal(/** @type {number} */ index, /** @type {ScrollLogicalPosition} */ block = "start") {
    this.#unpark();
    this.grid.fit(this.model.size);
    const top = scrollY + this.grid.element.getBoundingClientRect().top + this.grid.topOf(index);
    const wanted = Math.max(0, top - (block === "start" ? ABOVE_PX : innerHeight / 3));
    scrollTo({ top: wanted });
    return Math.abs(scrollY - wanted) < 2;
  }

  /** Ends all requests. */
  stop() {
    this.#stopped.abort();
    this.element.remove();
  }
}

/** Parts that are loaded at most to reach one visit. */
const MAX_TRIES = 100;
/** Height of the bar that stays above the cards, and some air. */
const ABOVE_PX = 76;
