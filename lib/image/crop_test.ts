/** Crops around a box, at the edges of a frame too. */
import assert from "node:assert/strict";
import { crop, withMargin } from "./crop.ts";
import type { Frame, YuvMatrix } from "./frame.ts";

const FRAME = { width: 100, height: 80 };

/** A frame of odd size: luma, Cb and Cr differ in every sample. */
function yuvFrame(width: number, height: number, fullRange: boolean, matrix?: YuvMatrix): Frame {
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  const plane = (length: number, step: number) =>
    Uint8Array.from({ length }, (_, index) => (index * step + 16) % 256);
  return {
    width,
    height,
    capturedMs: 0,
    sourceTimeMs: 0,
    pixels: {
      kind: "yuv420",
      y: plane(width * height, 37),
      u: plane(chroma, 59),
      v: plane(chroma, 83),
      fullRange,
      matrix,
    },
  };
}

/** Red from Cr, green from Cb and from Cr (subtracted), blue from Cb: decimals of the standards. */
const FACTORS = {
  bt601: [1.402, 0.344136, 0.714136, 1.772],
  bt709: [1.5748, 0.187324, 0.468124, 1.8556],
  bt2020: [1.4746, 0.164553, 0.571353, 1.8814],
};

/** One pixel in floating point, as the standards define it. */
function reference({ width, pixels }: Frame, x: number, y: number): number[] {
  assert.ok(pixels.kind === "yuv420");
  const chromaAt = (y >> 1) * ((width + 1) >> 1) + (x >> 1);
  const [offset, lumaSpan, chromaSpan] = pixels.fullRange ? [0, 255, 255] : [16, 219, 224];
  const luma = (pixels.y[y * width + x] - offset) / lumaSpan;
  const cb = (pixels.u[chromaAt] - 128) / chromaSpan;
  const cr = (pixels.v[chromaAt] - 128) / chromaSpan;
  const [redFromCr, greenFromCb, greenFromCr, blueFromCb] = FACTORS[pixels.matrix ?? "bt601"];
  const rgb = [luma + redFromCr * cr, luma - greenFromCb * cb - greenFromCr * cr, luma + blueFromCb * cb];
  return rgb.map((part) => Math.max(0, Math.min(255, part * 255)));
}

Deno.test("withMargin() adds a margin on every side, inside the frame", () => {
  const box = { x: 40, y: 30, width: 20, height: 10 };
  assert.deepEqual(withMargin(box, 0, FRAME), box);
  assert.deepEqual(withMargin(box, 0.2, FRAME), { x: 36, y: 28, width: 28, height: 14 });
  assert.deepEqual(withMargin(box, 5, FRAME), { x: 0, y: 0, width: 100, height: 80 });
  const corner = { x: 90, y: 75, width: 10, height: 5 };
  assert.deepEqual(withMargin(corner, 0.2, FRAME), { x: 88, y: 74, width: 12, height: 6 });
});

const matrices = [undefined, "bt601", "bt709", "bt2020"] as const;
const kinds = matrices.flatMap((matrix) => [{ matrix, fullRange: true }, { matrix, fullRange: false }]);
for (const { matrix, fullRange } of kinds) {
  const kind = `${matrix ?? "BT.601 by default"}, ${fullRange ? "full" : "limited"} range`;
  Deno.test(`crop() of a frame of odd size has the right colours: ${kind}`, () => {
    const frame = yuvFrame(9, 7, fullRange, matrix);
    for (const box of [{ x: 0, y: 0, width: 9, height: 7 }, { x: 3, y: 1, width: 5, height: 6 }]) {
      const { width, height, rgb } = crop(frame, box);
      assert.deepEqual([width, height, rgb.length], [box.width, box.height, box.width * box.height * 3]);
      for (let at = 0; at < width * height; at++) {
        const expected = reference(frame, box.x + at % width, box.y + Math.floor(at / width));
        const actual = rgb.subarray(at * 3, at * 3 + 3);
        const near = expected.every((part, colour) => Math.abs(part - actual[colour]) <= 1);
        assert.ok(near, `pixel ${at}: ${actual} is not ${expected}`);
      }
    }
  });
}

Deno.test("crop() of an RGB frame copies the pixels of the box", () => {
  const rgb = Uint8Array.from({ length: 4 * 3 * 3 }, (_, index) => index);
  const frame: Frame = {
    width: 4,
    height: 3,
    capturedMs: 0,
    sourceTimeMs: 0,
    pixels: { kind: "rgb24", rgb },
  };
  const cut = crop(frame, { x: 1, y: 1, width: 2, height: 2 });
  assert.deepEqual([...cut.rgb], [15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32]);
});
