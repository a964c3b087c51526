/** The check of received PNGs. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { RejectedMessageError } from "../errors.ts";
import { inFullSuite } from "../testing/skip.ts";
import { checkPixels, checkPng } from "./check_png.ts";
import { type Chunk, joinChunks, joined } from "./png_chunks.ts";

const MIB = 2 ** 20;
const zeros = (length: number) => deflateSync(new Uint8Array(length));
const ascii = (text: string) => new TextEncoder().encode(text);

/** A chunk of 32-bit numbers and bytes. */
function chunk(type: string, numbers: readonly number[], ...rest: Uint8Array[]): Chunk {
  const data = new DataView(new ArrayBuffer(numbers.length * 4));
  numbers.forEach((number, index) => data.setUint32(index * 4, number));
  return { type, data: joined([new Uint8Array(data.buffer), ...rest]) };
}

/** By default RGB with 8 bits per sample. */
const header = (width: number, height: number, kind = [8, 2]) =>
  chunk("IHDR", [width, height], Uint8Array.of(...kind, 0, 0, 0));
const frameHeader = (number: number, width: number, height: number) =>
  chunk("fcTL", [number, width, height, 0, 0], Uint8Array.of(0, 1, 0, 10, 0, 0));
const pixels = (deflated: Uint8Array) => chunk("IDAT", [], deflated);
const frame = (number: number, deflated: Uint8Array) => chunk("fdAT", [number], deflated);
const png = (...chunks: Chunk[]) => joinChunks([...chunks, chunk("IEND", [])]);

const WHOLE = zeros(4 * (1 + 4 * 3));
const BOMB = zeros(24 * MIB);
const START = [header(4, 4), chunk("acTL", [2, 0]), frameHeader(0, 4, 4), pixels(WHOLE)];

Deno.test("checkPng() accepts pictures, animations, texts and profiles within their limits", async () => {
  await checkPng(png(header(4, 4), pixels(WHOLE)));
  await checkPng(png(...START, frameHeader(1, 2, 2), frame(2, zeros(2 * 7))));
  await checkPng(png(header(4, 4), chunk("iCCP", [], ascii("p\0\0"), zeros(4 * MIB)), pixels(WHOLE)));
  await checkPng(png(header(4, 4), chunk("iTXt", [], ascii("k\0\0\0\0\0plain")), pixels(WHOLE)));
});

Deno.test("checkPng() accepts damaged and short streams, which the decoder rejects", async () => {
  for (const bytes of [WHOLE.subarray(0, 5), zeros(1), ascii("no stream"), new Uint8Array(0)]) {
    await checkPng(png(header(4, 4), pixels(bytes), chunk("zTXt", [], ascii("k\0\0"), bytes)));
  }
  await checkPng(png(header(4, 4), pixels(WHOLE), chunk("zTXt", []), chunk("iTXt", [], ascii("k\0\x01\0"))));
});

Deno.test("checkPng() rejects whatever inflates beyond its limit", async () => {
  const bombs: Record<string, Chunk[]> = {
    pixels: [header(4, 4), pixels(BOMB)],
    "the first frame": [header(4, 4), chunk("acTL", [2, 0]), frameHeader(0, 4, 4), pixels(BOMB)],
    "a later frame": [...START, frameHeader(1, 4, 4), frame(2, BOMB)],
    "a small frame": [...START, frameHeader(1, 2, 2), frame(2, WHOLE)],
    "a frame beyond the picture": [...START, frameHeader(1, 5, 4), frame(2, WHOLE)],
    "a text": [header(4, 4), chunk("zTXt", [], ascii("k\0\0"), BOMB), pixels(WHOLE)],
    "a text behind the pixels": [header(4, 4), pixels(WHOLE), chunk("zTXt", [], ascii("k\0\0"), BOMB)],
    "an international text": [header(4, 4), chunk("iTXt", [], ascii("k\0\x01\0\0\0"), BOMB), pixels(WHOLE)],
    "a profile": [header(4, 4), chunk("iCCP", [], ascii("k\0\0"), BOMB), pixels(WHOLE)],
    "many texts": [
      header(4, 4),
      ...Array.from({ length: 5 }, () => chunk("zTXt", [], ascii("k\0\0"), zeros(4 * MIB))),
      pixels(WHOLE),
    ],
  };
  for (const [name, chunks] of Object.entries(bombs)) {
    await assert.rejects(checkPng(png(...chunks)), RejectedMessageError, name);
  }
});

// The memory is that of the process: beside other tests in parallel the measure would be theirs too.
Deno.test(
  "checkPixels() allocates no memory for more pixels than the header says",
  inFullSuite(),
  async () => {
    // The header says 40 MB; the stream has 160 MB.
    const stream = zeros(160 * MIB);
    const bytes = png(header(2_200, 2_200, [16, 6]), pixels(stream));
    const beforeBytes = Deno.memoryUsage().rss;
    await assert.rejects(checkPixels(bytes), RejectedMessageError);
    assert.ok(Deno.memoryUsage().rss - beforeBytes < 30 * MIB);
    await checkPixels(png(header(4, 4), pixels(BOMB))); // So few bytes that decodePng() checks them itself.
  },
);
