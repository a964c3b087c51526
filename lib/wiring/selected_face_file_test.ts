/** What of a detection becomes the metadata of its face. */
import assert from "node:assert/strict";
import type { Moment } from "../clock/clock.ts";
import type { Detection } from "../detection/engine.ts";
import { everyFace } from "../detection/face_selection.ts";
import { readFace } from "../face/face_file.ts";
import type { Frame } from "../image/frame.ts";
import { qualityOf } from "../image/quality.ts";
import { LANDMARKS } from "../testing/face_metadata.ts";
import { type FaceOrigin, selectedFaceFile } from "./selected_face_file.ts";

const FRAME: Frame = {
  width: 64,
  height: 64,
  pixels: { kind: "rgb24", rgb: new Uint8Array(64 * 64 * 3) },
  capturedMs: Date.parse("2026-02-03T04:05:06.789Z"),
  sourceTimeMs: 0,
};
const BOX = { x: 10, y: 20, width: 30, height: 40 };

const momentOf = (wallMs: number): Moment => ({
  wallMs,
  synchronised: "yes",
  bootId: "boot",
  monotonicMs: 1000,
  settling: false,
});

/** The metadata in the file of the face that a detection becomes. */
function metadataOf(detection: Detection, metadata: FaceOrigin["detection"], frame = FRAME) {
  const [face] = everyFace(0.2).update(frame, [detection]);
  const { bytes } = selectedFaceFile(face, {
    camera: "front",
    device: "board1",
    detection: metadata,
    numbers: { epoch: "00112233aabbccdd", nextSequence: () => 1 },
    clock: { now: () => momentOf(FRAME.capturedMs), momentOf },
    maxBytes: Infinity,
  });
  return readFace(bytes).metadata!;
}

Deno.test("landmarks, score and model of a network are in the metadata, rounded", () => {
  const landmarks = LANDMARKS.map(({ x, y }) => ({ x: x + 0.04, y: y - 0.04 }));
  const found = metadataOf({ ...BOX, score: 0.91249, landmarks }, {
    model: "net",
    settings: { minScore: 0.7 },
  });
  assert.deepEqual(found.landmarks, LANDMARKS);
  assert.equal(found.detectionScore, 0.912);
  assert.equal(found.model, "net");
  assert.deepEqual(found.settings, { minScore: 0.7 });
  assert.deepEqual(found.box, BOX);
  for (const field of ["neighbors", "weight", "cascade"]) assert.ok(!(field in found), field);
});

Deno.test("neighbors, weight and cascade of a Haar engine are in the metadata, and no landmarks", () => {
  const found = metadataOf({ ...BOX, neighbors: 7, weight: 1.23456 }, { cascade: "a.xml", settings: {} });
  assert.deepEqual([found.neighbors, found.weight, found.cascade], [7, 1.235, "a.xml"]);
  for (const field of ["detectionScore", "landmarks", "model"]) assert.ok(!(field in found), field);
});

Deno.test("sharpness is in the metadata, rounded", () => {
  const rgb = Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => 16 * ((index * index) % 13));
  const frame: Frame = { ...FRAME, pixels: { kind: "rgb24", rgb } };
  const { sharpness } = qualityOf(frame, BOX, 0.2);
  assert.ok(sharpness > 0.2);
  assert.equal(metadataOf(BOX, { settings: {} }, frame).sharpness, Math.round(sharpness * 1000) / 1000);
});
