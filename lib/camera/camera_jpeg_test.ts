/** Reads the headers of cameras' JPEGs as ffmpeg does. */
import assert from "node:assert/strict";
import { makeJpegs, PATTERN } from "../../test/servers/jpegs.ts";
import { showing } from "../../test/servers/mjpeg_camera.ts";
import { needs } from "../../test/needs.ts";
import { pictures } from "../testing/read_camera.ts";
import { cameraJpeg } from "./camera_jpeg.ts";
import { MAX_JPEG_BYTES } from "./jpeg_packets.ts";

const START = [0xff, 0xd8];
const TABLES = [0xff, 0xdb, 0, 5, 1, 2, 3];
/** A frame header of 640x480, and one of 160x120. */
const FRAME = [0xff, 0xc0, 0, 11, 8, 1, 0xe0, 2, 0x80, 1, 1, 0x11, 0];
const SMALL = [0xff, 0xc0, 0, 11, 8, 0, 120, 0, 160, 1, 1, 0x11, 0];
const VGA = { width: 640, height: 480 };

const sizeOf = (...parts: number[][]) => cameraJpeg(Uint8Array.from(parts.flat()))?.size;
const zeros = (count: number) => new Array(count).fill(0);

/** What cameras do to a JPEG whose header is `start`, `rest`. */
const KINDS: Readonly<Record<string, (start: number[], rest: number[]) => number[]>> = {
  "a line end before it": (start, rest) => [13, 10, ...start, ...rest],
  "a zero byte before it": (start, rest) => [0, ...start, ...rest],
  "other bytes before it": (start, rest) => [...new Array(16).fill(7), ...start, ...rest],
  "its start twice": (start, rest) => [...start, ...start, ...rest],
  "its end before the frame": (start, rest) => [...start, 0xff, 0xd9, ...rest],
  "zero bytes between segments": (start, rest) => [...start, ...zeros(3), ...rest],
  "fill bytes": (start, rest) => [...start, 0xff, 0xff, 0xff, ...rest],
  "restarts before the frame": (start, rest) => [...start, 0xff, 0xd0, 0xff, 0xd7, 0xff, 0x01, ...rest],
  "an APP5 longer than its length": (
    start,
    rest,
  ) => [...start, 0xff, 0xe5, 0, 6, 1, 2, 3, 4, 5, 6, 7, ...rest],
  "a comment longer than its length": (start, rest) => [...start, 0xff, 0xfe, 0, 4, 65, 66, 67, 68, ...rest],
  "an APP5 of length 0": (start, rest) => [...start, 0xff, 0xe5, 0, 0, ...rest],
  "an APP5 whose length runs past its end": (start, rest) => [...start, 0xff, 0xe5, 0xff, 0xff, ...rest],
  "a thumbnail in APP1": (start, rest) => [
    ...[...start, 0xff, 0xe1, 0, 2 + 2 + TABLES.length + SMALL.length + 2],
    ...[...START, ...TABLES, ...SMALL, 0xff, 0xd9],
    ...rest,
  ],
  "bytes after it": (start, rest) => [...start, ...rest, ...zeros(3_000)],
  "another JPEG after it": (start, rest) => [...start, ...rest, ...START, ...SMALL, 0xff, 0xd9],
  "no end": (start, rest) => [...start, ...rest.slice(0, -2)],
};

Deno.test("cameraJpeg() finds the size of a JPEG whatever a camera adds to it", () => {
  for (const [name, make] of Object.entries(KINDS)) {
    const packet = make(START, [...TABLES, ...FRAME, 0xff, 0xd9]);
    assert.deepEqual(sizeOf(packet), VGA, name);
    const inside = Uint8Array.from([...START, ...SMALL, ...packet]).subarray(START.length + SMALL.length);
    assert.deepEqual(cameraJpeg(inside)?.size, VGA, `${name}, in the middle of a larger buffer`);
  }
});

Deno.test(
  "ffmpeg decodes each of them, and they give the frames of the plain JPEGs",
  needs("ffmpeg"),
  async () => {
    const makers = Object.values(KINDS);
    const jpegs = await makeJpegs(PATTERN, { count: makers.length, size: "96x64" });
    const changed = makers.map((make, index) =>
      Uint8Array.from(make([...jpegs[index].subarray(0, 2)], [...jpegs[index].subarray(2)]))
    );
    await using plain = showing(jpegs);
    await using odd = showing(changed);
    const expected = await pictures(plain.url, jpegs.length, { idleRate: 0 });
    assert.deepEqual(await pictures(odd.url, jpegs.length, { idleRate: 0 }), expected);
    assert.deepEqual(await pictures(odd.url, jpegs.length), expected);
  },
);

Deno.test("the JPEG begins with its start", () => {
  const packet = Uint8Array.from([0xff, 7, 0xff, ...START, ...FRAME]);
  assert.deepEqual(cameraJpeg(packet)?.jpeg, packet.subarray(3));
});

Deno.test("bytes without a start, and a header without a size, are no JPEG", () => {
  const whole = [...START, ...TABLES, ...FRAME];
  for (let length = 0; length < START.length + TABLES.length + 9; length++) {
    assert.equal(sizeOf(whole.slice(0, length)), undefined, `${length} bytes`);
  }
  assert.equal(sizeOf(TABLES, FRAME), undefined);
  assert.equal(sizeOf(START, FRAME.with(5, 0).with(6, 0), SMALL), undefined, "no lines");
  assert.equal(sizeOf(START, FRAME.with(7, 0).with(8, 0), SMALL), undefined, "no columns");
  assert.equal(sizeOf(START, [0xff, 0xe1, 0, 15], SMALL), undefined, "a thumbnail only");
});

Deno.test("a packet of markers without a length takes one pass", () => {
  const packet = new Uint8Array(MAX_JPEG_BYTES);
  new Uint16Array(packet.buffer).fill(0xd8ff); // Little-endian: a start of an image, again and again.
  const beganMs = performance.now();
  assert.equal(cameraJpeg(packet), undefined);
  assert.ok(performance.now() - beganMs < 5_000);
});
