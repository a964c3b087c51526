/** What a page knows of the cameras: the last answer of the gallery, and what events told since that was asked for. */
import { getCameras } from "./api.js";

/** @typedef {import("./api.js").Cameras} Cameras */

/** The cameras of one page. */
export class KnownCameras {
  /** @type {Cameras} */
  now = { broker: "none", cameras: [] };
  /** What events told while a request was under way: the answer may be older. @type {Set<Partial<Cameras>>} */
  #told = new Set();

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** Asks the gallery. Throws an ApiError. */
  async ask() {
    /** @type {Partial<Cameras>} */
    const told = {};
    this.#told.add(told);
    try {
      const answer = await getCameras();
      this.now = { ...answer, ...told };
      this.onChange();
    } finally {
      this.#told.delete(told);
    }
  }

  /** Takes what an event told. */
  take(/** @type {Partial<Cameras>} */ change) {
    for (const told of this.#told) Object.assign(told, change);
    this.now = { ...this.now, ...change };
    this.onChange();
  }
}
