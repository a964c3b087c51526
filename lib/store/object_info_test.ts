/** What a store keeps with a face, readable without its bytes. */
import assert from "node:assert/strict";
import { writeFace } from "../face/face_file.ts";
import type { FaceMetadata } from "../face/face.ts";
import { LANDMARKS, METADATA } from "../testing/face_metadata.ts";
import { objectInfo } from "./store.ts";

/** S3's limit for the names and values of an object's metadata, in bytes. */
const S3_LIMIT = 2048;
const PICTURE = { width: 4, height: 3, rgb: new Uint8Array(36) };

const infoOf = (metadata: FaceMetadata) => objectInfo(writeFace(PICTURE, metadata)).metadata;

Deno.test("objectInfo() has the landmarks and the network's score as short texts", () => {
  const info = infoOf({ ...METADATA, detectionScore: 0.912, landmarks: LANDMARKS });
  assert.equal(info.landmarks, "18.5,35 31.5,35.2 25.1,42 20,50.4 30.2,50.6");
  assert.equal(info["detection-score"], "0.912");
});

Deno.test("objectInfo() of a face of a Haar engine has neither", () => {
  const info = infoOf(METADATA);
  assert.ok(!("landmarks" in info) && !("detection-score" in info));
  assert.equal(info.box, "10,20,30,40");
});

Deno.test("objectInfo() is ASCII within S3's limit, with the longest names and numbers", () => {
  const name = "x".repeat(64);
  const number = -1.2345678901234567e-300;
  const box = { x: number, y: number, width: number, height: number };
  const info = infoOf({
    ...METADATA,
    camera: name,
    device: name,
    epoch: name,
    sequence: Number.MAX_SAFE_INTEGER,
    box,
    frame: { width: number, height: number },
    detectionScore: 1 / 3,
    landmarks: Array(5).fill({ x: -999_999.123456789, y: number }),
  });
  const texts = Object.entries(info).flat();
  for (const text of texts) assert.match(text, /^[ -~]*$/);
  assert.ok(texts.join("").length < S3_LIMIT / 2);
  assert.equal(info.landmarks, Array(5).fill("-999999.1,0").join(" "));
  assert.equal(info["detection-score"], "0.333");
});
