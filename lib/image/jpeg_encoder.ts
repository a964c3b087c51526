/**
 * Writes JPEG files (baseline, 4:2:0, ITU-T T.81 with JFIF) from planes as cameras give them. The packages for it take
 * RGBA, convert each pixel twice, and need several times as long.
 */
import type { Size, YuvPixels } from "./frame.ts";
import { CHROMA_AC, CHROMA_DC, CHROMA_DIVISORS, type HuffmanTable } from "./jpeg_tables.ts";
import { LUMA_AC, LUMA_DC, LUMA_DIVISORS, ZIGZAG } from "./jpeg_tables.ts";

/** Planes in full range, 4:2:0, BT.601: what a JPEG holds. Odd sizes of chroma round up. */
export type JpegPlanes = Size & Pick<YuvPixels, "y" | "u" | "v">;

/** Encodes planes as a JPEG. @param quality 1 to 100, on the scale of libjpeg. */
export function encodeJpeg(planes: JpegPlanes, quality = 75): Uint8Array<ArrayBuffer> {
  const { width, height, y, u, v } = planes;
  const luma = new Component(LUMA_DIVISORS, quality, LUMA_DC, LUMA_AC);
  const [blue, red] = [0, 1].map(() => new Component(CHROMA_DIVISORS, quality, CHROMA_DC, CHROMA_AC));
  const out = new BitWriter(1024 + ((width * height) >> 2));
  writeHead(out, planes, luma, blue);
  const chroma = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  for (let top = 0; top < height; top += 16) {
    for (let left = 0; left < width; left += 16) {
      for (const [down, right] of [[0, 0], [0, 8], [8, 0], [8, 8]]) {
        luma.encode(y, planes, left + right, top + down, out);
      }
      blue.encode(u, chroma, left >> 1, top >> 1, out);
      red.encode(v, chroma, left >> 1, top >> 1, out);
    }
  }
  return out.end();
}

function writeHead(out: BitWriter, { width, height }: Size, luma: Component, chroma: Component): void {
  const word = (value: number) => [value >> 8, value & 255];
  const segment = (code: number, ...content: number[]) =>
    out.bytes(0xff, code, ...word(content.length + 2), ...content);
  out.bytes(0xff, 0xd8);
  segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0); // JFIF 1.1, square pixels
  segment(0xdb, 0, ...luma.divisorsInOrder, 1, ...chroma.divisorsInOrder);
  // Three components of 8 bits: luma sampled 2x2, with the divisors 0; the others 1x1, with the divisors 1.
  segment(0xc0, 8, ...word(height), ...word(width), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1);
  const tables: [number, HuffmanTable][] = [[0, LUMA_DC], [0x10, LUMA_AC], [1, CHROMA_DC], [0x11, CHROMA_AC]];
  for (const [id, { lengths, symbols }] of tables) segment(0xc4, id, ...lengths, ...symbols);
  segment(0xda, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0);
}

/** Scale of each row and column of the transform below: 1 / (8 * s(i) * s(j)) makes its results those of the DCT. */
const AAN_SCALES = [1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.5411961, 0.275899379];

/** One component of a picture: its tables, and the brightness of the block before. */
class Component {
  /** Divisors as the file holds them. */
  readonly divisorsInOrder: number[];
  readonly #factors = new Float32Array(64);
  readonly #dc: HuffmanCodes;
  readonly #ac: HuffmanCodes;
  readonly #block = new Float32Array(64);
  readonly #coefficients = new Int32Array(64);
  #before = 0;

  constructor(divisors: readonly number[], quality: number, dc: HuffmanTable, ac: HuffmanTable) {
    const percent = quality < 50 ? 5000 / quality : 200 - quality * 2;
    const scaled = divisors.map((one) => Math.max(1, Math.min(255, Math.floor((one * percent + 50) / 100))));
    this.divisorsInOrder = Array.from(ZIGZAG, (at) => scaled[at]);
    scaled.forEach((divisor, at) =>
      this.#factors[at] = 1 / (divisor * 8 * AAN_SCALES[at >> 3] * AAN_SCALES[at & 7])
    );
    this.#dc = codesOf(dc);
    this.#ac = codesOf(ac);
  }

  /** Encodes the 8x8 pixels at a corner; pixels beyond the plane repeat its last ones. */
  encode(plane: Uint8Array, { width, height }: Size, left: number, top: number, out: BitWriter): void {
    const block = this.#block;
    for (let row = 0, at = 0; row < 8; row++) {
      const line = Math.min(height - 1, top + row) * width;
      for (let column = 0; column < 8; column++) {
        block[at++] = plane[line + Math.min(width - 1, left + column)] - 128;
      }
    }
    transform(block);
    const coefficients = this.#coefficients;
    for (let nth = 0; nth < 64; nth++) {
      const at = ZIGZAG[nth];
      coefficients[nth] = Math.round(block[at] * this.#factors[at]);
    }
    this.#write(coefficients, out);
  }

  #write(coefficients: Int32Array, out: BitWriter): void {
    writeValue(out, this.#dc, 0, coefficients[0] - this.#before);
    this.#before = coefficients[0];
    let zeros = 0;
    for (let nth = 1; nth < 64; nth++) {
      const value = coefficients[nth];
      if (value === 0) {
        zeros++;
        continue;
      }
      for (; zeros > 15; zeros -= 16) writeCode(out, this.#ac, 0xf0);
      writeValue(out, this.#ac, zeros, value);
      zeros = 0;
    }
    if (zeros > 0) writeCode(out, this.#ac, 0);
  }
}

/** The forward DCT of Arai, Agui and Nakajima (1988): rows, then columns, each with five multiplications. */
function transform(block: Float32Array): void {
  for (let row = 0; row < 64; row += 8) transformLine(block, row, 1);
  for (let column = 0; column < 8; column++) transformLine(block, column, 8);
}

function transformLine(d: Float32Array, at: number, step: number): void {
  const [a, b, c, e] = [at, at + step, at + 2 * step, at + 3 * step];
  const [f, g, h, i] = [at + 4 * step, at + 5 * step, at + 6 * step, at + 7 * step];
  const sum07 = d[a] + d[i], sum16 = d[b] + d[h], sum25 = d[c] + d[g], sum34 = d[e] + d[f];
  const difference07 = d[a] - d[i], difference16 = d[b] - d[h];
  const difference25 = d[c] - d[g], difference34 = d[e] - d[f];
  const outer = sum07 + sum34, inner = sum16 + sum25;
  const outerRest = sum07 - sum34, innerRest = sum16 - sum25;
  d[a] = outer + inner;
  d[f] = outer - inner;
  const even = (innerRest + outerRest) * 0.707106781;
  d[c] = outerRest + even;
  d[h] = outerRest - even;
  const odd1 = difference34 + difference25, odd2 = difference25 + difference16;
  const odd3 = difference16 + difference07;
  const turn = (odd1 - odd3) * 0.382683433;
  const z2 = 0.5411961 * odd1 + turn, z4 = 1.306562965 * odd3 + turn, z3 = odd2 * 0.707106781;
  const z11 = difference07 + z3, z13 = difference07 - z3;
  d[g] = z13 + z2;
  d[e] = z13 - z2;
  d[b] = z11 + z4;
  d[i] = z11 - z4;
}

/** Code and length of each symbol. */
interface HuffmanCodes {
  readonly codes: Uint16Array;
  readonly lengths: Uint8Array;
}

function codesOf({ lengths, symbols }: HuffmanTable): HuffmanCodes {
  const made = { codes: new Uint16Array(256), lengths: new Uint8Array(256) };
  let code = 0, nth = 0;
  lengths.forEach((count, index) => {
    for (let left = count; left > 0; left--) {
      const symbol = symbols[nth++];
      made.codes[symbol] = code++;
      made.lengths[symbol] = index + 1;
    }
    code <<= 1;
  });
  return made;
}

function writeCode(out: BitWriter, { codes, lengths }: HuffmanCodes, symbol: number): void {
  out.bits(codes[symbol], lengths[symbol]);
}

/** A value after `zeros` zeros: a symbol for their number and its length, then its bits. */
function writeValue(out: BitWriter, codes: HuffmanCodes, zeros: number, value: number): void {
  const length = 32 - Math.clz32(Math.abs(value));
  writeCode(out, codes, (zeros << 4) | length);
  // A negative value is written as itself less 1, in two's complement.
  if (length > 0) out.bits((value < 0 ? value - 1 : value) & ((1 << length) - 1), length);
}

/** Bytes, and bits in between with a 0 behind each 255. */
class BitWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;
  #held = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  bytes(...values: number[]): void {
    for (const value of values) this.#push(value);
  }

  /** @param length at most 16 */
  bits(value: number, length: number): void {
    this.#held = (this.#held << length) | value;
    this.#count += length;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = (this.#held >>> this.#count) & 255;
      this.#push(byte);
      if (byte === 255) this.#push(0);
    }
    this.#held &= (1 << this.#count) - 1;
  }

  /** Fills the last byte with ones, and ends the file. */
  end(): Uint8Array<ArrayBuffer> {
    if (this.#count > 0) this.bits((1 << (8 - this.#count)) - 1, 8 - this.#count);
    this.bytes(0xff, 0xd9);
    return this.#buffer.slice(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = byte;
  }
}
