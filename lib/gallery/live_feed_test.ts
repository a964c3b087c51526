import assert from "node:assert/strict";
import { delay } from "../async/delay.ts";
import { LiveFeed } from "./live_feed.ts";
import type { ShownFace } from "./shown_face.ts";

const POLL_MS = 5;

/** A feed over faces that the test changes. */
class Scene {
  keys: string[] = [];
  trouble?: Error;
  looks = 0;
  readonly feed = new LiveFeed(() => this.#look(), POLL_MS);

  async #look(): Promise<ShownFace[]> {
    this.looks++;
    if (this.trouble) throw this.trouble;
    return this.keys.map((key) => ({ key, url: key, label: key, ms: 0 }));
  }

  watch(): Watcher {
    return new Watcher(this.feed.watch()!);
  }
}

/** Reads events as a browser does. */
class Watcher {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #unread = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next event: its name and, of faces, their keys; nothing when the stream has ended. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#unread.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await this.#reader.read();
        if (done) return undefined;
        this.#unread += new TextDecoder().decode(value);
        continue;
      }
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(this.#unread.slice(0, end)) ?? [];
      this.#unread = this.#unread.slice(end + 2);
      if (name === "faces") return `faces ${JSON.parse(data).map(({ key }: ShownFace) => key).join(" ")}`;
      if (name) return name === "trouble" ? `trouble ${JSON.parse(data)}` : name;
    }
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

Deno.test("a watcher is told of what comes, and not of what was there", async () => {
  const scene = new Scene();
  scene.keys = ["a"];
  const watcher = scene.watch();
  assert.equal(await watcher.next(), "ready");
  scene.keys = ["a", "b", "c"];
  assert.equal(await watcher.next(), "faces b c");
  scene.keys = ["c", "d"];
  assert.equal(await watcher.next(), "faces d");
  await watcher.leave();
});

Deno.test("the store is looked at once for all watchers, and not at all without any", async () => {
  const scene = new Scene();
  await delay(4 * POLL_MS);
  assert.equal(scene.looks, 0);

  const watchers = [scene.watch(), scene.watch(), scene.watch()];
  for (const watcher of watchers) assert.equal(await watcher.next(), "ready");
  assert.equal(scene.looks, 1);

  for (const watcher of watchers) await watcher.leave();
  assert.equal(scene.feed.watchers, 0);
  const { looks } = scene;
  await delay(10 * POLL_MS);
  assert.equal(scene.looks, looks);
});

Deno.test("who comes back is told from then on", async () => {
  const scene = new Scene();
  const first = scene.watch();
  await first.next();
  await first.leave();
  scene.keys = ["came meanwhile"];
  const second = scene.watch();
  assert.equal(await second.next(), "ready");
  scene.keys = ["came meanwhile", "new"];
  assert.equal(await second.next(), "faces new");
  await second.leave();
});

Deno.test("who joins while the store is away learns it at once, and everybody when it is back", async () => {
  const scene = new Scene();
  const first = scene.watch();
  assert.equal(await first.next(), "ready");
  scene.trouble = new Error("gone");
  assert.equal(await first.next(), "trouble gone");
  const second = scene.watch();
  assert.equal(await second.next(), "trouble gone");
  await delay(5 * POLL_MS);
  scene.keys = ["came with the return"];
  scene.trouble = undefined;
  assert.equal(await first.next(), "ready", "trouble is told once");
  assert.equal(await second.next(), "ready");
  await Promise.all([first.leave(), second.leave()]);
});

Deno.test("a flood of new faces lets the page load anew", async () => {
  const scene = new Scene();
  const watcher = scene.watch();
  assert.equal(await watcher.next(), "ready");
  scene.keys = Array.from({ length: 501 }, (_, index) => String(index));
  assert.equal(await watcher.next(), "ready");
  await watcher.leave();
});

Deno.test("a watcher that does not read is let go", async () => {
  const scene = new Scene();
  const watcher = scene.watch();
  for (let look = 0; scene.feed.watchers > 0; look++) {
    assert.ok(look < 1000, "it is still there");
    scene.keys = [String(look)];
    await delay(POLL_MS);
  }
  await watcher.leave();
});

Deno.test("there is a limit to watchers", async () => {
  const scene = new Scene();
  const watchers = Array.from({ length: 100 }, () => scene.watch());
  assert.equal(scene.feed.watch(), undefined);
  await watchers[0].leave();
  assert.equal(scene.feed.watchers, 99);
  await scene.watch().leave();
  scene.feed.close();
});

Deno.test("close() ends every stream and the looking", async () => {
  const scene = new Scene();
  const watcher = scene.watch();
  assert.equal(await watcher.next(), "ready");
  scene.feed.close();
  assert.equal(await watcher.next(), undefined);
  const { looks } = scene;
  await delay(5 * POLL_MS);
  assert.equal(scene.looks, looks);
});

Deno.test("a browser that closes its connection is a watcher less", async () => {
  const scene = new Scene();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return new Response(scene.feed.watch());
  });
  const browser = new Watcher((await fetch(`http://127.0.0.1:${server.addr.port}/`)).body!);
  assert.equal(await browser.next(), "ready");
  assert.equal(scene.feed.watchers, 1);
  await browser.leave();
  for (let wait = 0; scene.feed.watchers > 0 && wait < 500; wait++) await delay(10);
  const { watchers } = scene.feed;
  scene.feed.close();
  assert.equal(watchers, 0);
});
