/**
 * New, changed and deleted visits while the page is open. New ones enter in place at the top of the page; while it is
 * scrolled they wait behind the pill, so that nothing moves.
 */
import { announce, byId, h, icon } from "./dom.js";
import { without } from "./day_model.js";
import { counted, visitText } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {import("./timeline.js").Timeline} Timeline */

/** A page that is scrolled less is at its top. */
const TOP_PX = 60;
/** How long an arriving card has its ring: as long as the animation. */
const RING_MS = 3_000;
/** Counts are asked for at most this often. */
const RECOUNT_MS = 1_000;
/** Visits that wait beyond this are only counted. */
const MAX_WAITING = 200;

/** What happens on the open page. */
export class Arrivals {
  /** @type {Map<string, Visit>} */
  #waiting = new Map();
  /** @type {Set<string>} */
  #arriving = new Set();
  /** @type {Set<import("./day_section.js").DaySection>} days whose counts are old */
  #old = new Set();
  /** @type {number | undefined} */
  #timer;
  /** Whether days, or visits of them, were left out because nothing might move. */
  #isBehind = false;

  /**
   * @param {Timeline} timeline
   * @param {{ isHeld: () => boolean, isShown: (visit: Visit) => boolean, isToday: () => boolean,
   *   onChanged: (visit: Visit) => void, onRemoved: (keys: ReadonlySet<string>) => void,
   *   onMissed: (visits: Visit[]) => void, onNewDay: () => void, onCount: () => void }} page isHeld: nothing may move;
   *   isShown: whether the place of the page includes a visit
   */
  constructor(timeline, page) {
    this.timeline = timeline;
    this.page = page;
  }

  get isAtTop() {
    return scrollY < TOP_PX && !this.page.isHeld();
  }

  /** The visits of the days, and those that wait. */
  get held() {
    return [...this.timeline.sections.flatMap(({ model }) => model.visits), ...this.#waiting.values()];
  }

  /** Whether a card has its ring. */
  isArriving(/** @type {string} */ id) {
    return this.#arriving.has(id);
  }

  /** Number of new visits that are not on the page. */
  get waiting() {
    const lacking = this.isAtTop ? 0 : this.timeline.sections[0]?.lacking ?? 0;
    return Math.max(this.#waiting.size, lacking);
  }

  /** Takes new and changed visits. */
  take(/** @type {readonly Visit[]} */ visits) {
    this.#doubt();
    /** @type {Visit[]} */
    const entered = [];
    for (const visit of visits) {
      const section = this.timeline.sectionOf(visit.ms);
      if (section) this.#old.add(section);
      if (this.page.isShown(visit) && this.#takeOne(visit, section)) entered.push(visit);
      this.page.onChanged(visit);
    }
    if (document.hidden || !this.isAtTop) this.page.onMissed(entered);
    else if (entered.length === 1) announce(`New visit: ${visitText(entered[0])}`);
    else if (entered.length > 1) announce(`${entered.length} new visits`);
    this.timeline.schedule();
    this.recount();
  }

  /**
   * Returns whether the visit is new on the page.
   * @param {Visit} visit
   * @param {import("./day_section.js").DaySection | undefined} section
   */
  #takeOne(visit, section) {
    this.#part(visit);
    if (this.timeline.find(({ id }) => id === visit.id)) {
      const old = this.timeline.sections.find(({ model }) => model.remove(visit.id));
      (section ?? old)?.model.put(visit);
      return false;
    }
    if (!section) return this.#takeOther(visit);
    if (!section.isKnown || !section.model.covers(visit)) return false;
    if (!this.isAtTop) return this.#wait(visit);
    const isKnown = this.#waiting.has(visit.id);
    this.#enter(visit, section);
    return !isKnown;
  }

  /** Takes a visit of a day that is not on the page, as #takeOne. */
  #takeOther(/** @type {Visit} */ visit) {
    if (this.#isLater(visit)) {
      if (!this.page.isToday()) return false;
      if (!this.isAtTop) return this.#wait(visit);
      this.page.onNewDay();
      return false;
    }
    return !this.timeline.include(visit.ms, { isStill: !this.isAtTop }) && this.#wait(visit);
  }

  /** Whether a visit is of a day after those of the page. */
  #isLater(/** @type {Visit} */ { ms }) {
    return ms >= this.timeline.sections[0].range.to;
  }

  /** Keeps a visit for the pill. Returns whether it is a new one. */
  #wait(/** @type {Visit} */ visit) {
    const isNew = !this.#waiting.has(visit.id);
    if (!isNew || this.#waiting.size < MAX_WAITING) this.#waiting.set(visit.id, visit);
    return isNew;
  }

  /** Takes the pictures of a visit from other ones: until their metadata is read, each is a visit of its own. */
  #part(/** @type {Visit} */ { id, faces }) {
    const keys = new Set(faces.map(({ key }) => key));
    const has = (/** @type {Visit} */ other) =>
      other.id !== id && other.faces.some(({ key }) => keys.has(key));
    this.#reduceAll(has, keys);
  }

  /**
   * @param {Visit} visit
   * @param {import("./day_section.js").DaySection} section
   */
  #enter(visit, section) {
    section.model.put(visit);
    this.#arriving.add(visit.id);
    setTimeout(() => this.#arriving.delete(visit.id), RING_MS);
  }

  /** Takes deleted pictures from the page. */
  remove(/** @type {readonly string[]} */ keys) {
    this.#doubt();
    const gone = new Set(keys);
    const has = (/** @type {Visit} */ { faces }) => faces.some(({ key }) => gone.has(key));
    this.#reduceAll(has, gone);
    this.page.onRemoved(gone);
    this.timeline.schedule();
    this.recount();
  }

  /** Puts visits back whose pictures were not deleted. */
  restore(/** @type {readonly Visit[]} */ visits) {
    for (const visit of visits) this.timeline.sectionOf(visit.ms)?.model.put(visit);
    this.timeline.draw();
  }

  /** What is under way to the page may be older than an event. While the page is scrolled, it is shown: nothing may move. */
  #doubt() {
    if (!this.isAtTop) return;
    for (const section of this.timeline.sections) {
      if (!section.isAsking) continue;
      section.doubt();
      this.#old.add(section);
    }
  }

  /**
   * Takes pictures from the visits that have some of them, on the page and behind the pill.
   * @param {(visit: Visit) => boolean} has
   * @param {ReadonlySet<string>} keys
   */
  #reduceAll(has, keys) {
    for (const visit of [...this.#waiting.values()].filter(has)) {
      const rest = without(visit, keys);
      if (rest) this.#waiting.set(rest.id, rest);
      else this.#waiting.delete(visit.id);
    }
    for (let visit; (visit = this.timeline.find(has)) !== undefined;) this.#reduce(visit, keys);
  }

  /**
   * Takes pictures from a visit of the page.
   * @param {Visit} visit
   * @param {ReadonlySet<string>} keys
   */
  #reduce(visit, keys) {
    const rest = without(visit, keys);
    const section = this.timeline.sections.find(({ model }) => model.remove(visit.id));
    if (rest) section?.model.put(rest);
    if (section) this.#old.add(section);
  }

  /**
   * Asks again for the counts of days in a range, of all days without one, and for days that have appeared in it.
   * @param {{ from?: number, to?: number, isOutdated?: boolean }} [options] isOutdated: visits may have changed as well
   */
  renew({ from = -Infinity, to = Infinity, isOutdated = false } = {}) {
    for (const section of this.timeline.sections) {
      if (section.range.from >= to || section.range.to <= from) continue;
      if (isOutdated) section.outdate();
      this.#old.add(section);
    }
    const isStill = !this.isAtTop;
    this.#isBehind ||= isStill;
    void this.timeline.askAgain({ from, to, isStill });
    this.recount();
  }

  /** Asks for counts after a while: one request for many events. */
  recount() {
    this.#timer ??= setTimeout(() => this.#recount(), RECOUNT_MS);
    this.draw();
  }

  async #recount() {
    this.#timer = undefined;
    const sections = [...this.#old];
    this.#old.clear();
    const isStill = !this.isAtTop;
    this.#isBehind ||= isStill;
    await Promise.all(sections.map((section) => section.load({ isStill: isStill && section.isKnown })));
    this.draw();
  }

  /** Shows what waits, at the top of the page. */
  flush() {
    scrollTo({ top: 0 });
    this.#enterAll();
    byId("visits").focus({ preventScroll: true });
  }

  /** Shows what waits once the page is at its top, however it came there, and draws the pill. */
  settle() {
    if (this.isAtTop && (this.#isBehind || this.#waiting.size > 0)) this.#enterAll();
    this.draw();
  }

  #enterAll() {
    const visits = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#isBehind = false;
    if (visits.some((visit) => this.#isLater(visit))) return this.page.onNewDay();
    for (const visit of visits) {
      this.timeline.include(visit.ms);
      const section = this.timeline.sectionOf(visit.ms);
      if (section) this.#enter(visit, section);
    }
    this.renew();
  }

  /** Forgets what waits: the page was loaded again. */
  clear() {
    this.#waiting.clear();
    this.#old.clear();
    this.#isBehind = false;
    this.draw();
  }

  /** Draws the pill. */
  draw() {
    const place = byId("arrived");
    const { waiting } = this;
    this.page.onCount();
    const text = waiting > 0 ? `${waiting} new` : "";
    if (place.textContent === text) return;
    place.replaceChildren(
      ...waiting > 0
        ? [h(
          "button",
          {
            class: "pill",
            type: "button",
            "aria-label": `Show ${counted(waiting, "new visit")}`,
            onclick: () => this.flush(),
          },
          icon("up"),
          text,
        )]
        : [],
    );
    if (waiting > 0) announce(`${counted(waiting, "new visit")} above`);
  }
}
