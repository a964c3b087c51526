/** Which packets are decoded, and when. */
import assert from "node:assert/strict";
import { Demand, type LeftOut } from "./demand.ts";
import type { JpegPacket } from "./jpeg_packets.ts";
import { PacketGate } from "./packet_gate.ts";

const FRAME_MS = 1000 / 30;

/** A gate with a clock, and a camera of 30 packets a second whose decoder answers at once. */
class Scene {
  nowMs = 0;
  readonly left: LeftOut[] = [];
  readonly demand: Demand;
  readonly gate: PacketGate;
  /** The times of the packets that were decoded. */
  readonly decoded: number[] = [];

  constructor({ idleMs = 200, minIntervalMs = 0, maxIntervalMs = Infinity, isWatched = false } = {}) {
    this.demand = new Demand({
      maxIntervalMs,
      isWatched: () => isWatched,
      onLeftOut: (why) => this.left.push(why),
    });
    this.gate = new PacketGate({ demand: this.demand, idleMs, minIntervalMs, nowMs: () => this.nowMs });
  }

  offer(): void {
    this.gate.offer({ arrivedMs: this.nowMs } as JpegPacket);
  }

  /** Packets for some time. @param answers whether the decoder gives their frames. */
  run(forMs: number, { answers = true } = {}): void {
    for (const endMs = this.nowMs + forMs - FRAME_MS / 2; this.nowMs < endMs; this.nowMs += FRAME_MS) {
      this.offer();
      const taken = this.gate.take();
      if (!taken) continue;
      this.decoded.push(taken.arrivedMs);
      if (answers) this.gate.answer(taken.number);
    }
  }

  /** The longest time from one decoded packet to the next one. */
  get longestMs(): number {
    return Math.max(...this.decoded.slice(1).map((timeMs, index) => timeMs - this.decoded[index]));
  }
}

Deno.test("every packet is decoded while every frame is needed", () => {
  const scene = new Scene();
  scene.run(1_000);
  assert.deepEqual([scene.decoded.length, scene.left], [30, []]);
});

Deno.test("a quiet scene is looked at with the idle rate: each packet waits at most its interval", () => {
  const scene = new Scene();
  scene.demand.set({ isQuiet: true, isBusy: false });
  scene.run(10_000);
  assert.ok(scene.decoded.length >= 49 && scene.decoded.length <= 51, `${scene.decoded.length} in 10 s`);
  assert.ok(scene.longestMs <= 200 + FRAME_MS, `${scene.longestMs} ms`);
  assert.ok(scene.left.every((why) => why === "quiet"));
  assert.equal(scene.left.length + scene.decoded.length, 300 - 1, "the newest packet waits");
});

Deno.test("while the consumer is busy, the waiting frame is renewed with the idle rate only", () => {
  const scene = new Scene();
  scene.demand.set({ isQuiet: false, isBusy: true });
  scene.run(2_000);
  assert.ok(scene.decoded.length >= 9 && scene.decoded.length <= 11, `${scene.decoded.length} in 2 s`);
  assert.ok(scene.left.length > 0 && scene.left.every((why) => why === "busy"));
});

Deno.test("the newest packet is decoded at once when more frames are needed", () => {
  const scene = new Scene();
  let calls = 0;
  scene.demand.onMore(() => calls++);
  scene.demand.set({ isQuiet: true, isBusy: false });
  scene.run(340);
  const [before, heldMs] = [scene.decoded.length, scene.nowMs - FRAME_MS];
  assert.equal(scene.gate.take(), undefined);
  scene.demand.set({ isQuiet: false, isBusy: false });
  assert.equal(calls, 1);
  assert.equal(scene.gate.take()?.arrivedMs, heldMs);
  assert.equal(before, 2);
});

Deno.test("a watched scene is never quiet, and an interval may be limited", () => {
  const watched = new Scene({ isWatched: true });
  watched.demand.set({ isQuiet: true, isBusy: false });
  watched.run(1_000);
  assert.equal(watched.decoded.length, 30);
  const limited = new Scene({ maxIntervalMs: 100 });
  limited.demand.set({ isQuiet: true, isBusy: false });
  limited.run(1_000);
  assert.ok(limited.longestMs <= 100 + FRAME_MS + 0.001, `${limited.longestMs} ms`);
});

Deno.test("a rate is kept on average, and what it leaves out is not counted", () => {
  const scene = new Scene({ minIntervalMs: 1000 / 12 });
  scene.run(10_000);
  assert.ok(scene.decoded.length >= 119 && scene.decoded.length <= 121, `${scene.decoded.length} in 10 s`);
  assert.deepEqual(scene.left, []);
});

Deno.test("two packets are in the decoder at most, and a damaged one frees its place at the next answer", () => {
  const scene = new Scene();
  scene.run(500, { answers: false });
  assert.equal(scene.decoded.length, 2);
  assert.ok(scene.left.length > 10 && scene.left.every((why) => why === "busy"));
  // The first one was damaged.
  assert.equal(scene.gate.answer(1)?.arrivedMs, scene.decoded[1]);
  assert.equal(scene.gate.unansweredMs, 0);
  scene.run(300);
  assert.ok(scene.decoded.length > 9);
});

Deno.test("packets that are all damaged free their places after a while, and are not remembered without limit", () => {
  const scene = new Scene();
  scene.run(5_000, { answers: false });
  assert.ok(scene.decoded.length >= 18 && scene.decoded.length <= 22, `${scene.decoded.length} in 5 s`);
  assert.ok(scene.gate.unansweredMs > 4_900);
  const last = scene.decoded.length - 1;
  assert.equal(scene.gate.answer(last - 4), undefined, "too late");
  assert.equal(scene.gate.answer(last - 3)?.arrivedMs, scene.decoded[last - 3], "late");
});

Deno.test("a slow decoder gets no more packets than it decodes, so its frames are not too late", () => {
  for (const decodeMs of [300, 700, 1_200]) {
    const scene = new Scene();
    const queue: number[] = [];
    let [readyMs, answers, frames] = [0, 0, 0];
    for (; scene.nowMs < 60_000; scene.nowMs += FRAME_MS) {
      if (queue.length > 0 && scene.nowMs >= readyMs) {
        answers++;
        if (scene.gate.answer(queue.shift()!)) frames++;
        readyMs = scene.nowMs + decodeMs;
      }
      scene.offer();
      const taken = scene.gate.take();
      if (!taken) continue;
      if (queue.push(taken.number) === 1) readyMs = scene.nowMs + decodeMs;
    }
    assert.ok(frames >= answers - 5, `${frames} frames of ${answers} answers after ${decodeMs} ms each`);
    assert.ok(answers >= 0.85 * 60_000 / decodeMs, `${answers} answers after ${decodeMs} ms each`);
    assert.ok(queue.length <= 4, `${queue.length} packets wait`);
  }
});

Deno.test("a new decoder begins with number 0 and without packets", () => {
  const scene = new Scene();
  scene.run(100, { answers: false });
  scene.gate.restart();
  assert.equal(scene.gate.unansweredMs, 0);
  scene.offer();
  assert.equal(scene.gate.take()?.number, 0);
});
