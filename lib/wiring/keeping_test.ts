/** The saver removes old faces: when, and when not. */
import assert from "node:assert/strict";
import type { Synchronised } from "../face/face.ts";
import { KeyDays } from "../face/key_days.ts";
import { DEFAULT_KEY, KeyTemplate } from "../face/object_key.ts";
import { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { MAX_REMOVED } from "../store/retention.ts";
import { ManualTime } from "../testing/manual_time.ts";
import { MemoryStore } from "../testing/memory_store.ts";
import { until } from "../testing/until.ts";
import { keepFaces } from "./keeping.ts";

const HOUR_MS = 3_600_000;
const OLD = "2026-01-01/04-05-06-789_door_abababababab.png";
const NEW = "2026-11-26/04-05-06-789_door_abababababab.png";

/** A saver that keeps faces for 30 days, until it is disposed of. */
class Saver implements AsyncDisposable {
  readonly store = Object.assign(new MemoryStore(), {
    delete: async (key: string) => {
      this.store.fault("delete", key);
      this.store.objects.delete(key);
    },
  });
  readonly time = new ManualTime();
  readonly lines: string[] = [];
  readonly health = new Health();
  clock: Synchronised = "yes";
  readonly #stop = new AbortController();
  #ended?: Promise<void>;

  constructor(...keys: string[]) {
    for (const key of keys) this.store.objects.set(key, new Uint8Array(1));
  }

  async start(): Promise<void> {
    const add = (message: string) => void this.lines.push(message);
    const log: Log = { debug: () => {}, info: add, warn: add, error: add };
    this.#ended = keepFaces(
      { store: this.store, days: new KeyDays(new KeyTemplate(DEFAULT_KEY)), keepDays: 30 },
      {
        log,
        health: this.health,
        signal: this.#stop.signal,
        sleep: this.time.delay,
        nowMs: () => Date.parse("2026-11-26T12:00:00Z") + this.time.nowMs,
        synchronised: () => Promise.resolve(this.clock),
      },
    );
    await this.time.advance(0);
  }

  get keys(): string[] {
    return [...this.store.objects.keys()].sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

Deno.test("old faces are removed at the start and every hour, logged and counted", async () => {
  await using saver = new Saver(OLD, NEW);
  await saver.start();
  assert.deepEqual(saver.keys, [NEW]);
  saver.store.objects.set(OLD, new Uint8Array(1));
  await saver.time.advance(HOUR_MS - 1);
  assert.deepEqual(saver.keys, [OLD, NEW]);
  await saver.time.advance(1);
  assert.deepEqual(saver.keys, [NEW]);
  assert.deepEqual(saver.lines, ["removed old faces", "removed old faces"]);
  assert.equal(saver.health.done.removed, 2);
});

Deno.test("nothing is removed until the clock is synchronised", async () => {
  for (const clock of ["no", "unknown"] as const) {
    await using saver = new Saver(OLD);
    saver.clock = clock;
    await saver.start();
    await saver.time.advance(24 * HOUR_MS);
    assert.deepEqual(saver.keys, [OLD]);
    assert.deepEqual(saver.store.calls, []);
    assert.match(saver.lines[0], /^old faces are not removed: .*clock of this machine.*Try: /);
    saver.clock = "yes";
    await saver.time.advance(HOUR_MS);
    assert.deepEqual(saver.keys, []);
    assert.deepEqual(saver.lines.slice(-1), ["old faces are removed again"]);
  }
});

Deno.test("more faces than one run removes take several runs with pauses", async () => {
  const keys = Array.from(
    { length: MAX_REMOVED + 1 },
    (_, index) =>
      OLD.replace("789", `${100 + index % 900}`)
        .replace("abababababab", index.toString(16).padStart(12, "0")),
  );
  await using saver = new Saver(...keys);
  await saver.start();
  await until(() => saver.keys.length === 1, "the first run has ended", { everyMs: 5 });
  await saver.time.advance(60_000);
  assert.equal(saver.keys.length, 0);
});

Deno.test("a store that fails is tried again, and ends nothing", async () => {
  await using saver = new Saver(OLD);
  saver.store.fault = (what) => {
    if (what === "list") throw new Error("no route");
  };
  await saver.start();
  saver.store.fault = (what) => {
    if (what === "delete") throw new Error("not allowed");
  };
  await saver.time.advance(HOUR_MS);
  saver.store.fault = () => {};
  await saver.time.advance(HOUR_MS);
  assert.deepEqual(saver.keys, []);
  assert.deepEqual(saver.lines.slice(0, 2), [
    "old faces are not removed: no route; retrying",
    "old faces are not removed: not allowed; retrying",
  ]);
});

Deno.test("faces that cannot be removed are not said to be removed again while later ones are", async () => {
  const keys = Array.from(
    { length: MAX_REMOVED + 25 },
    (_, index) => OLD.replace("abababababab", index.toString(16).padStart(12, "0")),
  );
  await using saver = new Saver(...keys);
  const kept = new Set(keys.slice(0, 25));
  saver.store.fault = (what, key) => {
    if (what === "delete" && kept.has(key!)) throw new Error("not allowed");
  };
  await saver.start();
  for (let hour = 0; hour < 3; hour++) {
    await saver.time.advance(HOUR_MS);
    await until(() => saver.keys.length === kept.size, "those of all runs are removed", { everyMs: 5 });
  }
  const isAbout = (line: string) => line !== "removed old faces";
  assert.deepEqual([...new Set(saver.lines.filter(isAbout))], [
    "old faces are not removed: not allowed; retrying",
  ]);
  saver.store.fault = () => {};
  await saver.time.advance(2 * HOUR_MS);
  assert.deepEqual([saver.keys, saver.lines.at(-1)], [[], "old faces are removed again"]);
});
