import assert from "node:assert/strict";
import { faceAt, formatPlace, keyAt, newestFirst, parsePlace, placeOf } from "./shown_face.ts";

const WRITTEN = Date.UTC(2026, 5, 1);
const shown = (key: string) => faceAt(placeOf({ key, bytes: 1, writtenMs: WRITTEN })!);

Deno.test("the saver's key tells camera and time", () => {
  const face = shown("2026-01-31/23-59-58-123_front_door_0123456789ab.png");
  assert.equal(face.label, "front_door");
  assert.equal(new Date(face.ms).toISOString(), "2026-01-31T23:59:58.123Z");
  assert.equal(face.url, "faces/2026-01-31/23-59-58-123_front_door_0123456789ab.png");
});

Deno.test("a key of another kind shows its file name and when it was written", () => {
  const face = shown("HW3/12-31-2026-23-59-59_image.png");
  assert.deepEqual([face.label, face.ms], ["12-31-2026-23-59-59_image", WRITTEN]);
});

Deno.test("a key with a time that there never was is one of another kind", () => {
  assert.equal(shown("2026-02-31/23-59-58-123_door_0123456789ab.png").ms, WRITTEN);
  assert.equal(shown("2026-13-31/23-59-58-123_door_0123456789ab.png").ms, WRITTEN);
  assert.equal(shown("2026-12-31/99-59-58-123_door_0123456789ab.png").ms, WRITTEN);
});

Deno.test("an empty object is no face", () => {
  assert.equal(placeOf({ key: "a.png", bytes: 0, writtenMs: 0 }), undefined);
  assert.equal(
    placeOf({ key: "a.png", bytes: 2 ** 40, writtenMs: 0 }),
    undefined,
    "nor one as large as a disk",
  );
  assert.deepEqual(
    placeOf({ key: "a.png", bytes: NaN, writtenMs: 0 }),
    { key: "a.png", ms: 0 },
    "of unknown size",
  );
});

Deno.test("keyAt() sorts before the keys of its moment and after those of earlier ones", () => {
  const bound = keyAt(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  assert.ok(bound < "2026-01-02/03-04-05-006_door_0123456789ab.png");
  assert.ok(bound < "2026-01-02/03-04-05_image.png", "keys may go without milliseconds");
  assert.ok(bound > "2026-01-02/03-04-05-005_door_0123456789ab.png");
});

Deno.test("faces of one moment have an order too", () => {
  const faces = [{ ms: 1, key: "a" }, { ms: 2, key: "a" }, { ms: 1, key: "b" }];
  assert.deepEqual(faces.sort(newestFirst).map(formatPlace), ["2_a", "1_b", "1_a"]);
});

Deno.test("a place comes back from its text, and nonsense is none", () => {
  const place = { ms: 1_769_000_000_123, key: "a_b/c\nd.png" };
  assert.deepEqual(parsePlace(formatPlace(place)), place);
  for (const text of ["", "_", "1_", "x_a", "-1_a", "1e3_a"]) assert.equal(parsePlace(text), undefined, text);
});
