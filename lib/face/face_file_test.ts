/** What is read from a face, and what from hostile metadata. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpuUsage } from "node:process";
import { RejectedMessageError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import type { ClockMetadata, FaceMetadata } from "./face.ts";
import { identity, readFace, writeFace } from "./face_file.ts";
import { LANDMARKS, METADATA } from "../testing/face_metadata.ts";

const PICTURE = { width: 4, height: 3, rgb: Uint8Array.from({ length: 36 }, (_, index) => index) };

Deno.test("a face that is written is read again with all its metadata, under the same identity", () => {
  const written = writeFace(PICTURE, METADATA);
  assert.deepEqual(readFace(written.bytes), written);
  assert.equal(written.id, createHash("sha256").update(written.bytes).digest("hex"));
  assert.deepEqual(writeFace(PICTURE, METADATA), written, "the same face is the same file");
  assert.notEqual(writeFace(PICTURE, { ...METADATA, sequence: 43 }).id, written.id);
});

Deno.test("a third-party PNG or JPEG is a face without metadata", () => {
  const png = encodePng(PICTURE, [["Software", "cv2"]]);
  assert.deepEqual(readFace(png), {
    bytes: png,
    id: identity(png),
    width: 4,
    height: 3,
    contentType: "image/png",
  });
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 3, 0, 4, 1, 1, 0x11, 0, 0xff, 0xd9);
  assert.deepEqual(readFace(jpeg), {
    bytes: jpeg,
    id: identity(jpeg),
    width: 4,
    height: 3,
    contentType: "image/jpeg",
  });
});

Deno.test("a file that is not a picture is rejected", () => {
  assert.throws(() => readFace(new Uint8Array(0)), /an empty message/);
  assert.throws(() => readFace(new TextEncoder().encode("hello")), /neither a PNG nor a JPEG/);
  assert.throws(() => readFace(writeFace(PICTURE, METADATA).bytes.slice(0, -20)), RejectedMessageError);
});

/** The metadata that a saver reads from a third-party picture with `json` under our keyword. */
function metadataOf(json: unknown): FaceMetadata | undefined {
  const text = typeof json === "string" ? json : JSON.stringify(json);
  return readFace(encodePng(PICTURE, [["haarlem", text]])).metadata;
}

Deno.test("metadata that no detector writes is ignored, since it would become part of names and headers", () => {
  assert.deepEqual(metadataOf(METADATA), METADATA);
  assert.deepEqual(metadataOf({ ...METADATA, visit: 7 })?.sequence, 42, "a later version may add fields");
  const hostile: Record<string, unknown[]> = {
    camera: ["../x", "", "a/b", "x".repeat(65), 5, ["a"], null, undefined, "a\n"],
    device: ["..", "a.b", "\ud800", 5, {}, undefined, "a\r\nx-amz-meta-b: c"],
    epoch: ["", "x".repeat(1_000), 7, "ä", undefined],
    captured: [
      "2026",
      5,
      "yesterday",
      "+275760-09-13T00:00:00.000Z",
      "-000001-01-01T00:00:00.000Z",
      "2026-13-01T00:00:00.000Z",
      "2026-02-31T00:00:00.000Z",
      "2025-02-29T00:00:00.000Z",
      "2026-04-31T12:00:00.000Z",
      "2026-02-03T24:00:00.000Z",
      "2026-02-03T04:05:06.789+01:00",
      "2026-02-03 (\n)",
      ["2026-02-03T04:05:06.789Z"],
      undefined,
    ],
    sequence: ["42", 1.5, 0, -1, 2 ** 53, null, undefined],
    box: [null, [], {}, { ...METADATA.box, x: "10" }, { ...METADATA.box, width: null }],
    crop: [undefined, "0,0,1,1"],
    frame: [null, { width: 640 }, { width: "640", height: "480" }],
  };
  for (const [name, values] of Object.entries(hostile)) {
    for (const value of values) {
      assert.equal(
        metadataOf({ ...METADATA, [name]: value }),
        undefined,
        `${name}: ${JSON.stringify(value)}`,
      );
    }
  }
  const overflow = JSON.stringify(METADATA).replace('"x":10', '"x":1e999');
  for (const json of ["", "{", "null", "7", "[]", '"text"', '{"__proto__":{"camera":"x"}}', overflow]) {
    assert.equal(metadataOf(json), undefined, json);
  }
});

Deno.test("the clock is read, or omitted when it is malformed; the other metadata stays", () => {
  const clock = METADATA.clock!;
  const corrected = {
    from: "1970-01-01T00:02:03.456Z",
    byMs: 1.7e12,
    synchronised: "yes",
    exact: true,
  } as const;
  const good: ClockMetadata[] = [clock, { ...clock, bootId: "run-0123", synchronised: "unknown" }, {
    ...clock,
    corrected,
  }];
  for (const clock of good) assert.deepEqual(metadataOf({ ...METADATA, clock }), { ...METADATA, clock });
  const { clock: _, ...older } = METADATA;
  assert.deepEqual(metadataOf(older), older);
  const malformed: unknown[] = [
    null,
    7,
    "yes",
    [],
    {},
    { ...clock, synchronised: "perhaps" },
    { ...clock, bootId: "../x" },
    { ...clock, monotonicMs: "1" },
    { ...clock, monotonicMs: null },
    { ...clock, corrected: null },
    { ...clock, corrected: 5 },
    { ...clock, corrected: { ...corrected, from: "yesterday" } },
    { ...clock, corrected: { ...corrected, byMs: "1" } },
    { ...clock, corrected: { ...corrected, synchronised: true } },
    { ...clock, corrected: { ...corrected, exact: "no" } },
  ];
  for (const clock of malformed) {
    assert.deepEqual(metadataOf({ ...METADATA, clock }), older, JSON.stringify(clock));
  }
});

Deno.test("only known fields of known types are kept", () => {
  const visit = {
    number: 1,
    detections: 9,
    began: METADATA.captured,
    last: "2026-02-03T04:05:07.000Z",
    why: "first",
  } as const;
  const whole: FaceMetadata = { ...METADATA, score: 0.5, sharpness: 0.6, neighbors: 7, weight: 3.25, visit };
  assert.deepEqual(metadataOf(whole), whole);
  const more = { ...whole, box: { ...METADATA.box, label: "x" }, extra: { deep: [1] }, toString: "x" };
  assert.deepEqual(metadataOf(more), whole);
  const wrong: Record<string, unknown[]> = {
    score: ["1", null, [], {}, { valueOf: 1 }],
    sharpness: ["0.6", -0.1, 1.1, null],
    neighbors: [true, "\x1b[2J"],
    weight: ["heavy"],
    visit: [7, null, [], { ...visit, why: "because" }, { ...visit, began: "2026-02-31T00:00:00.000Z" }, {
      ...visit,
      detections: 0,
    }],
  };
  for (const [name, values] of Object.entries(wrong)) {
    const { [name as keyof FaceMetadata]: _, ...others } = whole;
    for (const value of values) {
      assert.deepEqual(metadataOf({ ...whole, [name]: value }), others, `${name}: ${JSON.stringify(value)}`);
    }
  }
  assert.deepEqual(metadataOf({ ...METADATA, settings: { a: 1, b: "2", c: { d: 1 }, "e f": 1 } })?.settings, {
    a: 1,
  });
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`s${index}`, index]));
  assert.ok(Object.keys(metadataOf({ ...METADATA, settings: many })!.settings).length <= 100);
  const { cascade: _, ...others } = METADATA;
  assert.deepEqual(metadataOf({ ...METADATA, cascade: "a\nb", settings: 7 }), { ...others, settings: {} });
});

Deno.test("a face of a network has landmarks, a score and a model instead of a cascade", () => {
  const { cascade: _, ...others } = METADATA;
  const found: FaceMetadata = {
    ...others,
    detectionScore: 0.912,
    landmarks: LANDMARKS,
    model: "face_detection_yunet_2023mar",
  };
  assert.deepEqual(metadataOf(found), found);
  assert.deepEqual(metadataOf(others), others);
  const [first, ...rest] = LANDMARKS;
  const wrong: Record<string, unknown[]> = {
    detectionScore: ["0.9", -0.1, 1.1, null, [0.9]],
    model: ["a\nb", 7, "x".repeat(256), null],
    landmarks: [
      null,
      "10,20",
      {},
      [],
      rest,
      [first, ...LANDMARKS],
      [{ ...first, x: NaN }, ...rest],
      [{ ...first, x: "11.5" }, ...rest],
      [{ ...first, y: 1_000_001 }, ...rest],
      [{ ...first, y: -1e300 }, ...rest],
      [{ x: 1 }, ...rest],
      [[11.5, 22.5], ...rest],
      [null, ...rest],
      { ...LANDMARKS, length: 5 },
    ],
  };
  for (const [name, values] of Object.entries(wrong)) {
    const { [name as keyof FaceMetadata]: _, ...others } = found;
    for (const value of values) {
      assert.deepEqual(metadataOf({ ...found, [name]: value }), others, `${name}: ${JSON.stringify(value)}`);
    }
  }
  const infinite = JSON.stringify(found).replace('"x":18.5', '"x":1e999');
  const { landmarks: __, ...without } = found;
  assert.deepEqual(metadataOf(infinite), without);
  const labelled = { ...found, landmarks: LANDMARKS.map((point) => ({ ...point, label: "x" })) };
  assert.deepEqual(metadataOf(labelled), found);
});

Deno.test("metadata of megabytes or of deep nesting is ignored at little cost", () => {
  const long = JSON.stringify({ ...METADATA, padding: "x".repeat(16 * 2 ** 20) });
  const deep = JSON.stringify({ ...METADATA, deep: 0 }).replace(
    '"deep":0',
    `"deep":${"[".repeat(7_000)}${"]".repeat(7_000)}`,
  );
  const quotes = JSON.stringify(METADATA) + '"' + '\\"'.repeat(7_000);
  const used = cpuUsage();
  for (const json of [long, deep, quotes, "[".repeat(16_000)]) assert.equal(metadataOf(json), undefined);
  assert.ok(cpuUsage(used).user < 1_000_000, "less than 1 s of CPU time");
  const bytes = encodePng(PICTURE, [["haarlem", long]]);
  const before = Deno.memoryUsage();
  assert.equal(readFace(bytes).metadata, undefined);
  const after = Deno.memoryUsage();
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  assert.ok(grown < 4e6, `${grown} bytes more`);
});

Deno.test("__proto__ in the metadata changes no other object", () => {
  metadataOf(JSON.stringify(METADATA).replace("{", '{"__proto__":{"polluted":true},'));
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});
