/** Pictures that are smaller than a face. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { searchable } from "./search.ts";

const frame = (width: number, height = width): Frame => ({
  width,
  height,
  pixels: { kind: "rgb24", rgb: new Uint8Array(width * height * 3) },
  capturedMs: 0,
  sourceTimeMs: 0,
});

async function* framesOf(...widths: number[]): AsyncGenerator<Frame> {
  for (const width of widths) yield frame(width, 100);
}

async function passed(widths: number[], stills: boolean) {
  const reasons: string[] = [];
  const options = {
    name: "x",
    stills,
    smallest: { width: 24, height: 20 },
    onSkipped: (r: string) => void reasons.push(r),
  };
  const frames = await Array.fromAsync(searchable(framesOf(...widths), options));
  return { widths: frames.map(({ width }) => width), reasons };
}

Deno.test("pictures that are smaller than a face are skipped, and the first is reported", async () => {
  const reason = "1x100 pixels are too small for a face of 24x20 pixels";
  assert.deepEqual(await passed([1, 24, 23, 25], true), { widths: [24, 25], reasons: [reason] });
  assert.deepEqual(await passed([], true), { widths: [], reasons: [] });
});

Deno.test("an input whose frames are all too small is a FatalError", async () => {
  for (const [widths, stills] of [[[1, 2], true], [[1], false], [[1, 50], false]] as [number[], boolean][]) {
    await assert.rejects(passed(widths, stills), (error: FatalError) => {
      assert.ok(error instanceof FatalError);
      assert.match(error.message, /^cannot search "x": 1x100 pixels are too small/);
      return true;
    });
  }
});

async function* each(...frames: Frame[]): AsyncGenerator<Frame> {
  yield* frames;
}

Deno.test("pictures too large for the search are skipped, and a clip of such frames is a FatalError", async () => {
  const large = (width: number, height: number): Frame => ({ ...frame(1), width, height }); // Pixels are not read.
  for (const [width, height] of [[5_793, 5_793], [2 ** 17 + 1, 24]]) {
    const reasons: string[] = [];
    const onSkipped = (reason: string) => void reasons.push(reason);
    const clip = { name: "x", smallest: { width: 24, height: 20 }, onSkipped };
    const stills = { ...clip, stills: true };
    const found = searchable(each(large(width, height), large(5_792, 5_792), frame(24)), stills);
    assert.deepEqual((await Array.fromAsync(found)).map(({ width }) => width), [5_792, 24]);
    assert.deepEqual(reasons, [
      `${width}x${height} pixels are too large: the limit is 33 million pixels, and 131072 pixels per row`,
    ]);
    for (const [how, hint] of [[stills, "give a smaller picture"], [clip, "set a smaller --size"]] as const) {
      await assert.rejects(
        Array.fromAsync(searchable(each(large(width, height)), how)),
        (error: FatalError) => error instanceof FatalError && error.hint === hint,
      );
    }
  }
});
