/** The visits since the last look: dots, banner, and the count in the title. */
import { getVisits } from "./api.js";
import { SinceBanner } from "./notices.js";
import { LastLook } from "./seen.js";
import { counted } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */

/** Visits that are counted; more are shown as a minimum. */
const MAX_NEW = 200;
/** Days that are looked through after a long absence. */
const MAX_DAYS = 31;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The new visits. */
export class News {
  #look = new LastLook();
  /** @type {Map<string, Visit>} */
  #visits = new Map();
  #hasMore = false;
  #isLoaded = false;
  /** Whether the visits since the last look have come: before, nobody has seen them. */
  #isKnown = false;
  #banner;

  /**
   * @param {{ since: () => number | null, waiting: () => number, onOnly: (only: boolean) => void, onSeen: () => void,
   *   onLoaded: () => void }} page
   */
  constructor(page) {
    this.page = page;
    this.#banner = new SinceBanner({
      onOnly: page.onOnly,
      onSeen: () => {
        this.#look.mark();
        this.#visits.clear();
        this.#hasMore = false;
        page.onSeen();
        this.draw();
      },
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.#isKnown && this.isEmpty) this.#look.mark();
      else this.#look.note();
    });
  }

  /** Visits after this time are new. */
  get boundary() {
    return this.#look.boundary;
  }

  get isEmpty() {
    return this.#visits.size === 0;
  }

  get held() {
    return [...this.#visits.values()];
  }

  has(/** @type {string} */ id) {
    return this.#visits.has(id);
  }

  /** Asks for the visits since the last look, until the store has answered. Never throws. */
  async load() {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    try {
      await this.#load();
      this.#isKnown = true;
      this.page.onLoaded();
    } catch {
      this.#isLoaded = false;
    }
  }

  async #load() {
    // One request covers a day at most.
    for (let to = Date.now() + MINUTE_MS, days = 0; to > this.boundary + 1; to -= DAY_MS, days++) {
      const from = Math.max(this.boundary + 1, to - DAY_MS);
      const { visits, next } = await getVisits({ from, to, cameras: [], limit: MAX_NEW });
      for (const visit of visits) this.#visits.set(visit.id, visit);
      this.#hasMore = next !== null || this.#visits.size >= MAX_NEW || days >= MAX_DAYS;
      if (this.#hasMore) break;
    }
    this.draw();
  }

  /** Takes visits that came while nobody saw them. */
  add(/** @type {readonly Visit[]} */ visits) {
    if (visits.length === 0) return;
    if (this.isEmpty && this.#isKnown) this.#look.mark(Math.min(...visits.map(({ ms }) => ms)) - 1);
    for (const visit of visits) {
      if (this.#visits.size < MAX_NEW) this.#visits.set(visit.id, visit);
      else this.#hasMore = true;
    }
    this.draw();
  }

  /** A visit changed, or was deleted. */
  replace(/** @type {string} */ id, /** @type {Visit | undefined} */ visit) {
    if (!this.#visits.has(id)) return;
    if (visit) this.#visits.set(id, visit);
    else this.#visits.delete(id);
    this.draw();
  }

  /** Draws banner and title. */
  draw() {
    const visits = [...this.#visits.values()].sort((a, b) => b.ms - a.ms);
    const count = this.#hasMore ? `More than ${this.#visits.size} visits` : counted(visits.length, "visit");
    this.#banner.show(visits, { count, boundary: this.boundary, since: this.page.since() });
    this.drawTitle();
  }

  /** Draws the title of the window. */
  drawTitle() {
    const count = Math.max(this.#visits.size, this.page.waiting());
    document.title = count > 0 ? `(${count}${this.#hasMore ? "+" : ""}) Haarlem` : "Haarlem";
  }
}
