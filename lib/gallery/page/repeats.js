/** Requests that the page repeats: after a failure, and while the gallery still counts. */
import { ApiError } from "./api.js";
import { toast } from "./notices.js";

/** Wait before a failed request is repeated. */
const RETRY_MS = 5_000;
/** Interval at which counts are asked for while the gallery still counts. */
const READING_MS = 3_000;

/** The timers of one page. */
export class Repeats {
  /** @type {number | undefined} */
  #retry;
  /** @type {number | undefined} */
  #recover;
  /** @type {number | undefined} */
  #reading;

  /**
   * @param {import("./live.js").Live} live
   * @param {{ reload: () => void, recount: () => void, isAsking: () => boolean }} page
   */
  constructor(live, page) {
    this.live = live;
    this.page = page;
  }

  /** A request failed: the notice says why, and the page asks again. When nothing fails then, the notice ends. */
  fail(/** @type {unknown} */ error) {
    const { message, status } = error instanceof ApiError ? error : { message: String(error), status: 400 };
    if (status >= 400 && status < 500) return toast(message, { isWrong: true });
    if (status !== 0) this.live.fail(message);
    clearTimeout(this.#recover);
    this.#retry ??= setTimeout(() => {
      this.#recoverLater();
      this.page.reload();
    }, RETRY_MS);
  }

  /** Ends the notice after a time without a failure, unless an answer is still to come: a slow store may yet fail. */
  #recoverLater() {
    this.#recover = setTimeout(
      () => this.page.isAsking() ? this.#recoverLater() : this.live.recover(),
      RETRY_MS,
    );
  }

  /** The page is loaded again already. */
  cancel() {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  /** Asks for the counts again after a while. */
  recountLater() {
    this.#reading ??= setTimeout(() => {
      this.#reading = undefined;
      this.page.recount();
    }, READING_MS);
  }
}
