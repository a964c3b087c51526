/** Keys of faces, of third-party pictures, and of faces with implausible times. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import type { FaceFile, FaceMetadata } from "./face.ts";
import { DEFAULT_KEY, fieldNames, KeyTemplate, numbered } from "./object_key.ts";
import { COURSE_KEY } from "../testing/course_key.ts";

const NOW = Date.parse("2031-12-31T23:59:58.007Z");
const METADATA = {
  camera: "door",
  device: "board-7",
  captured: "2026-02-03T04:05:06.789Z",
  epoch: "00112233aabbccdd",
  sequence: 42,
} as FaceMetadata;
const FACE = { id: "ab".repeat(32), contentType: "image/png", metadata: METADATA } as FaceFile;
const THIRD_PARTY = { id: "cd".repeat(32), contentType: "image/jpeg" } as FaceFile;

const key = (template: string, face = FACE) => new KeyTemplate(template).keyOf(face, NOW);

Deno.test("the default key holds the time of capture, the camera and the hash", () => {
  assert.equal(key(DEFAULT_KEY), "2026-02-03/04-05-06-789_door_abababababab.png");
  assert.equal(key(DEFAULT_KEY, THIRD_PARTY), "2031-12-31/23-59-58-007_unknown_cdcdcdcdcdcd.jpg");
});

Deno.test("a template gives the object names of the course", () => {
  assert.equal(key(COURSE_KEY), "HW3/02-03-2026-04-05-06_image.png");
});

Deno.test("a face with an implausible time gets an undated key, below the folder of the others", () => {
  const of = (captured: string): FaceFile => ({ ...FACE, metadata: { ...METADATA, captured } });
  const name = "door_00112233aabbccdd_00000042_abababababab.png";
  for (
    const captured of ["1970-01-01T00:00:10.000Z", "0000-01-01T00:00:00.000Z", "2023-12-31T23:59:59.999Z"]
  ) {
    assert.equal(key(DEFAULT_KEY, of(captured)), `undated/${name}`);
    assert.equal(key(COURSE_KEY, of(captured)), `HW3/undated/${name}`);
    assert.equal(key("a/b-{camera}/{YYYY}/{hash}", of(captured)), `a/undated/${name}`);
  }
  assert.match(key(DEFAULT_KEY, of("2024-01-01T00:00:00.000Z")), /^2024-01-01\//);
  assert.equal(
    new KeyTemplate(DEFAULT_KEY).keyOf(THIRD_PARTY, 10_000),
    "undated/unknown_unknown_00000000_cdcdcdcdcdcd.jpg",
    "with a saver's clock that was never set",
  );
});

Deno.test("a time more than a day after the saver's clock is as implausible as 1970", () => {
  const of = (captured: string): FaceFile => ({ ...FACE, metadata: { ...METADATA, captured } });
  const keyOf = (captured: string, arrivedMs = NOW) =>
    new KeyTemplate(DEFAULT_KEY).keyOf(of(captured), arrivedMs);
  for (
    const captured of ["2032-01-02T00:00:00.000Z", "2033-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]
  ) {
    assert.match(keyOf(captured), /^undated\//, captured);
  }
  assert.match(keyOf("2032-01-01T23:59:58.007Z"), /^2032-01-01\//, "clocks may differ");
  assert.match(keyOf("2031-12-31T23:59:58.008Z"), /^2031-12-31\//);
  assert.match(
    keyOf("2026-02-03T04:05:06.789Z", 10_000),
    /^2026-02-03\//,
    "a saver's clock that was never set",
  );
});

Deno.test("every field has a value, for a third-party picture too", () => {
  const all = fieldNames().replaceAll(" ", "/");
  const of = (id: string) => `${id.slice(0, 12)}/${id}`;
  assert.equal(
    key(all),
    `2026/02/03/04/05/06/789/door/board-7/00112233aabbccdd/00000042/${of(FACE.id)}/png`,
  );
  assert.equal(
    key(all, THIRD_PARTY),
    `2031/12/31/23/59/58/007/unknown/unknown/unknown/00000000/${of(THIRD_PARTY.id)}/jpg`,
  );
});

Deno.test("neither device nor epoch can lead out of the folder", () => {
  const hostile = { ...FACE, metadata: { ...METADATA, device: "..", epoch: "../../x" } };
  assert.equal(key("{device}/{epoch}/x", hostile), "__/______x/x");
});

Deno.test("a template with the hash is unique, others are not", () => {
  const isUnique = [DEFAULT_KEY, "{sha256}", COURSE_KEY, "{epoch}-{sequence}", "{YYYY}/{SSS}.png"]
    .map((template) => new KeyTemplate(template).unique);
  assert.deepEqual(isUnique, [true, true, false, false, false]);
});

Deno.test("an unknown field is named in the error, also a property of Object.prototype", () => {
  for (const name of ["hsah", "", "toString", "constructor", "__proto__", "yyyy"]) {
    assert.throws(() => new KeyTemplate(`x/{${name}}.png`), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.message, `no field "{${name}}" in object keys`);
      assert.match(error.hint!, /\{hash\}/);
      return true;
    });
  }
});

Deno.test("a template that is not a key is rejected", () => {
  const wrong = [
    "",
    "/x",
    "x/",
    "a//b",
    "../x",
    "a/../b",
    "./a",
    "{hash",
    "hash}",
    "{{hash}}",
    "{YYYY}/{hash",
  ];
  for (const template of wrong) assert.throws(() => new KeyTemplate(template), ConfigError, template);
});

Deno.test("a template with names of operating systems is rejected", () => {
  for (
    const template of [".faces/{hash}", "a/@{camera}/{hash}", "#{hash}.png", "lost+found/{hash}", "$x/{hash}"]
  ) {
    assert.throws(() => new KeyTemplate(template), /a name of operating systems/, template);
  }
  for (
    const template of [
      DEFAULT_KEY,
      COURSE_KEY,
      "a.b/{hash}",
      "x@y/{camera}.{ext}",
      fieldNames().replaceAll(" ", "/"),
    ]
  ) {
    new KeyTemplate(template);
  }
});

Deno.test("numbered() adds the number before the file's extension", () => {
  assert.equal(numbered("a/b_image.png", 1), "a/b_image.png");
  assert.equal(numbered("a/b_image.png", 2), "a/b_image_2.png");
  assert.equal(numbered("a.d/b", 3), "a.d/b_3");
});
