/** Clips: the faces that are known late lose no detection, at any number of parallel searches. */
import assert from "node:assert/strict";
import type { Area } from "../image/frame.ts";
import { boxOf, frame } from "../testing/hand_pipeline.ts";
import { settled } from "../testing/settled.ts";
import type { FaceDetector } from "./engine.ts";
import { detectFrames } from "./frame_pipeline.ts";
import { SearchArea } from "./search_area.ts";

for (const parallel of [1, 3, 16]) {
  Deno.test(`not live: a face is searched for in every frame after it was found, with ${parallel} parallel searches`, async () => {
    const detector: FaceDetector = {
      parallel,
      reportBacklog: () => {},
      detect: () => Promise.resolve([boxOf(0)]),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    async function* frames() {
      for (let number = 0; number < 20; number++) {
        yield { ...frame(7), capturedMs: number, sourceTimeMs: number };
      }
    }
    const found: number[] = [];
    const area = new SearchArea("region", 0);
    const options = { live: false, area, onSkipped: assert.fail };
    for await (const { boxes } of detectFrames(frames(), detector, options)) found.push(boxes.length);
    assert.deepEqual(found, Array(20).fill(1));
  });

  Deno.test(`not live: a face that appears without motion is in every frame once, with ${parallel} parallel searches`, async () => {
    const [width, height] = [400, 300];
    const plane = new Uint8Array(width * height).fill(90);
    const chroma = new Uint8Array(width * height / 4).fill(128);
    const pixels = { kind: "yuv420", y: plane, u: chroma, v: chroma, fullRange: true } as const;
    const face = { x: 40, y: 40, width: 50, height: 50 };
    const searches: Area[] = [];
    const detector: FaceDetector = {
      parallel,
      reportBacklog: () => {},
      // Nothing moves: the first search of the whole frame misses the face, and the second one finds it.
      detect: async (_, area) => {
        searches.push(area);
        const isMissed = searches.filter((searched) => searched === "all").length < 2;
        await settled();
        return isMissed ? [] : [face];
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    async function* frames() {
      for (let number = 0; number < 30; number++) {
        yield { width, height, pixels, capturedMs: number, sourceTimeMs: number * 100 };
      }
    }
    const options = { live: false, area: new SearchArea("region", 1_000), onSkipped: assert.fail };
    const results = await Array.fromAsync(
      detectFrames(frames(), detector, options),
      ({ boxes }) => boxes.length,
    );
    assert.deepEqual(results, [...Array(10).fill(0), ...Array(20).fill(1)]);
    const around = searches.filter((area) => area !== "all");
    assert.ok(around.length > 0 && around.every((area) => area.length === 1), "each region is searched once");
  });
}
