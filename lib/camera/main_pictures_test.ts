/** The limits of what is held undecoded, and frames with their pictures of the main stream. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import type { Camera } from "./camera.ts";
import { HeldPictures, withMainPictures } from "./main_pictures.ts";

/** Something held, and whether it was dropped. */
function held(owner: object, bytes: number) {
  return {
    isDropped: false,
    memory: () => [[owner, bytes] as const],
    drop() {
      this.isDropped = true;
    },
  };
}

Deno.test("beyond the limit of bytes the oldest pictures are dropped", () => {
  const pictures = new HeldPictures({ pictures: 100, bytes: 30 });
  const all = Array.from({ length: 5 }, () => held({}, 10));
  all.forEach((one) => pictures.add(one));
  assert.deepEqual(all.map(({ isDropped }) => isDropped), [true, true, false, false, false]);
  assert.equal(pictures.bytes, 30);
});

Deno.test("beyond the limit of their number the oldest pictures are dropped", () => {
  const pictures = new HeldPictures({ pictures: 2, bytes: 1_000 });
  const all = Array.from({ length: 3 }, () => held({}, 10));
  all.forEach((one) => pictures.add(one));
  assert.deepEqual(all.map(({ isDropped }) => isDropped), [true, false, false]);
});

Deno.test("memory that two pictures share counts once", () => {
  const pictures = new HeldPictures({ pictures: 100, bytes: 30 });
  const group = {};
  const all = Array.from({ length: 5 }, () => held(group, 20));
  all.forEach((one) => pictures.add(one));
  assert.equal(pictures.bytes, 20);
  assert.ok(all.every(({ isDropped }) => !isDropped));
  all.forEach((one) => pictures.delete(one));
  assert.equal(pictures.bytes, 0);
});

Deno.test("each frame of a camera has the picture of its time of arrival", async () => {
  const pixels = { kind: "rgb24", rgb: new Uint8Array(3) } as const;
  const frame = (sourceTimeMs: number): Frame => ({
    width: 1,
    height: 1,
    pixels,
    capturedMs: 0,
    sourceTimeMs,
  });
  const camera: Camera = {
    name: "camera",
    live: true,
    async *frames() {
      yield* [frame(5), frame(9)];
    },
  };
  const asked: number[] = [];
  const source = {
    name: "main",
    at: (arrivedMs: number) => ({
      hold() {
        asked.push(arrivedMs);
        return { decode: () => Promise.resolve([]), release() {} };
      },
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { signal } = new AbortController();
  for await (const one of withMainPictures(camera, source).frames({ signal })) one.main?.hold();
  assert.deepEqual(asked, [5, 9]);
});
