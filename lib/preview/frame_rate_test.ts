/** The frame rate over the last two seconds. */
import assert from "node:assert/strict";
import { FrameRate } from "./frame_rate.ts";

Deno.test("rate and search time are those of the last two seconds", () => {
  const rate = new FrameRate();
  assert.deepEqual([rate.perSecond(0), rate.searchMs(0)], [undefined, undefined]);
  for (let nth = 0; nth <= 100; nth++) rate.add(nth * 100, nth % 2 ? 8 : 0);
  assert.equal(rate.perSecond(10_000), 10);
  assert.equal(rate.searchMs(10_000), 8, "frames without a search do not count");
  assert.equal(rate.perSecond(13_000), undefined);
});
