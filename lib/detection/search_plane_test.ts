/** Planes for detectors, of frames in the range of video. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { searchPlaneOf } from "./search_plane.ts";

const plane = (...values: number[]) => Uint8Array.from(values);

/** Black, white, and the least and the greatest chroma of video. */
const frame = (fullRange: boolean) =>
  ({
    width: 4,
    height: 2,
    pixels: {
      kind: "yuv420",
      fullRange,
      y: plane(16, 235, 16, 235, 16, 235, 16, 235),
      u: plane(16, 128),
      v: plane(128, 240),
      matrix: "bt709",
    },
  }) as unknown as Frame;

Deno.test("a prepared plane is in full range, brightness and chroma", () => {
  const { gray, limitedRange, chroma } = searchPlaneOf(frame(false), { usesColour: true, prepare: () => {} });
  assert.ok(!limitedRange);
  assert.deepEqual([...gray.subarray(0, 2)], [0, 255]);
  assert.deepEqual(chroma, { u: plane(1, 128), v: plane(128, 255), matrix: "bt709" });
});

Deno.test("planes of a frame that is not prepared, or is in full range, are not changed", () => {
  const limited = frame(false);
  const { gray, limitedRange, chroma } = searchPlaneOf(limited, { usesColour: true });
  assert.deepEqual([limitedRange, [...gray.subarray(0, 2)], [...chroma!.u]], [true, [16, 235], [16, 128]]);
  const full = searchPlaneOf(frame(true), { usesColour: true, prepare: () => {} });
  assert.deepEqual([[...full.gray.subarray(0, 2)], [...full.chroma!.u]], [[16, 235], [16, 128]]);
});
