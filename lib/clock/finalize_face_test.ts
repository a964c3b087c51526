import assert from "node:assert/strict";
import type { FaceMetadata } from "../face/face.ts";
import { readFace, writeFace } from "../face/face_file.ts";
import { decodePng, encodePng, readPng } from "../image/png.ts";
import type { Moment } from "./clock.ts";
import { finalizeFace } from "./finalize_face.ts";

const PICTURE = { width: 40, height: 30, rgb: new Uint8Array(3_600).map((_, index) => index * 7) };
const METADATA: FaceMetadata = {
  camera: "door",
  device: "board-7",
  captured: "1970-01-01T00:00:10.000Z",
  clock: { synchronised: "no", bootId: "boot", monotonicMs: 10_000 },
  epoch: "00112233aabbccdd",
  sequence: 42,
  box: { x: 10, y: 20, width: 30, height: 40 },
  crop: { x: 4, y: 12, width: 42, height: 56 },
  frame: { width: 640, height: 480 },
  cascade: "haarcascade_frontalface_default.xml",
  settings: { scaleFactor: 1.3, minNeighbors: 5 },
};
const NOW: Moment = {
  wallMs: Date.parse("2026-11-23T12:00:00.000Z"),
  synchronised: "yes",
  bootId: "boot",
  monotonicMs: 310_000,
  settling: false,
};

Deno.test("a face that is put right is the same picture with the right time everywhere", () => {
  const { bytes } = writeFace(PICTURE, METADATA);
  const right = finalizeFace(bytes, NOW)!;
  const { metadata } = readFace(right);
  assert.equal(metadata!.captured, "2026-11-23T11:55:00.000Z");
  assert.equal(readPng(right).texts.get("Creation Time"), "2026-11-23T11:55:00.000Z");
  assert.equal(metadata!.clock!.corrected!.from, METADATA.captured);
  assert.equal(metadata!.sequence, 42);
  assert.deepEqual(decodePng(right), PICTURE);
  assert.equal(finalizeFace(right, { ...NOW, wallMs: NOW.wallMs + 5_000_000 }), right, "and stays so");
});

Deno.test("a face that waits has no bytes yet; one that needs nothing, or tells nothing, keeps its own", () => {
  const { bytes } = writeFace(PICTURE, METADATA);
  assert.equal(finalizeFace(bytes, { ...NOW, wallMs: 310_000 }), undefined);
  const good = writeFace(PICTURE, { ...METADATA, captured: "2026-11-23T11:55:00.000Z" });
  assert.equal(finalizeFace(good.bytes, NOW), good.bytes);
  const strange = encodePng(PICTURE);
  assert.equal(finalizeFace(strange, NOW), strange);
});
