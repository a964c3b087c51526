/** Faces derived from object keys. */
import assert from "node:assert/strict";
import { cameraInKey, keyAt, listedFace, newestFirst } from "./shown_face.ts";

const WRITTEN = Date.UTC(2026, 5, 1);
const shown = (key: string) => listedFace({ key, bytes: 1, writtenMs: WRITTEN })!;

Deno.test("camera and time come from the saver's default key", () => {
  const face = shown("2026-01-31/23-59-58-123_front_door_0123456789ab.png");
  assert.equal(cameraInKey(face.key), "front_door");
  assert.equal(new Date(face.ms).toISOString(), "2026-01-31T23:59:58.123Z");
});

Deno.test("a key without a time has no camera, and the time of the upload", () => {
  const face = shown("HW3/12-31-2026-23-59-59_image.png");
  assert.deepEqual([cameraInKey(face.key), face.ms], [undefined, WRITTEN]);
});

Deno.test("a key with an impossible time counts as a key without a time", () => {
  assert.equal(shown("2026-02-31/23-59-58-123_door_0123456789ab.png").ms, WRITTEN);
  assert.equal(shown("2026-13-31/23-59-58-123_door_0123456789ab.png").ms, WRITTEN);
  assert.equal(shown("2026-12-31/99-59-58-123_door_0123456789ab.png").ms, WRITTEN);
  assert.equal(shown("0000-01-01/00-00-00-000_door_0123456789ab.png").ms, WRITTEN);
});

Deno.test("listedFace() rejects empty and oversized objects, and accepts those of unknown size", () => {
  assert.equal(listedFace({ key: "a.png", bytes: 0, writtenMs: 0 }), undefined);
  assert.equal(
    listedFace({ key: "a.png", bytes: 2 ** 40, writtenMs: 0 }),
    undefined,
    "oversized",
  );
  assert.deepEqual(
    listedFace({ key: "a.png", bytes: NaN, writtenMs: 0 }),
    { key: "a.png", ms: 0, bytes: NaN, writtenMs: 0 },
    "unknown size",
  );
});

Deno.test("keyAt() sorts before all keys with its time and after all keys with an earlier time", () => {
  const bound = keyAt(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  assert.ok(bound < "2026-01-02/03-04-05-006_door_0123456789ab.png");
  assert.ok(bound < "2026-01-02/03-04-05_image.png", "milliseconds are optional");
  assert.ok(bound > "2026-01-02/03-04-05-005_door_0123456789ab.png");
});

Deno.test("newestFirst() sorts faces with the same time by key", () => {
  const faces = [{ ms: 1, key: "a" }, { ms: 2, key: "a" }, { ms: 1, key: "b" }];
  assert.deepEqual(faces.sort(newestFirst).map(({ ms, key }) => `${ms}_${key}`), ["2_a", "1_b", "1_a"]);
});
