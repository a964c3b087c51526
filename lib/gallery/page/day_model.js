/**
 * The visits of one day, as far as they are loaded, in the order of the page: newest first.
 *
 * A day is divided into quarters of an hour. The gallery tells how many visits each quarter has, so the page knows its
 * height before it knows the visits, and any part of a day can be loaded alone. The list of a loaded quarter is exact;
 * the count of another one is what the gallery said last.
 *
 * ```
 * quarter   95   94   93   92 …  0
 * visits    0    2    5    0     1
 * index          0-1  2-6        7
 * ```
 */

/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {{ from: number, to: number, before: string | null }} Part a part of the day to load */

export const QUARTER_MS = 15 * 60_000;
/** Number of visits that one request loads. */
export const PART_VISITS = 120;

/**
 * A loaded quarter.
 * @typedef {object} Loaded
 * @property {Visit[]} visits
 * @property {Part | null} rest where its older visits follow; null when it is whole
 * @property {boolean} [isStale] the gallery has another count: the list is shown until it is loaded again
 */

/** The order on the page: newest first, then by id, so that it is stable. */
export function newestFirst(/** @type {Visit} */ a, /** @type {Visit} */ b) {
  return b.ms - a.ms || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** The visits of one day. */
export class DayModel {
  /** @type {number[]} */
  #counts;
  /** @type {Map<number, Loaded>} by quarter */
  #loaded = new Map();

  /**
   * @param {number} from
   * @param {number} to
   */
  constructor(from, to) {
    this.from = from;
    this.to = to;
    this.#counts = new Array(Math.ceil((to - from) / QUARTER_MS)).fill(0);
  }

  /** The quarter of a time. */
  quarterOf(/** @type {number} */ ms) {
    const quarter = Math.floor((ms - this.from) / QUARTER_MS);
    return Math.max(0, Math.min(this.#counts.length - 1, quarter));
  }

  /** Takes the counts of the gallery. A quarter whose loaded list is short of them is loaded again. */
  setCounts(/** @type {readonly number[]} */ counts) {
    this.#counts = this.#counts.map((_, quarter) => Math.max(0, Math.trunc(counts[quarter] || 0)));
    for (const [quarter, loaded] of this.#loaded) {
      loaded.isStale ||= !loaded.rest && loaded.visits.length !== this.#counts[quarter];
    }
  }

  /**
   * The visits of a range, or all, may have changed: they are shown until they are loaded again.
   * @param {{ from?: number, to?: number }} [range]
   */
  outdate({ from = this.from, to = this.to } = {}) {
    const [oldest, newest] = [this.quarterOf(from), this.quarterOf(to - 1)];
    for (const [quarter, loaded] of this.#loaded) {
      loaded.isStale ||= quarter >= oldest && quarter <= newest;
    }
  }

  /** How many visits more than the model the gallery counts, in the quarters from `first` on. */
  lacking(/** @type {readonly number[]} */ counts, first = 0) {
    return this.#counts.reduce((sum, _, quarter) => {
      const lacks = quarter < first ? 0 : (counts[quarter] || 0) - this.sizeOf(quarter);
      return sum + Math.max(0, lacks);
    }, 0);
  }

  /** Number of visits in a quarter. */
  sizeOf(/** @type {number} */ quarter) {
    const loaded = this.#loaded.get(quarter);
    if (!loaded) return this.#counts[quarter];
    return loaded.rest ? Math.max(this.#counts[quarter], loaded.visits.length + 1) : loaded.visits.length;
  }

  /** Number of visits of the day. */
  get size() {
    let size = 0;
    for (let quarter = 0; quarter < this.#counts.length; quarter++) size += this.sizeOf(quarter);
    return size;
  }

  /** The visits that are loaded. */
  get visits() {
    return [...this.#loaded.values()].flatMap(({ visits }) => visits);
  }

  /** Number of visits that are loaded. */
  get held() {
    let held = 0;
    for (const { visits } of this.#loaded.values()) held += visits.length;
    return held;
  }

  /** The loaded visits from `start` to `end`; undefined where one is not loaded. */
  slice(/** @type {number} */ start, /** @type {number} */ end) {
    /** @type {(Visit | undefined)[]} */
    const visits = [];
    for (const { quarter, first, size } of this.#places()) {
      if (first >= end) break;
      const loaded = this.#loaded.get(quarter)?.visits ?? [];
      for (let index = Math.max(start, first); index < Math.min(end, first + size); index++) {
        visits.push(loaded[index - first]);
      }
    }
    return visits;
  }

  /** The index of the newest visit of a quarter, or of what follows where it has none. */
  indexOfQuarter(/** @type {number} */ wanted) {
    for (const { quarter, first } of this.#places()) if (quarter <= wanted) return first;
    return this.size;
  }

  /** The index of a visit; -1 when it is not loaded. */
  indexOf(/** @type {string} */ id) {
    for (const { quarter, first } of this.#places()) {
      const at = this.#loaded.get(quarter)?.visits.findIndex((visit) => visit.id === id) ?? -1;
      if (at >= 0) return first + at;
    }
    return -1;
  }

  /** What to load next for the visits from `start` to `end`; undefined when all of them are loaded. */
  missing(/** @type {number} */ start, /** @type {number} */ end) {
    let newest = -1;
    let oldest = -1;
    let sum = 0;
    for (const { quarter, first, size } of this.#places()) {
      const loaded = this.#loaded.get(quarter);
      if (newest < 0) {
        if (first >= end) return undefined;
        if (first + size <= start || (loaded && !loaded.rest && !loaded.isStale)) continue;
        if (loaded?.rest && !loaded.isStale) {
          if (end <= first + loaded.visits.length) return undefined;
          return loaded.rest;
        }
        newest = quarter;
      } else if ((loaded && !loaded.isStale) || sum + size > PART_VISITS) break;
      oldest = quarter;
      sum += size;
    }
    return newest < 0 ? undefined : this.#part(oldest, newest);
  }

  #part(/** @type {number} */ oldest, /** @type {number} */ newest) {
    const from = this.from + oldest * QUARTER_MS;
    return { from, to: Math.min(this.to, this.from + (newest + 1) * QUARTER_MS), before: null };
  }

  /**
   * Takes the answer for a part: its newest visits, and where the older ones follow.
   * @param {Part} part
   * @param {readonly Visit[]} visits
   * @param {string | null} next
   */
  take(part, visits, next) {
    const oldest = this.quarterOf(part.from);
    const newest = this.quarterOf(part.to - 1);
    const reached = next === null ? oldest : this.quarterOf(visits.at(-1)?.ms ?? part.from);
    for (let quarter = newest; quarter >= reached; quarter--) {
      const loaded = part.before !== null && this.#loaded.get(quarter);
      const list = loaded ? loaded.visits : [];
      for (const visit of visits) {
        if (this.quarterOf(visit.ms) === quarter && !list.some(({ id }) => id === visit.id)) list.push(visit);
      }
      list.sort(newestFirst);
      const rest = next !== null && quarter === reached ? { ...part, before: next } : null;
      this.#loaded.set(quarter, { visits: list, rest });
    }
  }

  /** Whether a visit would be among loaded ones: its quarter is loaded, or was empty. */
  covers(/** @type {Visit} */ visit) {
    const quarter = this.quarterOf(visit.ms);
    return this.#counts[quarter] === 0 || this.#loaded.has(quarter);
  }

  /** Inserts a visit, or replaces the one with its id. Returns whether it was inserted. */
  put(/** @type {Visit} */ visit) {
    const isNew = !this.remove(visit.id);
    const quarter = this.quarterOf(visit.ms);
    const loaded = this.#loaded.get(quarter) ?? { visits: [], rest: null };
    const list = [...loaded.visits, visit].sort(newestFirst);
    this.#loaded.set(quarter, { ...loaded, visits: list });
    this.#counts[quarter] = Math.max(this.#counts[quarter], list.length);
    return isNew;
  }

  /** Removes a visit. Returns whether it was there. */
  remove(/** @type {string} */ id) {
    for (const [quarter, { visits }] of this.#loaded) {
      const at = visits.findIndex((visit) => visit.id === id);
      if (at < 0) continue;
      visits.splice(at, 1);
      this.#counts[quarter] = Math.max(0, this.#counts[quarter] - 1);
      return true;
    }
    return false;
  }

  /** The loaded visit with this id, or with this picture. */
  find(/** @type {(visit: Visit) => boolean} */ matches) {
    for (const { visits } of this.#loaded.values()) {
      const visit = visits.find(matches);
      if (visit) return visit;
    }
    return undefined;
  }

  /** Forgets loaded visits outside of the indices from `start` to `end`. */
  forget(/** @type {number} */ start, /** @type {number} */ end) {
    for (const { quarter, first, size } of [...this.#places()]) {
      if (first + size > start && first < end) continue;
      const loaded = this.#loaded.get(quarter);
      if (!loaded) continue;
      this.#counts[quarter] = this.sizeOf(quarter);
      if (this.#counts[quarter] > 0) this.#loaded.delete(quarter);
    }
  }

  /** Quarters with visits in the order of the page, each with the index of its first visit. */
  *#places() {
    let first = 0;
    for (let quarter = this.#counts.length - 1; quarter >= 0; quarter--) {
      const size = this.sizeOf(quarter);
      if (size > 0) yield { quarter, first, size };
      first += size;
    }
  }
}

/** A visit without some of its pictures; undefined when none is left. */
export function without(/** @type {Visit} */ visit, /** @type {ReadonlySet<string>} */ keys) {
  const faces = visit.faces.filter(({ key }) => !keys.has(key));
  if (faces.length === 0) return undefined;
  const best = visit.faces[visit.best];
  const first = faces.indexOf(best);
  const score = (/** @type {import("./api.js").Face} */ face) => face.score ?? 0;
  const highest = faces.reduce((at, face, index) => score(face) > score(faces[at]) ? index : at, 0);
  return {
    ...visit,
    faces,
    best: first < 0 ? highest : first,
    count: visit.count - (visit.faces.length - faces.length),
  };
}
