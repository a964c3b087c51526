/** States of detectors, on a broker that may close the connection on them. */
import assert from "node:assert/strict";
import type { Bus } from "./bus.ts";
import { StateUplink } from "./state_uplink.ts";

/** A broker that takes states, or closes the connection a moment after each. */
class Round {
  nowMs = 0;
  connected = true;
  isDenied = true;
  sent = 0;
  paused = 0;
  readonly uplink: StateUplink;

  constructor() {
    const bus = {
      isConnected: () => this.connected,
      get connected() {
        return this.isConnected();
      },
      publish: async () => void this.sent++,
    };
    this.uplink = new StateUplink(bus as unknown as Bus, {
      onPaused: () => this.paused++,
      nowMs: () => this.nowMs,
    });
  }

  /** Sends one state, and lets half a minute pass. Returns whether it was sent. */
  async state(): Promise<boolean> {
    const before = this.sent;
    await this.uplink.forward("haarlem/board1/detector-front/state", new Uint8Array()).catch(() => {});
    const isSent = this.sent > before;
    this.nowMs += 100;
    if (isSent && this.isDenied) {
      this.uplink.disconnected();
      this.uplink.disconnected(); // The first attempt to connect fails.
    }
    this.nowMs += 29_900;
    return isSent;
  }
}

Deno.test("states that break the connection three times in a row are not sent for an hour", async () => {
  const round = new Round();
  for (let nth = 0; nth < 100; nth++) await round.state();
  assert.deepEqual([round.sent, round.paused], [3, 1]);
  round.nowMs += 3_600_000;
  round.isDenied = false; // Its account has the right now.
  for (let nth = 0; nth < 100; nth++) assert.ok(await round.state());
  assert.equal(round.paused, 1);
});

Deno.test("breaks that do not follow a state, or now and then, stop no state", async () => {
  const round = new Round();
  for (let nth = 0; nth < 50; nth++) {
    round.isDenied = nth % 3 !== 2;
    assert.ok(await round.state(), `${nth}`);
    if (nth % 5 === 0) round.uplink.disconnected();
  }
  assert.equal(round.paused, 0);
  round.connected = false;
  assert.equal(await round.state(), false, "nothing is sent without a connection");
});
