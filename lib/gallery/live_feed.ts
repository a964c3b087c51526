/**
 * New faces as they come, for every page that is open: one look at the store now and then, shared by all, and none
 * while nobody watches. The stream is of server-sent events (WHATWG HTML, section 9.2):
 * `ready` the page may load what there is now and misses nothing from here on;
 * `faces` faces that have come; `trouble` why the store does not answer, until the next `ready`.
 */
import { messageOf } from "../errors.ts";
import { delay } from "../async/delay.ts";
import type { ShownFace } from "./shown_face.ts";

const MAX_WATCHERS = 100;
/** A watcher that is so many messages behind does not read any more. */
const MAX_UNREAD = 100;
/** With more new faces than these at once, a page does better to load anew. */
const MAX_FACES = 500;
/** Without anything to say a sign of life, or proxies close the connection. */
const QUIET_MS = 15_000;
const RECONNECT_MS = 2_000;

type Watcher = ReadableStreamDefaultController<Uint8Array>;

/** Watches a store for those who watch the page. */
export class LiveFeed {
  readonly #watchers = new Set<Watcher>();
  #watching?: AbortController;
  /** What the store held at the last look; absent before the first. */
  #known?: ReadonlySet<string>;
  #trouble?: string;

  /** @param recent what may be new, see `Album.recent`. @param pollMs the time between two looks. */
  constructor(
    private readonly recent: () => Promise<readonly ShownFace[]>,
    private readonly pollMs: number,
  ) {}

  /** How many watch. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** A stream of events for one more watcher, until it is cancelled; nothing when there are too many. */
  watch(): ReadableStream<Uint8Array> | undefined {
    if (this.#watchers.size >= MAX_WATCHERS) return undefined;
    let watcher: Watcher;
    return new ReadableStream({
      start: (controller) => {
        watcher = controller;
        this.#watchers.add(watcher);
        watcher.enqueue(encode(`retry: ${RECONNECT_MS}\n\n`));
        if (this.#trouble !== undefined) watcher.enqueue(event("trouble", this.#trouble));
        else if (this.#known) watcher.enqueue(event("ready", true));
        if (!this.#watching) this.#startWatching();
      },
      cancel: () => this.#leave(watcher),
    });
  }

  /** Ends all streams and the looking. */
  close(): void {
    for (const watcher of this.#watchers) {
      watcher.close();
      this.#leave(watcher);
    }
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#watching?.abort();
    this.#watching = this.#known = this.#trouble = undefined;
  }

  #startWatching(): void {
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    this.#look(signal);
    const quiet = setInterval(() => this.#tell(encode(":\n\n")), QUIET_MS);
    signal.addEventListener("abort", () => clearInterval(quiet));
  }

  async #look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const beganMs = performance.now();
      try {
        const recent = await this.recent();
        if (!signal.aborted) this.#compare(recent);
      } catch (error) {
        if (!signal.aborted) this.#complain(messageOf(error));
      }
      // A store that is slow is not looked at more than half of the time.
      await delay(Math.max(this.pollMs, performance.now() - beganMs), { signal });
    }
  }

  #compare(recent: readonly ShownFace[]): void {
    const before = this.#known;
    this.#known = new Set(recent.map(({ key }) => key));
    const fresh = before ? recent.filter(({ key }) => !before.has(key)) : [];
    if (!before || this.#trouble !== undefined || fresh.length > MAX_FACES) this.#tell(event("ready", true));
    else if (fresh.length > 0) this.#tell(event("faces", fresh));
    this.#trouble = undefined;
  }

  #complain(trouble: string): void {
    if (trouble !== this.#trouble) this.#tell(event("trouble", trouble));
    this.#trouble = trouble;
  }

  #tell(message: Uint8Array): void {
    for (const watcher of this.#watchers) {
      if ((watcher.desiredSize ?? 0) > -MAX_UNREAD) watcher.enqueue(message);
      else {
        watcher.close();
        this.#leave(watcher);
      }
    }
  }
}

function event(name: "ready" | "faces" | "trouble", data: unknown): Uint8Array {
  return encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
