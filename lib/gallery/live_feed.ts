/**
 * Changes for all open pages, as a stream of server-sent events (WHATWG HTML, section 9.2). The store is read at an
 * interval, once for all streams, and only while a stream is open.
 *
 * | event     | data            | meaning                                                            |
 * |-----------|-----------------|--------------------------------------------------------------------|
 * | `ready`   | `{}`            | the page loads what it shows; later changes follow as events       |
 * | `visits`  | visits          | new visits, and those with new faces or with metadata read since   |
 * | `removed` | keys            | faces that the store no longer has                                 |
 * | `index`   | `{ from, to }`  | the counts of this range of time have changed                      |
 * | `cameras` | cameras         | the whole list of cameras (cameras.ts), when it has changed        |
 * | `broker`  | `{ broker, since }` | the broker of the cameras answers, or answers no more          |
 * | `trouble` | a text, or null | why the store does not answer; null when it answers again          |
 * | `alive`   | `{}`            | every 15 s: a stream without it has been cut                        |
 */
import { messageOf } from "../errors.ts";
import { delay } from "../async/delay.ts";
import type { Changes } from "./index_changes.ts";
import { visitView } from "./visit_view.ts";

/** Maximum number of open streams; further requests are refused. */
const MAX_STREAMS = 100;
/**
 * Maximum number of messages, and their size in bytes, that a client has not read; beyond it its stream is closed, and
 * the page opens another one and loads again. Streams share the bytes of a message.
 */
const MAX_UNREAD = 100;
const MAX_UNREAD_BYTES = 4 * 2 ** 20;
/** What a shorter message counts, so that MAX_UNREAD of them reach the limit. */
const MESSAGE_BYTES = MAX_UNREAD_BYTES / MAX_UNREAD;
/**
 * Interval of `alive`. It keeps proxies from closing an idle connection; and a page learns of a cut that no end of the
 * connection told of, as when the gallery's machine is unplugged or the viewer's was asleep.
 */
const KEEP_ALIVE_MS = 15_000;
/** Browsers reconnect after this long. */
const RECONNECT_MS = 2_000;

/** The events of a stream. */
export type EventName = "ready" | "visits" | "removed" | "index" | "cameras" | "broker" | "trouble" | "alive";

type Stream = ReadableStreamDefaultController<Uint8Array>;

/** Options of {@link LiveFeed}. Tests replace the clock. */
export interface FeedOptions {
  /** Interval at which the store is read. */
  readonly pollMs: number;
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
}

/** Where changes come from; see {@link FaceIndex}. */
export interface ChangeSource {
  /** Looks for changes. Throws when the store does not answer. */
  readonly poll: () => Promise<void>;
  /** The changes since the last call. */
  readonly take: () => Changes;
}

/** Sends the changes of a store to all open streams. */
export class LiveFeed {
  readonly #streams = new Set<Stream>();
  readonly #pollMs: number;
  readonly #nowMs: () => number;
  readonly #delay: typeof delay;
  #polling?: AbortController;
  /** Whether a poll has succeeded since the first stream was opened. */
  #isReady = false;
  /** Why the last poll failed; absent after a success. */
  #failure?: string;

  constructor(private readonly source: ChangeSource, options: FeedOptions) {
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
        else if (this.#isReady) stream.enqueue(event("ready", {}));
        if (!this.#polling) this.#startPolling();
      },
      cancel: () => this.#remove(stream),
    }, { highWaterMark: 0, size: (message) => Math.max(MESSAGE_BYTES, message.length) });
  }

  /** Sends the changes so far, without waiting for the next poll. */
  flush(): void {
    if (this.#isReady && this.#failure === undefined) this.#announce();
  }

  #announce(): void {
    const { groups, removed, range, tooMany } = this.source.take();
    if (this.#failure !== undefined) this.send("trouble", null);
    if (!this.#isReady || this.#failure !== undefined || tooMany) this.send("ready", {});
    else {
      if (removed.length > 0) this.send("removed", removed);
      if (groups.length > 0) this.send("visits", groups.map(visitView));
      if (range) this.send("index", range);
    }
    this.#isReady = true;
    this.#failure = undefined;
  }

  /** Sends an event to all streams. */
  send(name: EventName, data: unknown): void {
    this.#send(event(name, data));
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
    this.#polling = this.#failure = undefined;
    this.#isReady = false;
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
        await this.source.poll();
        if (!signal.aborted) this.#announce();
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
      this.send("alive", {});
    }
  }

  #report(failure: string): void {
    if (failure !== this.#failure) this.send("trouble", failure);
    this.#failure = failure;
  }

  #send(message: Uint8Array): void {
    for (const stream of this.#streams) {
      if ((stream.desiredSize ?? 0) > -MAX_UNREAD_BYTES) stream.enqueue(message);
      else {
        stream.close();
        this.#remove(stream);
      }
    }
  }
}

function event(name: EventName, data: unknown): Uint8Array {
  return encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
