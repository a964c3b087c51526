/** The limits of decoding whole pictures. */
import assert from "node:assert/strict";
import type { WholePicture } from "../image/frame.ts";
import { framePainted } from "../testing/people.ts";
import { WholePictures } from "./whole_pictures.ts";

const SIGNAL = new AbortController().signal;
const FRAME = framePainted([]);
/** What an ffmpeg does: gives the picture, ends without one, or hangs until it is ended. */
type Run = "works" | "ends" | "hangs";

/** Pictures whose ffmpegs do this, one after another, and the limits that they had. */
function pictures(...runs: Run[]) {
  const limitsMs: number[] = [];
  let isHanging = false;
  const whole: WholePicture = {
    width: 1,
    height: 1,
    reduction: 2,
    decode({ signal }) {
      const run = runs.shift();
      isHanging = run === "hangs";
      if (run === "works") return Promise.resolve(FRAME);
      if (run === "ends") return Promise.resolve(undefined);
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
    },
  };
  const limit = (ms: number, onEnd: () => void) => {
    limitsMs.push(ms);
    queueMicrotask(() => isHanging && onEnd());
    return () => {};
  };
  const all = new WholePictures({ limit });
  return { limitsMs, decode: () => all.decode(whole, { signal: SIGNAL }) };
}

Deno.test("a picture is decoded again when its first ffmpeg has ended, once", async () => {
  const { decode, limitsMs } = pictures("ends", "works", "ends", "ends", "works");
  assert.deepEqual([await decode(), await decode(), await decode()], [FRAME, undefined, FRAME]);
  assert.deepEqual(limitsMs, Array(5).fill(10_000));
});

Deno.test("after a timeout there is no second attempt, and a short limit until a picture is decoded", async () => {
  const { decode, limitsMs } = pictures("hangs", "hangs", "works", "hangs");
  assert.deepEqual([await decode(), await decode()], [undefined, undefined]);
  assert.deepEqual([await decode(), await decode()], [FRAME, undefined]);
  assert.deepEqual(limitsMs, [10_000, 3_000, 3_000, 10_000]);
});
