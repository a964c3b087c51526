/**
 * New faces for all open pages, as a stream of server-sent events (WHATWG HTML, section 9.2). The store is read at an
 * interval, once for all streams, and only while a stream is open.
 *
 * | event     | meaning                                                                        |
 * |-----------|--------------------------------------------------------------------------------|
 * | `ready`   | the page can load the newest faces; later ones follow as events                |
 * | `faces`   | new faces                                                                      |
 * | `removed` | the keys of faces that were deleted                                              |
 * | `trouble` | the reason why the store does not answer; the next `ready` ends it              |
 */
import { messageOf } from "../errors.ts";
import { delay } from "../async/delay.ts";
import type { ShownFace } from "./shown_face.ts";

/** Maximum number of open streams; further requests are refused. */
const MAX_STREAMS = 100;
/** Maximum number of messages that a client has not read; beyond it its stream is closed. */
const MAX_UNREAD = 100;
/** Maximum number of faces in one event; with more new faces, pages load again. */
const MAX_FACES = 500;
/** Interval of comments that keep proxies from closing an idle connection. */
const KEEP_ALIVE_MS = 15_000;
/** Browsers reconnect after this long. */
const RECONNECT_MS = 2_000;

type Stream = ReadableStreamDefaultController<Uint8Array>;

/** Options of {@link LiveFeed}. Tests replace the clock. */
export interface FeedOptions {
  /** Interval at which the store is read. */
  readonly pollMs: number;
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
}

/** Sends the new faces of a store to all open streams. */
export class LiveFeed {
  readonly #streams = new Set<Stream>();
  readonly #pollMs: number;
  readonly #nowMs: () => number;
  readonly #delay: typeof delay;
  #polling?: AbortController;
  /** The keys of the last poll; absent before the first one. */
  #known?: ReadonlySet<string>;
  /** Why the last poll failed; absent after a success. */
  #failure?: string;

  /** @param recent returns the faces that may be new, see `Album.recent`. */
  constructor(private readonly recent: () => Promise<readonly ShownFace[]>, options: FeedOptions) {
    this.#pollMs = options.pollMs;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#delay = options.delay ?? delay;
  }

  /** The number of open streams. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Opens a stream of events, which ends when it is cancelled; undefined beyond MAX_STREAMS. */
  open(): ReadableStream<Uint8Array> | undefined {
    if (this.#streams.size >= MAX_STREAMS) return undefined;
    let stream: Stream;
    return new ReadableStream({
      start: (controller) => {
        stream = controller;
        this.#streams.add(stream);
        stream.enqueue(encode(`retry: ${RECONNECT_MS}\n\n`));
        if (this.#failure !== undefined) stream.enqueue(event("trouble", this.#failure));
        else if (this.#known) stream.enqueue(event("ready", true));
        if (!this.#polling) this.#startPolling();
      },
      cancel: () => this.#remove(stream),
    });
  }

  /** Tells all pages that faces were deleted. */
  removed(keys: readonly string[]): void {
    this.#send(event("removed", keys));
  }

  /** Closes all streams and stops polling. */
  close(): void {
    for (const stream of this.#streams) {
      stream.close();
      this.#remove(stream);
    }
  }

  #remove(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#polling?.abort();
    this.#polling = this.#known = this.#failure = undefined;
  }

  #startPolling(): void {
    this.#polling = new AbortController();
    const { signal } = this.#polling;
    void this.#poll(signal);
    void this.#keepAlive(signal);
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = this.#nowMs();
      try {
        const recent = await this.recent();
        if (!signal.aborted) this.#compare(recent);
      } catch (error) {
        if (!signal.aborted) this.#report(messageOf(error));
      }
      // A slow store is read for at most half of the time.
      await this.#delay(Math.max(this.#pollMs, this.#nowMs() - startedMs), { signal });
    }
  }

  async #keepAlive(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#delay(KEEP_ALIVE_MS, { signal });
      if (signal.aborted) return;
      this.#send(encode(":\n\n"));
    }
  }

  #compare(recent: readonly ShownFace[]): void {
    const before = this.#known;
    this.#known = new Set(recent.map(({ key }) => key));
    const fresh = before ? recent.filter(({ key }) => !before.has(key)) : [];
    if (!before || this.#failure !== undefined || fresh.length > MAX_FACES) this.#send(event("ready", true));
    else if (fresh.length > 0) this.#send(event("faces", fresh));
    this.#failure = undefined;
  }

  #report(failure: string): void {
    if (failure !== this.#failure) this.#send(event("trouble", failure));
    this.#failure = failure;
  }

  #send(message: Uint8Array): void {
    for (const stream of this.#streams) {
      if ((stream.desiredSize ?? 0) > -MAX_UNREAD) stream.enqueue(message);
      else {
        stream.close();
        this.#remove(stream);
      }
    }
  }
}

function event(name: "ready" | "faces" | "removed" | "trouble", data: unknown): Uint8Array {
  return encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
