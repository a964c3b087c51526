/** The account of the demo's faces. */
import assert from "node:assert/strict";
import { Deliveries } from "./deliveries.ts";

const face = (id: string, camera = "front") => ({ id, camera, bytes: 1000 });

Deno.test("a face waits from its first publish to its receipt, and counts once however often it is sent", () => {
  let nowMs = 1_000;
  const deliveries = new Deliveries(() => nowMs);
  assert.equal(deliveries.published(face("a")), true);
  assert.equal(deliveries.published(face("b", "yard")), true);
  nowMs += 400;
  assert.equal(deliveries.published(face("a")), false);
  assert.deepEqual([deliveries.waiting(), deliveries.waiting("front"), deliveries.longestWaitMs], [
    2,
    1,
    400,
  ]);
  deliveries.received({ id: "a" });
  deliveries.received({ id: "a" });
  deliveries.received({ id: "unknown" });
  nowMs += 600;
  deliveries.received({ id: "b", refused: "no picture" });
  assert.equal(deliveries.published(face("a")), false, "a copy that was sent before the receipt");
  const { detected, stored, rejected, storedBytes, longestMs, firstStoredMs } = deliveries;
  assert.deepEqual([detected, stored, rejected, storedBytes, longestMs, firstStoredMs], [
    2,
    1,
    1,
    1000,
    1000,
    1400,
  ]);
  assert.deepEqual([deliveries.waiting(), deliveries.longestWaitMs], [0, 0]);
});

Deno.test("the percentiles are times that occurred", () => {
  let nowMs = 0;
  const deliveries = new Deliveries(() => nowMs);
  assert.equal(deliveries.percentileMs(0.5), undefined);
  for (let took = 1; took <= 20; took++) {
    deliveries.published(face(`${took}`));
    nowMs += took;
    deliveries.received({ id: `${took}` });
  }
  assert.deepEqual([deliveries.percentileMs(0.5), deliveries.percentileMs(0.95)], [10, 19]);
});

Deno.test("the chart has the faces of the last minute in slots of five seconds", () => {
  let nowMs = 0;
  const deliveries = new Deliveries(() => nowMs);
  for (const atMs of [0, 1_000, 56_000, 59_999]) {
    nowMs = atMs;
    deliveries.published(face(`${atMs}`));
  }
  assert.deepEqual(deliveries.lastMinute(), [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
  nowMs = 65_000;
  assert.deepEqual(deliveries.lastMinute(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0]);
});
