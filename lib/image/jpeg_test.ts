/** Size and end of a JPEG, read from its segments. */
import assert from "node:assert/strict";
import { RejectedMessageError } from "../errors.ts";
import { isJpeg, readJpeg } from "./jpeg.ts";

const START = [0xff, 0xd8];
const END = [0xff, 0xd9];
const TABLES = [0xff, 0xdb, 0, 5, 1, 2, 3, 0xff, 0xc4, 0, 4, 9, 9];
/** A baseline frame of 640x480 with three components. */
const FRAME = [0xff, 0xc0, 0, 17, 8, 1, 0xe0, 2, 0x80, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
const SCAN = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0x00, 0x34];
const VGA = { width: 640, height: 480 };

const jpeg = (...parts: number[][]) => Uint8Array.from(parts.flat());
const whole = jpeg(START, TABLES, FRAME, SCAN, END);

Deno.test("readJpeg() finds the size after other segments and fill bytes", () => {
  assert.ok(isJpeg(whole));
  assert.deepEqual(readJpeg(whole), VGA);
  const progressive = FRAME.with(1, 0xc2);
  assert.deepEqual(readJpeg(jpeg(START, [0xff, 0xff, 0xff], TABLES, [0xff], progressive, SCAN, END)), VGA);
  const inside = jpeg([1, 2, 3, 4, 5], [...whole]).subarray(5);
  assert.deepEqual(readJpeg(inside), VGA, "in the middle of a larger buffer");
});

Deno.test("a truncated JPEG is rejected at every length", () => {
  for (let length = 2; length < whole.length; length++) {
    assert.throws(() => readJpeg(whole.subarray(0, length)), RejectedMessageError, `${length} bytes`);
  }
});

Deno.test("the end of an embedded thumbnail is not the end of the JPEG", () => {
  const thumbnail = [0xff, 0xe1, 0, 2 + whole.length, ...whole];
  assert.deepEqual(readJpeg(jpeg(START, thumbnail, FRAME, SCAN, END)), VGA);
  assert.throws(() => readJpeg(jpeg(START, thumbnail, FRAME, SCAN)), /truncated/);
});

Deno.test("bytes after the end of a JPEG are ignored", () => {
  assert.deepEqual(readJpeg(jpeg([...whole], new Array(1_000).fill(0))), VGA);
});

Deno.test("a JPEG with damaged segments or without pixels is rejected", () => {
  assert.throws(() => readJpeg(jpeg(START, END, new Array(20).fill(0))), /no frame header/);
  assert.throws(
    () => readJpeg(jpeg(START, [0xff, 0xe0, 0, 0], new Array(20).fill(0), END)),
    /no frame header/,
  );
  assert.throws(() => readJpeg(jpeg(START, [0xff, 0xe0, 0xff, 0xff], FRAME, SCAN, END)), /no frame header/);
  const flat = FRAME.with(5, 0).with(6, 0);
  assert.throws(() => readJpeg(jpeg(START, flat, SCAN, END)), /no pixels/);
});

Deno.test("a JPEG with too many pixels is rejected", () => {
  const sized = (height: number, width: number) =>
    jpeg(
      START,
      FRAME.with(5, height >> 8).with(6, height & 255).with(7, width >> 8).with(8, width & 255),
      SCAN,
      END,
    );
  assert.throws(() => readJpeg(sized(65_535, 65_535)), /more than 64000000 pixels/);
  assert.throws(() => readJpeg(sized(9_000, 20_000)), /20000x9000/);
  assert.deepEqual(readJpeg(sized(6_000, 8_000)), { width: 8_000, height: 6_000 });
});

Deno.test("a JPEG that gives its size twice is rejected", () => {
  const LARGE = FRAME.map((byte, index) => index >= 5 && index < 9 ? 0xff : byte);
  const LINES = [0xff, 0xdc, 0, 4, 0xff, 0xff];
  for (
    const parts of [[FRAME, LARGE, SCAN], [FRAME, SCAN, LARGE, SCAN], [FRAME, SCAN, LINES], [FRAME, LARGE]]
  ) {
    assert.throws(() => readJpeg(jpeg(START, TABLES, ...parts, END)), /size is given twice|more than/);
  }
});

Deno.test("a JPEG with several scans, restarts and unused codes is accepted", () => {
  const RESTARTS = [0x12, 0xff, 0xd0, 0x34, 0xff, 0xff, 0x00, 0xff, 0xd7, 0xff, 0x01];
  assert.deepEqual(readJpeg(jpeg(START, FRAME, SCAN, RESTARTS, TABLES, SCAN, END)), VGA);
});
