/**
 * Pictures that were deleted while no event told of it: the stream was closed, or they were too many for one event. The
 * counts do not show them: a page that is scrolled loads nothing again, and some visits are held beside the days.
 */
import { getGone } from "./api.js";

/** Takes such pictures from the page. */
export class Gone {
  /**
   * @param {import("./arrivals.js").Arrivals} arrivals
   * @param {import("./holders.js").Holders} holders
   * @param {(error: unknown) => void} onFailure
   */
  constructor(arrivals, holders, onFailure) {
    this.arrivals = arrivals;
    this.holders = holders;
    this.onFailure = onFailure;
  }

  /** Asks for all pictures that the page holds. Never throws. */
  async ask() {
    const visits = [...this.arrivals.held, ...this.holders.held];
    const keys = new Set(visits.flatMap(({ faces }) => faces.map(({ key }) => key)));
    try {
      const gone = await getGone([...keys]);
      if (gone.length > 0) this.arrivals.remove(gone);
    } catch (error) {
      this.onFailure(error);
    }
  }
}
