/** Changes of settings from the broker, with a clock that is moved by hand. */
import assert from "node:assert/strict";
import type { Message } from "../bus/bus.ts";
import { MessageQueue } from "../bus/message_queue.ts";
import type { Log } from "../log.ts";
import { ManualTime } from "../testing/manual_time.ts";
import { until } from "../testing/until.ts";
import { RemoteSettings, type SearchValues } from "./remote_settings.ts";
import { SettingChanges } from "./setting_changes.ts";

const VALUES = { engine: "haar", faces: "best", minSize: 0, maxSize: 0, visitGap: 2, visitStill: 60 };

/** Changes that are taken; `applied` has the smallest face at each time. */
class Round implements AsyncDisposable {
  readonly time = new ManualTime();
  readonly applied: number[] = [];
  readonly lines: string[] = [];
  readonly #stop = new AbortController();
  readonly #queue = new MessageQueue({ qos: 1, signal: this.#stop.signal, maxWaiting: 10_000 });
  readonly #taking: Promise<void>;

  constructor() {
    const remote = new RemoteSettings(VALUES as unknown as SearchValues);
    const keep = (text: string, fields = {}) => this.lines.push(`${text} ${JSON.stringify(fields)}`);
    const log = { debug: keep, info: keep, warn: keep, error: keep } as unknown as Log;
    const changes = new SettingChanges(remote, {
      apply: async () => void this.applied.push(remote.values.minSize),
      log,
      delay: this.time.delay,
      nowMs: () => this.time.nowMs,
    });
    this.#taking = changes.take(this.#queue.take(), this.#stop);
  }

  set(name: string, text: string, more: Partial<Message> = {}): void {
    const payload = new TextEncoder().encode(text);
    this.#queue.push({ topic: `b/settings/${name}/set`, payload, isRetained: false, ...more });
  }

  /** Number of changes that nobody has taken. */
  get waiting(): number {
    return this.#queue.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#taking;
  }
}

Deno.test("a flood of changes comes into force once a second, with the last value", async () => {
  await using round = new Round();
  round.set("min-size", "20");
  await until(() => round.applied.length === 1, "the first one is in force at once");
  for (let size = 1; size <= 1_000; size++) round.set("min-size", `${size}`);
  await until(() => round.waiting === 0, "all are taken");
  await round.time.advance(999);
  assert.deepEqual(round.applied, [20]);
  await round.time.advance(1);
  assert.deepEqual(round.applied, [20, 1_000]);
  await round.time.advance(60_000);
  assert.equal(round.applied.length, 2);
  assert.equal(round.lines.length, 2);
});

Deno.test("changes of several settings come into force together, and the log names each", async () => {
  await using round = new Round();
  round.set("min-size", "20");
  await until(() => round.applied.length === 1, "the first one is in force at once");
  round.set("min-size", "30");
  round.set("visit-gap", "3");
  await until(() => round.waiting === 0, "all are taken");
  await round.time.advance(1_000);
  assert.equal(round.applied.length, 2);
  assert.match(round.lines[1], /\{"min-size":"30","visit-gap":"3"\}/);
});

Deno.test("a flood of wrong changes changes nothing, and has a bounded number of log lines", async () => {
  await using round = new Round();
  for (let count = 0; count < 1_000; count++) round.set("min-size", `x${count}`);
  await until(() => round.waiting === 0, "all are taken");
  await round.time.advance(0);
  assert.equal(round.lines.length, 10);
  await round.time.advance(10_000);
  round.set("min-size", "retained", { isRetained: true });
  round.set("min-size", "x".repeat(257));
  await round.time.advance(0);
  assert.match(round.lines[10], /it is retained.*"notLogged":990/);
  assert.match(round.lines[11], /it has 257 bytes \{\}/);
  assert.deepEqual(round.applied, []);
});
