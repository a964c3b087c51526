/** Reading metadata from the first or the last bytes of a face. */
import assert from "node:assert/strict";
import { encodePng } from "../image/png.ts";
import { joinChunks, readChunks } from "../image/png_chunks.ts";
import { METADATA } from "../testing/face_metadata.ts";
import { writeFace } from "./face_file.ts";
import { END_BYTES, readFaceEnd, readFaceStart, START_BYTES } from "./face_part.ts";

/** A picture whose file is longer than both parts together: noise cannot be compressed. */
const PICTURE = {
  width: 80,
  height: 60,
  rgb: Uint8Array.from({ length: 80 * 60 * 3 }, (_, index) => Math.imul(index * index, 2654435761) >>> 13),
};
const FACE = writeFace(PICTURE, METADATA).bytes;

/** The face as earlier builds wrote it: texts behind the pixels. */
function earlierFace(): Uint8Array<ArrayBuffer> {
  const { chunks } = readChunks(FACE);
  const header = { type: "IHDR", data: FACE.subarray(16, 29) };
  const pixels = chunks.filter(({ type }) => type === "IDAT");
  const texts = chunks.filter(({ type }) => type !== "IDAT");
  return joinChunks([header, ...pixels, ...texts, { type: "IEND", data: new Uint8Array(0) }]);
}

Deno.test("the first bytes of a face show its size and metadata", () => {
  assert.ok(FACE.length > START_BYTES + END_BYTES);
  assert.deepEqual(readFaceStart(FACE.subarray(0, START_BYTES)), {
    kind: "png",
    size: { width: 80, height: 60 },
    metadata: METADATA,
  });
});

Deno.test("a face of an earlier build shows its size in the first bytes and its metadata in the last", () => {
  const face = earlierFace();
  assert.deepEqual(readFaceStart(face.subarray(0, START_BYTES)), {
    kind: "png",
    size: { width: 80, height: 60 },
  });
  assert.deepEqual(readFaceEnd(face.subarray(face.length - END_BYTES)), METADATA);
  assert.deepEqual(readFaceEnd(face), METADATA);
});

Deno.test("damaged, cut and third-party pictures have no metadata, and none of them throws", () => {
  const damaged = FACE.slice();
  damaged[150] ^= 1; // in a text
  assert.equal(readFaceStart(damaged).metadata, undefined);
  for (let length = 0; length < 1_000; length++) {
    readFaceStart(FACE.subarray(0, length));
    readFaceEnd(FACE.subarray(FACE.length - length));
  }
  const plain = encodePng(PICTURE);
  assert.deepEqual(readFaceStart(plain), { kind: "png", size: { width: 80, height: 60 } });
  assert.equal(readFaceEnd(plain), undefined);
  assert.deepEqual(readFaceStart(new TextEncoder().encode("<html>")), { kind: "other" });
});

Deno.test("the first bytes of a JPEG show its size unless other data fill them", () => {
  const frame = [0xff, 0xc0, 0, 11, 8, 0, 60, 0, 80, 1, 1, 0x11, 0];
  assert.deepEqual(readFaceStart(Uint8Array.of(0xff, 0xd8, ...frame)), {
    kind: "jpeg",
    size: { width: 80, height: 60 },
  });
  const exif = Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0x20, 0, ...new Array(100).fill(1));
  assert.deepEqual(readFaceStart(exif), { kind: "jpeg" });
});
