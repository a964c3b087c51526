/** When the demo cuts the way to the cloud. */
import assert from "node:assert/strict";
import { AFTER_MS, CloudCut, CUT_MS } from "./cloud_cut.ts";

function setUp({ byItself = true } = {}) {
  const at = { nowMs: 0, firstStoredMs: undefined as number | undefined };
  const changes: unknown[] = [];
  const link = {
    isCut: false,
    cut: () => void (link.isCut = true),
    mend: () => void (link.isCut = false),
  };
  const cut = new CloudCut(link, {
    byItself,
    firstStoredMs: () => at.firstStoredMs,
    onChange: (change) => changes.push(change),
    nowMs: () => at.nowMs,
  });
  const tickAt = (nowMs: number) => {
    at.nowMs = nowMs;
    cut.tick();
    return link.isCut;
  };
  return { at, changes, link, cut, tickAt };
}

Deno.test("the demo cuts the way once, some time after the first face was stored, and mends it", () => {
  const { at, changes, cut, tickAt } = setUp();
  assert.equal(tickAt(1_000_000), false, "no face is stored");
  at.firstStoredMs = 1_000_000;
  assert.equal(tickAt(1_000_000 + AFTER_MS - 1), false);
  const cutMs = 1_000_000 + AFTER_MS;
  assert.equal(tickAt(cutMs), true);
  at.nowMs += CUT_MS - 3_500;
  assert.equal(cut.secondsLeft, 4);
  assert.equal(tickAt(cutMs + CUT_MS - 1), true);
  assert.equal(tickAt(cutMs + CUT_MS), false);
  assert.equal(tickAt(cutMs + 100 * CUT_MS), false);
  assert.deepEqual(changes, [{ isCut: true, seconds: CUT_MS / 1000 }, { isCut: false }]);
});

Deno.test("a key cuts until a key mends, and then the demo does not cut by itself", () => {
  const { at, changes, link, cut, tickAt } = setUp();
  at.firstStoredMs = 0;
  cut.cut();
  cut.cut();
  assert.equal(cut.secondsLeft, undefined);
  assert.equal(tickAt(AFTER_MS + 10 * CUT_MS), true);
  cut.mend();
  cut.mend();
  assert.equal(link.isCut, false);
  assert.equal(tickAt(AFTER_MS + 20 * CUT_MS), false);
  assert.deepEqual(changes, [{ isCut: true }, { isCut: false }]);
});

Deno.test("during the demo's own cut, one key makes it last and the other ends it", () => {
  const lasting = setUp();
  lasting.at.firstStoredMs = 0;
  lasting.tickAt(AFTER_MS);
  lasting.cut.cut();
  assert.equal(lasting.tickAt(AFTER_MS + 2 * CUT_MS), true);
  const ended = setUp();
  ended.at.firstStoredMs = 0;
  ended.tickAt(AFTER_MS);
  ended.cut.mend();
  assert.equal(ended.tickAt(AFTER_MS + 1), false);
});

Deno.test("with a camera of the user the demo does not cut by itself", () => {
  const { at, tickAt } = setUp({ byItself: false });
  at.firstStoredMs = 0;
  assert.equal(tickAt(10 * AFTER_MS), false);
});
