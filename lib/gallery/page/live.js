/**
 * The event stream of the gallery, and the state of the connection:
 *
 * | state        | meaning                                             |
 * |--------------|-----------------------------------------------------|
 * | `connecting` | the page has just been opened                       |
 * | `live`       | events arrive                                       |
 * | `away`       | the gallery answers, but its store does not         |
 * | `lost`       | the gallery does not answer; tries follow by itself |
 *
 * @typedef {"connecting" | "live" | "away" | "lost"} LiveState
 * @typedef {{ state: LiveState, since: number, reason: string, retryAt: number }} Connection
 */
import { getSession } from "./api.js";

/** Wait before the first new try; it doubles up to the limit. */
const FIRST_RETRY_MS = 2_000;
const MAX_RETRY_MS = 30_000;
/** A try that hangs is ended after this. */
const OPEN_LIMIT_MS = 10_000;
/** The stream has an event every 15 s. One without any for this long was cut, also where no end of it arrived. */
const QUIET_LIMIT_MS = 40_000;

/** Events of the stream, with their data. */
const EVENTS = ["ready", "visits", "removed", "index", "cameras", "broker"];
const ALL_EVENTS = [...EVENTS, "trouble", "alive"];

/**
 * A hidden page ends its stream once this many other pages have opened theirs, and opens it when it is looked at. Over
 * HTTP/1.1, browsers open six connections to a server for all tabs together: streams that nobody looks at must not use
 * them up.
 */
const MAX_OTHERS = 2;

/** Keeps one event stream open. */
export class Live {
  /** @type {Connection} */
  connection = { state: "connecting", since: Date.now(), reason: "", retryAt: 0 };
  /** @type {EventSource | undefined} */
  #stream;
  #retryMs = FIRST_RETRY_MS;
  /** Whether the stream reported that the store does not answer: then it also reports the end. */
  #isReported = false;
  /** @type {number | undefined} */
  #timer;
  #isPaused = false;
  /** Tells the pages of all tabs which of them opened a stream. */
  #pages = new BroadcastChannel("haarlem-streams");
  #name = String(Math.random());
  /** Names of the pages that opened a stream since this one was looked at. */
  #others = new Set();

  /**
   * @param {(name: string, data: any) => void} onEvent
   * @param {(connection: Connection) => void} onState
   */
  constructor(onEvent, onState) {
    this.onEvent = onEvent;
    this.onState = onState;
    this.#pages.onmessage = ({ data }) => this.#makeRoom(data);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#others.clear();
      if (this.#isPaused) this.open();
    });
  }

  /** Opens the stream, at once. */
  open() {
    clearTimeout(this.#timer);
    this.#isPaused = false;
    this.#pages.postMessage(this.#name);
    this.#stream?.close();
    const stream = this.#stream = new EventSource("events");
    this.#timer = setTimeout(() => this.#lose(stream), OPEN_LIMIT_MS);
    stream.addEventListener("open", () => {
      this.#hear(stream);
      this.#retryMs = FIRST_RETRY_MS;
    });
    for (const name of ALL_EVENTS) stream.addEventListener(name, () => this.#hear(stream));
    stream.addEventListener("error", () => this.#lose(stream));
    for (const name of EVENTS) {
      stream.addEventListener(name, ({ data }) => {
        if (name === "ready") {
          this.#isReported = false;
          this.#change("live");
        }
        this.onEvent(name, JSON.parse(data));
      });
    }
    stream.addEventListener("trouble", ({ data }) => {
      const reason = JSON.parse(data);
      this.#isReported = reason !== null;
      if (reason === null) this.#change("live");
      else this.#change("away", { reason });
    });
  }

  /** The stream is not cut: the gallery sent something. */
  #hear(/** @type {EventSource} */ stream) {
    if (stream !== this.#stream) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(stream), QUIET_LIMIT_MS);
  }

  #makeRoom(/** @type {string} */ other) {
    if (!document.hidden || this.#others.add(other).size < MAX_OTHERS) return;
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#isPaused = true;
  }

  /** Reports that the gallery or its store did not answer another request. */
  fail(/** @type {string} */ reason) {
    if (this.connection.state !== "lost") this.#change("away", { reason });
  }

  /** Ends what fail() began: requests are answered again. */
  recover() {
    if (this.connection.state === "away" && !this.#isReported) this.#change("live");
  }

  #lose(/** @type {EventSource} */ stream) {
    if (stream !== this.#stream) return;
    clearTimeout(this.#timer);
    stream.close();
    this.#timer = setTimeout(() => this.open(), this.#retryMs);
    this.#change("lost", { retryAt: Date.now() + this.#retryMs });
    // A stream does not say why it ended. Without a session this request leads to the login.
    getSession({ signal: AbortSignal.timeout(OPEN_LIMIT_MS) }).catch(() => {});
    this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
  }

  #change(/** @type {LiveState} */ state, { reason = "", retryAt = 0 } = {}) {
    const since = state === this.connection.state ? this.connection.since : Date.now();
    this.connection = { state, since, reason, retryAt };
    this.onState(this.connection);
  }
}
