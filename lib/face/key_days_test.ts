/** The day in object keys, and keys that no saver wrote. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { COURSE_KEY } from "../testing/course_key.ts";
import type { FaceFile, FaceMetadata } from "./face.ts";
import { FIELD_PATTERNS, KeyDays } from "./key_days.ts";
import { DEFAULT_KEY, fieldNames, KeyTemplate, numbered } from "./object_key.ts";

const days = (template: string) => new KeyDays(new KeyTemplate(template));
const METADATA = {
  camera: "front_door-2",
  device: "board.7",
  captured: "2026-02-03T04:05:06.789Z",
  epoch: "00112233aabbccdd",
  sequence: 42,
} as FaceMetadata;
const FACES = [
  { id: "ab".repeat(32), contentType: "image/png", metadata: METADATA },
  { id: "cd".repeat(32), contentType: "image/jpeg" },
] as FaceFile[];

Deno.test("the day of every key that a template writes is read again", () => {
  const arrivedMs = Date.parse("2026-02-03T23:00:00Z");
  const everyField = `{YYYY}{MM}{DD}/(a+b).${fieldNames().replaceAll(" ", "_")}`;
  for (const template of [DEFAULT_KEY, COURSE_KEY, "{camera}/{DD}.{MM}.{YYYY}_{sha256}", everyField]) {
    for (const face of FACES) {
      const key = new KeyTemplate(template).keyOf(face, arrivedMs);
      assert.equal(days(template).dayOf(key), "2026-02-03", key);
    }
  }
});

Deno.test("a key with a number is of its day where faces can have one key", () => {
  assert.equal(days(COURSE_KEY).dayOf(numbered("HW3/02-03-2026-04-05-06_image.png", 17)), "2026-02-03");
  const key = "2026-02-03/04-05-06-789_door_abababababab.png";
  assert.equal(days(DEFAULT_KEY).dayOf(key), "2026-02-03");
  assert.equal(days(DEFAULT_KEY).dayOf(numbered(key, 2)), undefined, "no saver writes it");
});

Deno.test("no other key has a day", () => {
  const others = [
    "undated/door_00112233aabbccdd_00000042_abababababab.png",
    "2026-02-03/notes.txt",
    "2026-02-03/04-05-06-789_door_abababababab.png.tmp",
    "old/2026-02-03/04-05-06-789_door_abababababab.png",
    "2026-02-03/04-05-06-789_door_ABABABABABAB.png",
    "2026-02-31/04-05-06-789_door_abababababab.png",
    "1970-01-01/04-05-06-789_door_abababababab.png",
    "2026-02-03/04-05-06-789_a door_abababababab.png",
    "2026-02-03",
    "",
  ];
  for (const key of others) assert.equal(days(DEFAULT_KEY).dayOf(key), undefined, key);
  assert.equal(days("{YYYY}/{YYYY}-{MM}-{DD}_{hash}").dayOf("2026/2025-02-03_abababababab"), undefined);
});

Deno.test("startOf() divides the keys where they sort by day", () => {
  assert.equal(days(DEFAULT_KEY).startOf("2026-02-03"), "2026-02-03");
  assert.equal(days("faces/{YYYY}/{MM}/{DD}/{hash}").startOf("2026-02-03"), "faces/2026/02/03");
  for (const template of [COURSE_KEY, "{camera}/{YYYY}-{MM}-{DD}/{hash}"]) {
    assert.equal(days(template).startOf("2026-02-03"), undefined);
  }
  assert.equal(days(COURSE_KEY).prefix, "HW3/");
});

Deno.test("a template without a whole date is a mistake", () => {
  assert.throws(() => days("{camera}/{YYYY}/{hash}.{ext}"), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.message, "--keep-days needs the date in --key, which has no {MM} {DD}");
    return true;
  });
});

Deno.test("every field of a template has a pattern", () => {
  assert.equal(Object.keys(FIELD_PATTERNS).map((name) => `{${name}}`).join(" "), fieldNames());
});
