/**
 * Encodes functions and modules in WebAssembly's binary format (W3C WebAssembly Core 2.0, chapter 5, and the relaxed
 * SIMD proposal), as far as stage_code.ts needs it.
 */

const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION_TYPE = 0x60;
/** The type of a block without results. */
const EMPTY = 0x40;
const END = 0x0b;
const SIMD_PREFIX = 0xfd;

const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

const FIRST_BYTES = 4096;

/**
 * The body of one function. Each method appends one instruction and is named as the specification names it, with `_`
 * for `.`: `i32_add` is i32.add. `offset` is added to the address on the stack.
 */
export class Code {
  #buffer = new Uint8Array(FIRST_BYTES);
  #length = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  loop(): this {
    return this.#byte(0x03).#byte(EMPTY);
  }

  if(): this {
    return this.#byte(0x04).#byte(EMPTY);
  }

  end(): this {
    return this.#byte(END);
  }

  br_if(label: number): this {
    return this.#byte(0x0d).#unsigned(label);
  }

  local_get(local: number): this {
    return this.#byte(0x20).#unsigned(local);
  }

  local_set(local: number): this {
    return this.#byte(0x21).#unsigned(local);
  }

  local_tee(local: number): this {
    return this.#byte(0x22).#unsigned(local);
  }

  i32_load(offset = 0): this {
    return this.#memory(0x28, offset);
  }

  i32_load16_u(offset = 0): this {
    return this.#memory(0x2f, offset);
  }

  i32_store(offset = 0): this {
    return this.#memory(0x36, offset);
  }

  i32_store8(offset = 0): this {
    return this.#memory(0x3a, offset);
  }

  i32_const(value: number): this {
    return this.#byte(0x41).#signed(value);
  }

  i32_ne(): this {
    return this.#byte(0x47);
  }

  i32_lt_u(): this {
    return this.#byte(0x49);
  }

  i32_add(): this {
    return this.#byte(0x6a);
  }

  i32_and(): this {
    return this.#byte(0x71);
  }

  i32_xor(): this {
    return this.#byte(0x73);
  }

  i32_shl(): this {
    return this.#byte(0x74);
  }

  i32_shr_u(): this {
    return this.#byte(0x76);
  }

  v128_load(offset = 0): this {
    return this.#simd(0x00).#byte(0).#unsigned(offset);
  }

  v128_and(): this {
    return this.#simd(0x4e);
  }

  i16x8_gt_s(): this {
    return this.#simd(0x31);
  }

  i16x8_ge_s(): this {
    return this.#simd(0x35);
  }

  i16x8_q15mulr_sat_s(): this {
    return this.#simd(0x82);
  }

  i16x8_bitmask(): this {
    return this.#simd(0x84);
  }

  i16x8_shr_u(): this {
    return this.#simd(0x8d);
  }

  i16x8_add(): this {
    return this.#simd(0x8e);
  }

  i16x8_sub(): this {
    return this.#simd(0x91);
  }

  i16x8_sub_sat_s(): this {
    return this.#simd(0x92);
  }

  i16x8_relaxed_q15mulr_s(): this {
    return this.#simd(0x111);
  }

  #byte(value: number): this {
    if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = value;
    return this;
  }

  #simd(opcode: number): this {
    return this.#byte(SIMD_PREFIX).#unsigned(opcode);
  }

  /** A load or store; the alignment hint is 1 byte, the least. */
  #memory(opcode: number, offset: number): this {
    return this.#byte(opcode).#byte(0).#unsigned(offset);
  }

  #unsigned(value: number): this {
    for (; value > 0x7f; value >>>= 7) this.#byte((value & 0x7f) | 0x80);
    return this.#byte(value);
  }

  #signed(value: number): this {
    for (const byte of signed(value)) this.#byte(byte);
    return this;
  }
}

/** A function of `parameters` i32 that returns `results` i32. Its other locals are i32 first, then v128. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly results: 0 | 1;
  /** Number of i32 locals besides the parameters. */
  readonly i32Locals: number;
  readonly v128Locals: number;
  readonly code: Code;
}

/** A module that imports `kernel.memory` of at least `pages` pages and exports `functions`. */
export function wasmModule(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, results }) => [
    FUNCTION_TYPE,
    ...vector(Array(parameters).fill([I32])),
    ...vector(Array(results).fill([I32])),
  ]);
  const memory = [...name("kernel"), ...name("memory"), 0x02, 0x00, ...unsigned(pages)];
  const exports = functions.map((fn, index) => [...name(fn.name), 0x00, ...unsigned(index)]);
  const bodies = functions.map(({ i32Locals, v128Locals, code }): ArrayLike<number>[] => {
    const locals = vector([[...unsigned(i32Locals), I32], [...unsigned(v128Locals), V128]]);
    return [unsigned(locals.length + code.bytes.length + 1), locals, code.bytes, [END]];
  });
  const codeSize = bodies.flat().reduce((sum, part) => sum + part.length, 0);
  const parts: ArrayLike<number>[] = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(SECTION.type, vector(types)),
    section(SECTION.import, vector([memory])),
    section(SECTION.function, vector(functions.map((_, index) => unsigned(index)))),
    section(SECTION.export, vector(exports)),
    [SECTION.code, ...unsigned(codeSize + unsigned(functions.length).length), ...unsigned(functions.length)],
    ...bodies.flat(),
  ];
  const module = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    module.set(part, at);
    at += part.length;
  }
  return module;
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return [...unsigned(text.length), ...new TextEncoder().encode(text)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

/** LEB128 of a signed number. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    const isLast = (value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}
