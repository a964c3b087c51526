/** The days on the page, newest first. Older days are added while the page is scrolled down. */
import { dayName, dayRange } from "./address.js";
import { getDays } from "./api.js";
import { DaySection } from "./day_section.js";
import { byId } from "./dom.js";

/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {import("./day_section.js").Host} Host */
/** @typedef {{ section: DaySection, index: number }} Spot where a visit is */

/** Days that one request names. */
const DAYS = 31;
/** Later than any face. */
const MAX_MS = 8.64e15;
/** Height below the window, as a factor, that is kept filled with days. */
const AHEAD = 1.5;

/** All days on the page. */
export class Timeline {
  /** @type {DaySection[]} */
  sections = [];
  /** @type {{ from: number, to: number }[]} older days that are not on the page */
  #queue = [];
  #hasMore = true;
  #isAdding = false;
  #asking = 0;
  /** @type {Set<number>} times of visits that came while older days were asked for */
  #late = new Set();
  #isScheduled = false;
  #root = byId("days");
  #run = 0;
  /** @type {Spot | undefined} what the page scrolls to while its height still grows */
  #target;

  /**
   * @param {Omit<Host, "onChange">} host
   * @param {() => void} onSettled after each change of the days
   */
  constructor(host, onSettled) {
    this.host = { ...host, onChange: () => this.schedule() };
    this.onSettled = onSettled;
    addEventListener("scroll", () => this.schedule(), { passive: true });
    addEventListener("resize", () => this.schedule());
    for (const type of ["wheel", "pointerdown", "keydown"]) {
      addEventListener(type, () => this.#target = undefined, { passive: true, capture: true });
    }
  }

  /** Shows a day and the ones before it; null: today, or a later day where a clock was ahead. */
  async show(/** @type {string | null} */ day) {
    for (const section of this.sections) section.stop();
    this.#run++;
    this.#queue = [];
    this.#hasMore = true;
    this.#isAdding = false;
    this.sections = [];
    const run = this.#run;
    const today = this.#add(dayRange(day ?? dayName()));
    const [newest] = await Promise.all([this.#ask(day === null ? MAX_MS : undefined), today.load()]);
    if (run !== this.#run) return;
    if (day === null && newest !== undefined && newest > today.name) await this.show(newest);
    this.schedule();
  }

  /** Whether today is a later day than the first one of the page. */
  get isOver() {
    return this.sections.length > 0 && this.sections[0].name < dayName();
  }

  /** Whether an answer about days or visits is still to come. */
  get isAsking() {
    return this.#asking > 0 || this.sections.some(({ isAsking }) => isAsking);
  }

  /** Names the days again, and draws them: the time goes on. */
  label() {
    for (const section of this.sections) section.label();
    this.draw();
  }

  /** Whether the store has faces before the first day of the page. */
  get hasOlder() {
    return this.sections.length > 1 || this.#queue.length > 0;
  }

  /** The newest day with faces before a day of the page. */
  async dayBefore(/** @type {string} */ day) {
    const { days } = await getDays(dayRange(day).from, 1);
    return days[0] && nameOf(days[0]);
  }

  #add(/** @type {{ from: number, to: number }} */ range) {
    const section = new DaySection(range, this.host);
    this.sections.push(section);
    this.#root.append(section.element);
    return section;
  }

  /** Asks for the names of older days. Resolves to the newest one. */
  async #ask(before = this.sections[this.sections.length - 1].range.from) {
    const run = this.#run;
    this.#asking++;
    try {
      const { days, more } = await getDays(before, DAYS);
      if (run !== this.#run) return;
      // Days may have been added meanwhile.
      const oldest = this.sections[this.sections.length - 1].range.from;
      const older = days.map((day) => dayRange(nameOf(day))).filter(({ from }) => from < oldest);
      this.#queue = older.filter((range) => this.#mayHaveVisits(range));
      this.#hasMore = more && days.length > 0 && this.#queue.length === older.length;
      return days[0] && nameOf(days[0]);
    } catch (error) {
      if (run === this.#run) this.host.onFailure(error);
    } finally {
      this.#asking--;
      const late = [...this.#late];
      this.#late.clear();
      for (const ms of late) this.include(ms, { isStill: true });
    }
  }

  /** Whether the page shows visits of a day: it may show only those after the last look. */
  #mayHaveVisits(/** @type {{ to: number }} */ { to }) {
    return to > (this.host.after() ?? -Infinity);
  }

  /**
   * Adds the day of a time where it belongs, unless it is there or later than the page. A board that was cut off delivers
   * faces of days that had none. Returns false when it would move what is in the window, and may not.
   * @param {number} ms
   * @param {{ isStill?: boolean }} [options] isStill: days are only added below the others
   */
  include(ms, { isStill = false } = {}) {
    const range = dayRange(dayName(ms));
    if (!this.#mayHaveVisits(range)) return true;
    const at = this.sections.findIndex(({ range: { from } }) => from <= range.from);
    if (at < 0 && this.#asking > 0) this.#late.add(ms);
    else if (at < 0) this.#enqueue(range);
    if (at <= 0 || this.sections[at].range.from === range.from) return true;
    if (isStill) return false;
    const section = new DaySection(range, this.host);
    this.sections[at].element.before(section.element);
    this.sections.splice(at, 0, section);
    void section.load();
    return true;
  }

  #enqueue(/** @type {{ from: number, to: number }} */ range) {
    const at = this.#queue.findIndex(({ from }) => from <= range.from);
    if (at < 0 && !this.#hasMore) this.#queue.push(range);
    else if (at >= 0 && this.#queue[at].from < range.from) this.#queue.splice(at, 0, range);
    this.schedule();
  }

  /**
   * Asks for days that have appeared between those of the page, since the gallery reads its store in the background.
   * @param {{ from?: number, to?: number, isStill?: boolean }} [options] other days than these have not changed
   */
  async askAgain({ from: first = -Infinity, to = Infinity, isStill = false } = {}) {
    const run = this.#run;
    try {
      for (let before = Math.min(to, this.sections[0].range.from), isMore = true; isMore;) {
        const { days, more } = await getDays(before, DAYS);
        if (run !== this.#run) return;
        for (const { from, to } of days) this.include((from + to) / 2, { isStill });
        before = days.at(-1)?.from ?? -Infinity;
        const oldest = (this.#queue.at(-1) ?? this.sections[this.sections.length - 1].range).from;
        isMore = more && before > Math.max(first, oldest);
        this.#hasMore ||= more && before <= oldest;
      }
    } catch (error) {
      if (run === this.#run) this.host.onFailure(error);
    }
    this.schedule();
  }

  /** Adds the next older day when the window is near the end of the page. */
  async #fill() {
    if (this.#isAdding) return;
    const end = this.#root.getBoundingClientRect().bottom;
    if (end > (1 + AHEAD) * innerHeight || !this.sections[this.sections.length - 1].isKnown) return;
    const run = this.#run;
    this.#isAdding = true;
    try {
      if (this.#queue.length === 0 && this.#hasMore) await this.#ask();
      const next = run === this.#run && this.#queue.shift();
      if (next) await this.#add(next).load();
    } finally {
      if (run === this.#run) this.#isAdding = false;
    }
  }

  /** Updates the page before the next frame. */
  schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      if (this.#target) this.#approach(this.#target);
      for (const section of this.sections) section.update();
      void this.#fill();
      this.onSettled();
    });
  }

  /** Scrolls to a spot, also when the page is too short for it until older days are loaded. */
  scrollTo(/** @type {Spot} */ spot) {
    this.#target = spot;
    this.schedule();
  }

  #approach(/** @type {Spot} */ { section, index }) {
    const isReached = section.reveal(index);
    const isEnd = !this.#hasMore && this.#queue.length === 0 && !this.#isAdding;
    if (isReached || isEnd) this.#target = undefined;
  }

  /** Draws headings, strips and cards again. */
  draw() {
    for (const section of this.sections) section.draw();
    this.schedule();
  }

  /** The day of a time, when it is on the page. */
  sectionOf(/** @type {number} */ ms) {
    return this.sections.find(({ range }) => ms >= range.from && ms < range.to);
  }

  /** @returns {Visit | undefined} */
  find(/** @type {(visit: Visit) => boolean} */ matches) {
    for (const { model } of this.sections) {
      const visit = model.find(matches);
      if (visit) return visit;
    }
    return undefined;
  }

  /** @returns {Spot | undefined} */
  spotOf(/** @type {Visit} */ visit) {
    for (const section of this.sections) {
      const index = section.model.indexOf(visit.id);
      if (index >= 0) return { section, index };
    }
    return undefined;
  }

  /**
   * The visit that follows another one by `step`, across days.
   * @param {Visit} visit
   * @param {number} step 1: older, -1: newer
   */
  async neighbour(visit, step) {
    const spot = this.spotOf(visit);
    if (!spot) return undefined;
    let { section, index } = spot;
    index += step;
    while (index < 0 || index >= section.model.size) {
      const next = this.sections[this.sections.indexOf(section) + step] ??
        (step > 0 ? await this.addOlder() : undefined);
      if (!next) return undefined;
      section = next;
      index = step > 0 ? 0 : section.model.size - 1;
    }
    return await section.visitAt(index);
  }

  /** Adds the next older day; undefined when there is none, or it cannot be loaded. */
  async addOlder() {
    if (this.#queue.length === 0 && this.#hasMore) await this.#ask();
    const next = this.#queue.shift();
    if (!next) return undefined;
    const section = this.#add(next);
    await section.load();
    return section.isKnown ? section : undefined;
  }

  /** Scrolls to a visit, when it is far from the window, and focuses its card. */
  focus(/** @type {Visit} */ visit) {
    const spot = this.spotOf(visit);
    if (!spot) return;
    const { section, index } = spot;
    const top = section.grid.element.getBoundingClientRect().top + section.grid.topOf(index);
    if (top < 0 || top > innerHeight - 120) section.reveal(index, "center");
    section.update();
    section.grid.focus(visit.id);
  }
}

/** The local day of a day with faces. */
function nameOf(/** @type {{ from: number, to: number }} */ { from, to }) {
  return dayName((from + to) / 2);
}
