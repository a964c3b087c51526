/** What is sent to a systemd that takes its time. The real socket is in test/end_to_end/health_test.ts. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import { until } from "../testing/until.ts";
import { Health } from "./health.ts";
import { type Notifications, notifySystemd } from "./systemd.ts";

/** A socket as Deno's, which refuses a message while another one is under way. */
class SlowSocket implements Notifications {
  readonly sent: string[] = [];
  #underWay: PromiseWithResolvers<void> | undefined;

  send(text: string): Promise<void> {
    if (this.#underWay) return Promise.reject(new Error("Socket already in use"));
    this.sent.push(text);
    this.#underWay = Promise.withResolvers();
    return this.#underWay.promise;
  }

  /** systemd takes the message under way. */
  async taken(): Promise<void> {
    this.#underWay?.resolve();
    this.#underWay = undefined;
    await settled();
  }

  close(): void {
    this.#underWay?.reject(new Error("Bad resource ID"));
  }
}

/** A program that reports to such a socket, and what it logs. */
function open() {
  const health = new Health();
  const component = health.component("camera");
  const socket = new SlowSocket();
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log = { debug: write, info: write, warn: write, error: write };
  const stop = new AbortController();
  const reporter = notifySystemd(health, { socket: "/run/notify" }, {
    signal: stop.signal,
    log,
    open: () => socket,
  })!;
  return { component, socket, logged, stop, reporter };
}

Deno.test("while a message is under way only the newest one waits, and READY is not lost", async () => {
  const { component, socket, logged, reporter } = open();
  component.started();
  component.ok();
  component.waiting("unplugged");
  assert.deepEqual(socket.sent.map((text) => text.split("\n")[0]), ["STATUS=camera: not available yet"]);
  await socket.taken();
  assert.deepEqual(socket.sent.slice(1), ["READY=1\nSTATUS=camera: unplugged"]);
  await socket.taken();
  component.recovered();
  assert.deepEqual(socket.sent.slice(2), ["STATUS=camera: no result yet"]);
  await socket.taken();
  await socket.taken();
  const ended = reporter[Symbol.asyncDispose]();
  await socket.taken();
  await ended;
  assert.deepEqual(socket.sent.slice(3), ["STATUS=ready", "STOPPING=1"]);
  assert.deepEqual(logged, []);
});

Deno.test("a systemd that takes no message for a second is reported once, and the end waits no longer", async () => {
  const { component, socket, logged, stop, reporter } = open();
  await until(() => logged.length > 0, "it is reported");
  component.started();
  assert.deepEqual(logged, ["cannot report health to systemd: systemd does not take messages"]);
  await socket.taken();
  assert.equal(logged[1], "health is reported to systemd again");
  stop.abort();
  await reporter[Symbol.asyncDispose]();
  await settled();
  assert.equal(socket.sent.length, 2);
  assert.equal(logged.length, 2);
});
