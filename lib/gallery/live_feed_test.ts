/** The stream of changes. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import { LiveFeed } from "./live_feed.ts";
import type { Changes } from "./index_changes.ts";
import type { VisitView } from "./visit_view.ts";

const POLL_MS = 1_000;
const KEEP_ALIVE_MS = 15_000;

interface Delay {
  readonly endMs: number;
  readonly end: () => void;
}

/** A feed of faces that the test changes, and its clock. */
class Scene {
  keys: string[] = [];
  failure?: Error;
  tooMany = false;
  range?: { from: number; to: number };
  #taken: readonly string[] = [];
  polls = 0;
  nowMs = 0;
  readonly #delays = new Set<Delay>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly feed = new LiveFeed({ poll: () => this.#poll(), take: () => this.#take() }, {
    pollMs: POLL_MS,
    nowMs: () => this.nowMs,
    delay: (delayMs, { signal } = {}) => this.#delay(delayMs, signal!),
  });

  /** Resolves when the feed has stopped polling. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Lets time pass: ends the delays that are due, one after the other. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    for (;;) {
      await settled();
      const next = [...this.#delays].toSorted((a, b) => a.endMs - b.endMs)[0];
      if (!next || next.endMs > untilMs) break;
      this.nowMs = next.endMs;
      this.#delays.delete(next);
      next.end();
    }
    this.nowMs = untilMs;
  }

  open(): Client {
    return new Client(this.feed.open()!);
  }

  async #poll(): Promise<void> {
    this.polls++;
    if (this.failure) throw this.failure;
  }

  /** The difference to the keys of the last call. */
  #take(): Changes {
    const fresh = this.keys.filter((key) => !this.#taken.includes(key));
    const removed = this.#taken.filter((key) => !this.keys.includes(key));
    this.#taken = [...this.keys];
    const groups = fresh.map((key) => ({
      id: key,
      ms: 0,
      faces: [{ key, ms: 0, bytes: 1, writtenMs: 0 }],
    }));
    return { groups, removed, tooMany: this.tooMany, range: this.range };
  }

  #delay(delayMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const delay = { endMs: this.nowMs + delayMs, end: resolve };
    this.#delays.add(delay);
    signal.addEventListener("abort", () => {
      this.#delays.delete(delay);
      resolve();
      this.#stopped.resolve();
    });
    return promise;
  }
}

/** Reads events as a browser does. */
class Client {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #unread = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next event: its name, and the ids or keys, or the reason of a failure; undefined at the end of the stream. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#unread.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await this.#reader.read();
        if (done) return undefined;
        this.#unread += new TextDecoder().decode(value);
        continue;
      }
      const message = this.#unread.slice(0, end);
      this.#unread = this.#unread.slice(end + 2);
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(message) ?? [];
      if (name === "visits") return `visits ${JSON.parse(data).map(({ id }: VisitView) => id).join(" ")}`;
      if (name === "removed") return `removed ${JSON.parse(data).join(" ")}`;
      if (name === "trouble" || name === "index") return `${name} ${data}`;
      if (name) return name;
    }
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

Deno.test("a stream has the changes after it was opened, and no earlier ones", async () => {
  const scene = new Scene();
  scene.keys = ["a"];
  const client = scene.open();
  assert.equal(await client.next(), "ready");
  scene.keys = ["a", "b", "c"];
  await scene.pass(POLL_MS);
  assert.equal(await client.next(), "visits b c");
  scene.keys = ["c", "d"];
  scene.range = { from: 1, to: 2 };
  await scene.pass(POLL_MS);
  assert.equal(await client.next(), "removed a b");
  assert.equal(await client.next(), "visits d");
  assert.equal(await client.next(), 'index {"from":1,"to":2}');
  await client.leave();
});

Deno.test("the store is read once for all streams, and never while none is open", async () => {
  const scene = new Scene();
  await scene.pass(4 * POLL_MS);
  assert.equal(scene.polls, 0);

  const clients = [scene.open(), scene.open(), scene.open()];
  for (const client of clients) assert.equal(await client.next(), "ready");
  assert.equal(scene.polls, 1);
  await scene.pass(4 * POLL_MS);
  assert.equal(scene.polls, 5);

  for (const client of clients) await client.leave();
  assert.equal(scene.feed.streams, 0);
  await scene.pass(10 * POLL_MS);
  assert.equal(scene.polls, 5);
});

Deno.test("a stream whose client does not read is closed after 100 messages or 4 MiB", async () => {
  for (const [length, most] of [[1, 100], [1_000_000, 5]]) {
    const scene = new Scene();
    const client = scene.open();
    assert.equal(await client.next(), "ready");
    let sent = 0;
    for (; scene.feed.streams > 0 && sent < 200; sent++) scene.feed.send("cameras", "x".repeat(length));
    assert.ok(sent > most / 2 && sent <= most + 2, `${sent} messages of ${length} bytes`);
  }
});

Deno.test("a slow store is read for at most half of the time", async () => {
  const scene = new Scene();
  let polls = 0;
  const poll = async () => {
    polls++;
    scene.nowMs += 3 * POLL_MS;
  };
  const slow = new LiveFeed({ poll, take: () => ({ groups: [], removed: [], tooMany: false }) }, {
    pollMs: POLL_MS,
    nowMs: () => scene.nowMs,
    delay: async (delayMs) => {
      if (delayMs === KEEP_ALIVE_MS) return await new Promise(() => {});
      assert.equal(delayMs, 3 * POLL_MS);
      if (polls === 3) slow.close();
    },
  });
  assert.ok(slow.open());
  await settled();
  assert.equal(polls, 3);
});

Deno.test("a quiet stream has an event every 15 s", async () => {
  const scene = new Scene();
  const client = scene.open();
  assert.equal(await client.next(), "ready");
  await scene.pass(2 * KEEP_ALIVE_MS);
  assert.deepEqual([await client.next(), await client.next()], ["alive", "alive"]);
  await client.leave();
});

Deno.test("a stream that is opened after all others were closed starts with the current faces", async () => {
  const scene = new Scene();
  const first = scene.open();
  await first.next();
  await first.leave();
  scene.keys = ["stored meanwhile"];
  const second = scene.open();
  assert.equal(await second.next(), "ready");
  scene.keys = ["stored meanwhile", "new"];
  await scene.pass(POLL_MS);
  assert.equal(await second.next(), "visits new");
  await second.leave();
});

Deno.test("a failure of the store is sent once to each stream, and its end to all", async () => {
  const scene = new Scene();
  const first = scene.open();
  assert.equal(await first.next(), "ready");
  scene.failure = new Error("gone");
  await scene.pass(POLL_MS);
  assert.equal(await first.next(), 'trouble "gone"');
  const second = scene.open();
  assert.equal(await second.next(), 'trouble "gone"');
  await scene.pass(5 * POLL_MS);
  scene.keys = ["stored meanwhile"];
  scene.failure = undefined;
  await scene.pass(POLL_MS);
  for (const client of [first, second]) {
    assert.equal(await client.next(), "trouble null");
    assert.equal(await client.next(), "ready");
  }
  await Promise.all([first.leave(), second.leave()]);
});

Deno.test("a change beyond the poll is sent at once", async () => {
  const scene = new Scene();
  scene.keys = ["a", "b"];
  const client = scene.open();
  assert.equal(await client.next(), "ready");
  scene.keys = ["b"];
  scene.feed.flush();
  assert.equal(await client.next(), "removed a");
  await client.leave();
});

Deno.test("with too many changes the page loads again", async () => {
  const scene = new Scene();
  const client = scene.open();
  assert.equal(await client.next(), "ready");
  scene.keys = ["a"];
  scene.tooMany = true;
  await scene.pass(POLL_MS);
  assert.equal(await client.next(), "ready");
  await client.leave();
});

Deno.test("the stream of a client that does not read is closed after 100 messages", async () => {
  const scene = new Scene();
  const client = scene.open();
  let faces = 0;
  for (; scene.feed.streams > 0 && faces < 200; faces++) {
    scene.keys = [...scene.keys, String(faces)];
    await scene.pass(POLL_MS);
  }
  assert.ok(faces > 90 && faces <= 100, `closed after ${faces} faces`); // The other messages are alive.
  await client.leave();
});

Deno.test("at most 100 streams are open", async () => {
  const scene = new Scene();
  const clients = Array.from({ length: 100 }, () => scene.open());
  assert.equal(scene.feed.open(), undefined);
  await clients[0].leave();
  assert.equal(scene.feed.streams, 99);
  await scene.open().leave();
  scene.feed.close();
});

Deno.test("close() ends all streams and stops polling", async () => {
  const scene = new Scene();
  const client = scene.open();
  assert.equal(await client.next(), "ready");
  await settled();
  scene.feed.close();
  assert.equal(await client.next(), undefined);
  await scene.stopped;
  await scene.pass(5 * POLL_MS);
  assert.equal(scene.polls, 1);
});

Deno.test("a client that closes its connection closes its stream", async () => {
  const scene = new Scene();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return new Response(scene.feed.open());
  });
  const browser = new Client((await fetch(`http://127.0.0.1:${server.addr.port}/`)).body!);
  assert.equal(await browser.next(), "ready");
  assert.equal(scene.feed.streams, 1);
  await browser.leave();
  await scene.stopped;
  assert.equal(scene.feed.streams, 0);
});
