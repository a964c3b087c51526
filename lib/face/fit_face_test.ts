/** Faces within a limit in bytes. */
import assert from "node:assert/strict";
import { readFace } from "./face_file.ts";
import type { FaceMetadata } from "./face.ts";
import { writeFaceWithin } from "./fit_face.ts";
import { inFullSuite } from "../testing/skip.ts";

const box = { x: 100, y: 80, width: 300, height: 200 };
const metadata: FaceMetadata = {
  camera: "door",
  device: "board",
  captured: "2026-01-31T12:00:00.000Z",
  epoch: "e1",
  sequence: 1,
  box,
  crop: box,
  frame: { width: 1920, height: 1080 },
  cascade: "c.xml",
  settings: {},
};

/** Random pixels, which cannot be compressed. */
function noise(width: number, height: number) {
  let random = 1;
  const next = () => (random = random * 48271 % 0x7fffffff) & 255;
  return { width, height, rgb: Uint8Array.from({ length: width * height * 3 }, next) };
}

Deno.test("a face within the limit is not scaled", () => {
  const face = writeFaceWithin(noise(30, 20), metadata, 8 * 2 ** 20);
  assert.deepEqual([face.width, face.height, face.metadata!.scale], [30, 20, undefined]);
});

for (const maxKib of [4, 16, 60, 128, 1024]) {
  Deno.test(
    `a face of 2 MB fits into ${maxKib} KiB, as large as possible, with its scale in the metadata`,
    inFullSuite(),
    () => {
      const face = writeFaceWithin(noise(900, 800), metadata, maxKib * 1024);
      assert.ok(face.bytes.length <= maxKib * 1024 - 256, `${face.bytes.length} bytes`);
      assert.ok(face.bytes.length > maxKib * 1024 * 0.4, `only ${face.bytes.length} bytes`);
      const read = readFace(face.bytes);
      assert.equal(read.metadata!.scale, Math.round(read.width / 900 * 10_000) / 10_000);
      assert.ok(Math.abs(read.width / read.height - 900 / 800) < 0.05, "in its proportions");
      assert.deepEqual([read.metadata!.box, read.metadata!.crop, read.metadata!.frame], [
        box,
        box,
        metadata.frame,
      ]);
    },
  );
}

Deno.test("an impossible limit gives the smallest picture", () => {
  for (const picture of [noise(300, 200), noise(2_000, 17), noise(3, 3)]) {
    const { width, height } = writeFaceWithin(picture, metadata, 100);
    assert.ok(Math.min(width, height) <= 16);
  }
});
