/** PNG files, written, read and damaged. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { cpuUsage } from "node:process";
import { crc32, deflateSync } from "node:zlib";
import { RejectedMessageError } from "../errors.ts";
import { decodePng, encodePng, isPng, readPng } from "./png.ts";
import { inFullSuite } from "../testing/skip.ts";

/** CPU time, in microseconds: it does not depend on what else the machine does. */
const CPU_LIMIT_US = 1_000_000;

const GRAY = 0, RGB = 2, INDEXED = 3, GRAY_ALPHA = 4, RGBA = 6;
const RED_GREEN_BLUE = [255, 0, 0, 0, 255, 0, 0, 0, 255];

type Chunk = readonly [type: string, data: readonly number[] | Uint8Array];

/** A PNG of these chunks, each with its checksum. */
function png(...chunks: Chunk[]): Uint8Array<ArrayBuffer> {
  const parts = chunks.map(([type, data]) => {
    const body = Buffer.concat([Uint8Array.from(text(type)), Uint8Array.from(data)]);
    const numbers = new DataView(new ArrayBuffer(8));
    numbers.setUint32(0, data.length);
    numbers.setUint32(4, crc32(body));
    return Buffer.concat([new Uint8Array(numbers.buffer, 0, 4), body, new Uint8Array(numbers.buffer, 4)]);
  });
  return new Uint8Array(Buffer.concat([Uint8Array.of(0x89, ...text("PNG\r\n\x1a\n")), ...parts]));
}

function header(width: number, height: number, depth: number, colour: number, interlace = 0): Chunk {
  const bytes = new Uint8Array(13);
  new DataView(bytes.buffer).setUint32(0, width);
  new DataView(bytes.buffer).setUint32(4, height);
  bytes.set([depth, colour, 0, 0, interlace], 8);
  return ["IHDR", bytes];
}

/** Unfiltered rows. */
function pixels(...rows: number[][]): Chunk {
  return ["IDAT", deflateSync(Uint8Array.from(rows.flatMap((row) => [0, ...row])))];
}

const END: Chunk = ["IEND", []];
const text = (words: string): number[] => [...new TextEncoder().encode(words)];
const rgbOf = (...chunks: Chunk[]) => [...decodePng(png(...chunks, END)).rgb];
const grays = (...values: number[]) => values.flatMap((value) => [value, value, value]);

Deno.test("an encoded picture decodes to the same pixels and texts", () => {
  const picture = { width: 5, height: 3, rgb: Uint8Array.from({ length: 45 }, (_, index) => index * 5) };
  const texts: [string, string][] = [["Source", "Tür"], ["haarlem", '{"a":"\\u0000 😀"}'], ["Empty", ""]];
  const bytes = encodePng(picture, texts);
  assert.deepEqual(readPng(bytes), { width: 5, height: 3, texts: new Map(texts) });
  assert.deepEqual(decodePng(bytes), picture);
  const inside = new Uint8Array(bytes.length + 7);
  inside.set(bytes, 7);
  assert.deepEqual(decodePng(inside.subarray(7)), picture, "in the middle of a larger buffer");
});

Deno.test("decodePng() decodes gray, palette and alpha", () => {
  assert.deepEqual(rgbOf(header(2, 1, 8, GRAY), pixels([7, 200])), grays(7, 200));
  assert.deepEqual(rgbOf(header(2, 1, 8, GRAY_ALPHA), pixels([7, 0, 200, 255])), grays(7, 200));
  assert.deepEqual(rgbOf(header(1, 2, 8, RGBA), pixels([1, 2, 3, 0], [4, 5, 6, 9])), [1, 2, 3, 4, 5, 6]);
  const palette: Chunk = ["PLTE", RED_GREEN_BLUE];
  const colours = [0, 0, 255, 255, 0, 0];
  assert.deepEqual(rgbOf(header(2, 1, 8, INDEXED), palette, pixels([2, 0])), colours);
  assert.deepEqual(rgbOf(header(2, 1, 8, INDEXED), palette, ["tRNS", [0]], pixels([2, 0])), colours);
});

Deno.test("decodePng() decodes samples of 1, 2 and 4 bits, with rows that end inside a byte", () => {
  const bits = pixels([0b10110000], [0b01000000]);
  assert.deepEqual(rgbOf(header(3, 2, 1, GRAY), bits), grays(255, 0, 255, 0, 255, 0));
  const quarters = pixels([0b00011011, 0b11000000]);
  assert.deepEqual(rgbOf(header(5, 1, 2, GRAY), quarters), grays(0, 85, 170, 255, 255));
  assert.deepEqual(rgbOf(header(3, 1, 4, GRAY), pixels([0x0f, 0x80])), grays(0, 255, 136));
  const palette: Chunk = ["PLTE", RED_GREEN_BLUE];
  assert.deepEqual(rgbOf(header(2, 1, 2, INDEXED), palette, pixels([0b10010000])), [0, 0, 255, 0, 255, 0]);
});

Deno.test("decodePng() ignores the suggested palette of a true-colour picture", () => {
  const suggested: Chunk = ["PLTE", RED_GREEN_BLUE];
  assert.deepEqual(rgbOf(header(1, 1, 8, RGB), suggested, pixels([1, 2, 3])), [1, 2, 3]);
});

Deno.test("decodePng() decodes interlaced pictures, also with less than 8 bits", () => {
  // 3x1: the first pass holds pixel 0, the fourth pixel 2, the sixth pixel 1.
  assert.deepEqual(rgbOf(header(3, 1, 8, GRAY, 1), pixels([10], [30], [20])), grays(10, 20, 30));
  assert.deepEqual(rgbOf(header(3, 1, 1, GRAY, 1), pixels([0x80], [0], [0x80])), grays(255, 255, 0));
});

Deno.test("decodePng() uses the upper byte of 16-bit samples, as OpenCV's IMREAD_COLOR does", () => {
  assert.deepEqual(rgbOf(header(2, 1, 16, GRAY), pixels([1, 255, 200, 0])), grays(1, 200));
  assert.deepEqual(rgbOf(header(1, 1, 16, RGB), pixels([1, 9, 2, 9, 3, 9])), [1, 2, 3]);
  assert.deepEqual(rgbOf(header(1, 1, 16, RGBA), pixels([1, 9, 2, 9, 3, 9, 0, 0])), [1, 2, 3]);
  assert.deepEqual(rgbOf(header(1, 1, 16, GRAY_ALPHA), pixels([7, 9, 0, 0])), grays(7));
});

Deno.test("decodePng() reverses every filter, also in the first row", () => {
  const rows = [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 1, 2, 3, 4, 5, 6],
    [2, 1, 1, 1, 1, 1, 1],
    [3, 1, 1, 1, 1, 1, 1],
    [4, 1, 1, 1, 1, 1, 1],
  ];
  const filtered = (rows: number[][]): Chunk => ["IDAT", deflateSync(Uint8Array.from(rows.flat()))];
  assert.deepEqual(rgbOf(header(2, 5, 8, RGB), filtered(rows)), [
    ...[10, 20, 30, 40, 50, 60],
    ...[1, 2, 3, 5, 7, 9],
    ...[2, 3, 4, 6, 8, 10],
    ...[2, 2, 3, 5, 6, 7],
    ...[3, 3, 4, 6, 7, 8],
  ]);
  const first = (filter: number) => rgbOf(header(2, 1, 8, RGB), filtered([[filter, 2, 4, 6, 1, 1, 1]]));
  assert.deepEqual([1, 2, 3, 4].map(first), [
    [2, 4, 6, 3, 5, 7],
    [2, 4, 6, 1, 1, 1],
    [2, 4, 6, 2, 3, 4],
    [2, 4, 6, 3, 5, 7],
  ]);
});

/** Deflated zeros. */
function zeros(bytes: number): Uint8Array {
  return deflateSync(new Uint8Array(bytes));
}

Deno.test("decodePng() never inflates more than the header promises", inFullSuite(), () => {
  const bomb = zeros(300 * 2 ** 20);
  const half = bomb.length >> 1;
  const parts: Chunk[] = [["IDAT", bomb.subarray(0, half)], ["IDAT", bomb.subarray(half)]];
  const small = pixels([1, 2, 3]);
  const bombs: Record<string, Chunk[]> = {
    "pixels": [header(64, 64, 8, RGB), ["IDAT", bomb]],
    "pixels in several chunks": [header(64, 64, 8, RGB), ...parts],
    "pixels of an interlaced picture": [header(64, 64, 8, RGB, 1), ["IDAT", bomb]],
    "one byte too many": [header(1, 1, 8, RGB), pixels([1, 2, 3, 4])],
    "a second header": [header(1, 1, 8, RGB), header(10_000, 6_000, 8, RGB), ["IDAT", bomb]],
    "a second header behind the pixels": [header(1, 1, 8, RGB), small, header(10_000, 6_000, 8, RGB)],
    "many pixels of one bit": [header(10_000, 9_999, 1, GRAY), ["IDAT", zeros(13 * 2 ** 20)]],
    "many pixels of a face, too many of a frame": [header(8_000, 8_000, 1, GRAY), ["IDAT", zeros(8_008_000)]],
    "many pixels of 32 bits": [header(10_000, 9_999, 8, RGBA), ["IDAT", bomb]],
    "a row of all pixels": [header(2 ** 31 - 1, 1, 8, RGB), small],
  };
  const files = Object.entries(bombs).map(([name, chunks]) => [name, png(...chunks, END)] as const);
  for (const [name, bytes] of files) {
    const [used, before] = [cpuUsage(), Deno.memoryUsage()];
    assert.throws(() => decodePng(bytes), RejectedMessageError, name);
    const { rss, external } = Deno.memoryUsage();
    const { user } = cpuUsage(used);
    assert.ok(user < CPU_LIMIT_US, `${name}: ${user / 1_000} ms of CPU time`);
    assert.ok(external - before.external + (rss - before.rss) < 100e6, `${name}: ${rss - before.rss} bytes`);
  }
});

Deno.test("decodePng() inflates nothing but the pixels", inFullSuite(), () => {
  const bomb = zeros(300 * 2 ** 20);
  const beside: Chunk[] = [
    ["iCCP", Uint8Array.from([...text("x\0\0"), ...bomb])],
    ["zTXt", Uint8Array.from([...text("Comment\0\0"), ...bomb])],
    ["zTXt", Uint8Array.from([...text("Comment\0\0"), ...bomb])],
    ["iTXt", Uint8Array.from([...text("haarlem\0\x01\0\0\0"), ...bomb])],
    ["acTL", [0, 0, 0, 1, 0, 0, 0, 0]],
    ["fdAT", Uint8Array.from([0, 0, 0, 1, ...bomb])],
  ];
  const bytes = png(header(1, 1, 8, RGB), ...beside, pixels([1, 2, 3]), END);
  const [used, before] = [cpuUsage(), Deno.memoryUsage()];
  assert.deepEqual([...decodePng(bytes).rgb], [1, 2, 3]);
  assert.equal(readPng(bytes).texts.size, 0);
  assert.ok(cpuUsage(used).user < CPU_LIMIT_US);
  assert.ok(Deno.memoryUsage().rss - before.rss < 100e6);
});

Deno.test("readPng() limits number and length of texts, and keeps the first of a keyword", () => {
  const said = (keyword: string, words: string): Chunk => ["iTXt", text(`${keyword}\0\0\0\0\0${words}`)];
  const textsOf = (...chunks: Chunk[]) =>
    readPng(png(header(1, 1, 8, RGB), ...chunks, pixels([1, 2, 3]), END)).texts;
  assert.equal(textsOf(said("haarlem", "x".repeat(16 * 1024 + 1))).size, 0);
  assert.equal(textsOf(said("haarlem", "x".repeat(16 * 1024))).size, 1);
  assert.equal(textsOf(said("haarlem", "a"), said("haarlem", "b")).get("haarlem"), "a");
  assert.ok(textsOf(...Array.from({ length: 5_000 }, (_, index) => said(`k${index}`, "x"))).size <= 100);
});

Deno.test("a PNG with a million empty chunks is rejected at once", () => {
  const one = png(["tEXt", []]).subarray(8);
  const many = Buffer.concat(new Array(1_000_000).fill(one));
  const whole = png(header(1, 1, 8, RGB), pixels([1, 2, 3]), END);
  const end = whole.length - one.length;
  const bytes = new Uint8Array(Buffer.concat([whole.subarray(0, end), many, whole.subarray(end)]));
  const used = cpuUsage();
  assert.throws(() => readPng(bytes), /more than \d+ chunks/);
  assert.ok(cpuUsage(used).user < CPU_LIMIT_US);
});

Deno.test("decodePng() rejects missing and damaged pixels, and undefined kinds", () => {
  const data = deflateSync(Uint8Array.of(0, 1, 2, 3));
  const flipped = data.with(4, data[4] ^ 0xff);
  const damaged: Chunk[][] = [
    [header(1, 1, 8, RGB), ["IDAT", data.subarray(0, 4)]],
    [header(1, 1, 8, RGB), ["IDAT", []]],
    [header(1, 1, 8, RGB), ["IDAT", flipped.fill(0xff, 0, 2)]],
    [header(1, 2, 8, RGB), pixels([1, 2, 3])],
    [header(1, 1, 8, RGB), ["IDAT", deflateSync(Uint8Array.of(9, 1, 2, 3))]],
    [header(1, 1, 3, RGB), pixels([1, 2, 3])],
    [header(2, 1, 4, RGB), pixels([1, 2, 3])],
    [header(1, 1, 8, 5), pixels([1])],
    [header(1, 1, 8, RGB, 2), pixels([1, 2, 3])],
    [header(1, 1, 8, INDEXED), pixels([0])],
  ];
  for (const [index, chunks] of damaged.entries()) {
    assert.throws(() => rgbOf(...chunks), RejectedMessageError, `picture ${index}`);
  }
});

Deno.test("a truncated PNG is rejected at every length", () => {
  const whole = encodePng({ width: 2, height: 2, rgb: new Uint8Array(12) }, [["haarlem", "{}"]]);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => readPng(whole.subarray(0, length)), RejectedMessageError, `${length} bytes`);
  }
  readPng(Uint8Array.from([...whole, 1, 2, 3])); // Bytes after the end are ignored.
});

Deno.test("a PNG with a changed byte is rejected, whichever byte it is", () => {
  const whole = encodePng({ width: 2, height: 2, rgb: new Uint8Array(12) }, [["haarlem", "{}"]]);
  for (let at = 0; at < whole.length; at++) {
    assert.throws(() => readPng(whole.with(at, whole[at] ^ 0x10)), RejectedMessageError, `byte ${at}`);
  }
});

Deno.test("a PNG without a header, without pixels or with too many is rejected", () => {
  const data = pixels([1, 2, 3]);
  assert.throws(() => readPng(png(data, END)), /no header/);
  assert.throws(() => readPng(png(["IHDR", []], data, END)), /no header/);
  assert.throws(() => readPng(png(header(1, 1, 8, RGB), END)), /no pixels/);
  assert.throws(() => readPng(png(header(0, 1, 8, RGB), data, END)), /no pixels/);
  assert.throws(() => readPng(png(header(2 ** 32 - 1, 2 ** 32 - 1, 8, RGB), data, END)), /more than/);
});

Deno.test("malformed and foreign texts are ignored", () => {
  const odd: Chunk[] = [
    ["iTXt", text("")],
    ["iTXt", text("no end of the keyword")],
    ["iTXt", text("\0\0\0\0\0no keyword")],
    ["iTXt", text("Compressed\0\x01\0\0\0...")],
    ["iTXt", text("No languages\0\0\0")],
    ["iTXt", text(`${"x".repeat(300_000)}\0\0\0\0\0a keyword that fills the stack`)],
    ["tEXt", text("haarlem\0{}")],
    ["zTXt", text("haarlem\0\0???")],
  ];
  const bytes = png(header(1, 1, 8, RGB), ...odd, pixels([1, 2, 3]), END);
  assert.deepEqual(readPng(bytes), { width: 1, height: 1, texts: new Map() });
});

Deno.test("isPng() checks the signature only", () => {
  assert.ok(isPng(png()));
  assert.ok(!isPng(new Uint8Array(0)));
  assert.ok(!isPng(Uint8Array.from(text("GIF89a....."))));
});
