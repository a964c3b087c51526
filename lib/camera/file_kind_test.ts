/** The kind of a file by its first bytes. */
import assert from "node:assert/strict";
import { encodePng } from "../image/png.ts";
import { fileKind, isPicture } from "./file_kind.ts";

/** The bytes of a Latin-1 text. */
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const kindOf = (text: string) => fileKind(bytes(text));

const GIF_HEADER = "GIF89a\x01\0\x01\0\x80\0\0" + "\0\0\0\xff\xff\xff";
const GIF_PICTURE = ",\0\0\0\0\x01\0\x01\0\0" + "\x02\x02\x44\x01\0";
/** A single picture may have a loop count, as ffmpeg writes it. */
const REPEATED = GIF_HEADER + "!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
const PAUSE = "!\xf9\x04\0\x0a\0\0\0";

Deno.test("fileKind() recognizes pictures", () => {
  const pictures = {
    mjpeg: ["\xff\xd8\xff\xe0\0\x10JFIF", "\xff\xd8\xff\xdb"],
    webp: ["RIFF\x10\0\0\0WEBPVP8 ", "RIFF\n\0\0\0WEBPVP8X\n\0\0\0\x10"],
    tiff: ["II*\0\x08\0\0\0", "MM\0*\0\0\0\x08"],
    gif: [
      GIF_HEADER + GIF_PICTURE + ";",
      "GIF87a\x01\0\x01\0\0\0\0" + PAUSE + GIF_PICTURE,
      REPEATED + GIF_PICTURE + ";",
    ],
    bmp: ["BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"],
    jpeg2000: ["\0\0\0\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51\0"],
    ppm: ["P6\n1 1\n255\n\0\0\0", "P3 1 1"],
    pgm: ["P5\n1 1\n255\n\0"],
  };
  for (const [codec, heads] of Object.entries(pictures)) {
    for (const head of heads) assert.deepEqual(kindOf(head), { kind: "picture", codec }, head);
  }
  const png = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });
  assert.deepEqual(fileKind(png), { kind: "picture", codec: "png" });
});

Deno.test("fileKind() of an animation is a clip", () => {
  const twice = GIF_HEADER + PAUSE + GIF_PICTURE + PAUSE + GIF_PICTURE;
  assert.deepEqual(kindOf(twice), { kind: "clip", demuxer: "gif" });
  assert.deepEqual(kindOf("RIFF\n\0\0\0WEBPVP8X\n\0\0\0\x02"), { kind: "clip", isKnown: true });
  const png = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });
  const animated = [
    ...png.subarray(0, 33),
    0,
    0,
    0,
    8,
    ...bytes("acTL\0\0\0\x02\0\0\0\0crc!"),
    ...png.subarray(33),
  ];
  assert.deepEqual(fileKind(Uint8Array.from(animated)), { kind: "clip", demuxer: "apng" });
  assert.ok(isPicture(fileKind(Uint8Array.from(animated))), "its first picture can be decoded");
});

Deno.test("fileKind() recognizes clips, and leaves unknown bytes to ffmpeg", () => {
  assert.deepEqual(kindOf("\0\0\0\x20ftypisom"), { kind: "clip", demuxer: "mov" });
  assert.deepEqual(kindOf("\0\0\0\x20ftypavif"), { kind: "clip", demuxer: "mov", still: true });
  assert.deepEqual(kindOf("\x1aE\xdf\xa3\x01"), { kind: "clip", demuxer: "matroska" });
  assert.deepEqual(kindOf("RIFF\0\0\0\0AVI LIST"), { kind: "clip", demuxer: "avi" });
  for (const head of ["\0\0\0\x01\x67", "v=0\r\no=- 0", "#EXTM3U\n", "YUV4MPEG2 W1", "BM\0\0"]) {
    assert.deepEqual(kindOf(head), { kind: "clip" }, head);
    assert.ok(!isPicture(kindOf(head)), head);
  }
});

Deno.test("fileKind() of an empty file and of a text is none", () => {
  assert.deepEqual(kindOf(""), { kind: "none", reason: "it is empty" });
  for (
    const text of ["not a clip", "BMW drives by", "PNG", "\xef\xbb\xbfT\xc3\xbcr\r\n"]
  ) {
    assert.deepEqual(kindOf(text), { kind: "none", reason: "it holds text" }, text);
  }
});

Deno.test("fileKind() of a list of other files is none, whatever else it holds", () => {
  for (const text of ["ffconcat version 1.0\nfile a.mp4", "ffconcat version 1.0\n#\0\nfile a.mp4"]) {
    assert.deepEqual(kindOf(text), { kind: "none", reason: "it lists other files" });
  }
});

Deno.test("fileKind() reads a truncated file to its end and no further", () => {
  const heads = [
    GIF_HEADER + PAUSE + GIF_PICTURE + ";",
    "RIFF\n\0\0\0WEBPVP8X\n\0\0\0\x02",
    "BM\x46\0\0\0\0\0\0\0\x36\0",
  ];
  for (const head of heads) {
    for (let length = 0; length < head.length; length++) fileKind(bytes(head.slice(0, length)));
  }
  assert.equal(
    fileKind(encodePng({ width: 9, height: 9, rgb: new Uint8Array(243) }).subarray(0, 20)).kind,
    "picture",
  );
});
