/** Detectors for frames of different scale. */
import assert from "node:assert/strict";
import type { Reduction } from "../image/frame.ts";
import { boxOf } from "../testing/hand_pipeline.ts";
import type { FaceDetector } from "./engine.ts";
import { ScaledDetector } from "./scaled_detector.ts";

Deno.test("a frame is searched by the detector of its scale, which is started once and ended at the end", async () => {
  const log: string[] = [];
  const start = (reduction: Reduction): Promise<FaceDetector> => {
    log.push(`start ${reduction}`);
    return Promise.resolve({
      parallel: reduction,
      reportBacklog: () => log.push(`backlog ${reduction}`),
      detect: () => Promise.resolve([boxOf(reduction)]),
      [Symbol.asyncDispose]: () => Promise.resolve(void log.push(`end ${reduction}`)),
    });
  };
  const detector = await ScaledDetector.start(start, 2);
  const plane = { gray: new Uint8Array(1), width: 1, height: 1 };
  for (const reduction of [2, 1, 2, 1] as const) {
    await detector.use(reduction);
    detector.reportBacklog();
    assert.equal(detector.parallel, reduction);
    assert.deepEqual(await detector.detect(plane, "all"), [boxOf(reduction)]);
  }
  await detector[Symbol.asyncDispose]();
  const backlogs = [2, 1, 2, 1].map((reduction) => `backlog ${reduction}`);
  assert.deepEqual(log.filter((line) => line.startsWith("backlog")), backlogs);
  assert.deepEqual(log.filter((line) => !line.startsWith("backlog")), [
    "start 2",
    "start 1",
    "end 2",
    "end 1",
  ]);
});
