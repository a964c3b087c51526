/** What a limit does when the program stands still. */
import assert from "node:assert/strict";
import { startLimit } from "./limit.ts";

/** A limit whose timer a test ends, and the delays of its timers. */
function start(limitMs: number) {
  const waits: number[] = [];
  const state = { nowMs: 0, ended: 0, cancelled: 0 };
  let end = () => {};
  const cancel = startLimit(limitMs, () => state.ended++, {
    nowMs: () => state.nowMs,
    after: (ms, run) => {
      waits.push(ms);
      end = run;
      return () => state.cancelled++;
    },
  });
  /** The timer ends `lateMs` after its time. */
  const pass = (lateMs: number) => {
    state.nowMs += waits.at(-1)! + lateMs;
    end();
  };
  return { waits, state, cancel, pass };
}

Deno.test("a limit ends when its timer ends, also one that is a little late", () => {
  const { waits, state, pass } = start(500);
  pass(100);
  assert.deepEqual([waits, state.ended], [[500], 1]);
});

Deno.test("time in which the program stood still is given once more, up to the limit", () => {
  const { waits, state, pass } = start(500);
  pass(300);
  assert.equal(state.ended, 0);
  pass(10_000);
  assert.equal(state.ended, 0);
  pass(0);
  assert.deepEqual([waits, state.ended], [[500, 300, 500], 1]);
});

Deno.test("a limit ends although the program stands still again and again", () => {
  const { waits, state, pass } = start(500);
  for (let time = 0; time < 4; time++) pass(60_000);
  assert.deepEqual([waits.length, state.ended], [4, 1]);
});

Deno.test("a limit that was cancelled does nothing, also when its timer comes nevertheless", () => {
  for (const lateMs of [0, 300]) {
    const { waits, state, cancel, pass } = start(500);
    cancel();
    pass(lateMs);
    assert.deepEqual([waits, state.ended], [[500], 0]);
  }
});

Deno.test("a limit is cancelled also after a standstill", () => {
  const { state, cancel, pass } = start(500);
  pass(300);
  cancel();
  assert.deepEqual([state.cancelled, state.ended], [1, 0]);
});
