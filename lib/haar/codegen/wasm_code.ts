/** The few parts of the WebAssembly binary format (W3C WebAssembly Core 2.0 and its SIMD) that generated stages need. */

/** Opcodes of plain instructions. */
export const OP = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  load: 0x28,
  load16: 0x2f,
  store: 0x36,
  store8: 0x3a,
  constant: 0x41,
  notEqual: 0x47,
  lessUnsigned: 0x49,
  add: 0x6a,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shiftLeft: 0x74,
  shiftRight: 0x76,
} as const;

/** Opcodes of SIMD instructions, after the prefix 0xfd. */
export const SIMD = {
  load: 0x00,
  load16Splat: 0x08,
  splat16: 0x10,
  greater16: 0x31,
  notLess16: 0x35,
  and: 0x4e,
  q15mulrSat: 0x82,
  bitmask16: 0x84,
  shiftRight16: 0x8d,
  add16: 0x8e,
  sub16: 0x91,
  subSat16: 0x92,
  q15mulrRelaxed: 0x111,
} as const;

export const I32 = 0x7f;
export const V128 = 0x7b;
/** The type of a block that leaves nothing. */
export const EMPTY = 0x40;

const FIRST_BYTES = 4096;

/** The body of one function. */
export class Code {
  #buffer = new Uint8Array(FIRST_BYTES);
  #length = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  op(opcode: number): this {
    if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = opcode;
    return this;
  }

  simd(opcode: number): this {
    return this.op(0xfd).index(opcode);
  }

  get(local: number): this {
    return this.op(OP.get).index(local);
  }

  set(local: number): this {
    return this.op(OP.set).index(local);
  }

  tee(local: number): this {
    return this.op(OP.tee).index(local);
  }

  constant(value: number): this {
    this.op(OP.constant);
    for (const byte of signed(value)) this.op(byte);
    return this;
  }

  /** A load or store at the address on the stack plus `offset`. */
  memory(opcode: number, offset: number): this {
    return this.op(opcode).op(0).index(offset);
  }

  /** A SIMD load at the address on the stack plus `offset`. */
  simdMemory(opcode: number, offset: number): this {
    return this.simd(opcode).op(0).index(offset);
  }

  /** Repeats `body` while it leaves something else than 0. */
  repeatWhile(body: () => void): this {
    this.op(OP.loop).op(EMPTY);
    body();
    return this.op(OP.branchIf).op(0).op(OP.end);
  }

  /** An unsigned number, LEB128. */
  index(value: number): this {
    for (; value > 0x7f; value >>>= 7) this.op((value & 0x7f) | 0x80);
    return this.op(value);
  }
}

/** A function of `parameters` i32 that returns `results` i32, with more locals of i32 and v128. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly results: 0 | 1;
  readonly integers: number;
  readonly vectors: number;
  readonly code: Code;
}

/** A module that imports `kernel.memory`, at least `pages` large, and exports `functions`. */
export function wasmModule(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, results }) => [
    0x60,
    ...list(Array(parameters).fill([I32])),
    ...list(Array(results).fill([I32])),
  ]);
  const memory = [...name("kernel"), ...name("memory"), 0x02, 0x00, ...unsigned(pages)];
  const exports = functions.map((fn, index) => [...name(fn.name), 0x00, ...unsigned(index)]);
  const bodies = functions.map(({ integers, vectors, code }): ArrayLike<number>[] => {
    const locals = list([[...unsigned(integers), I32], [...unsigned(vectors), V128]]);
    return [unsigned(locals.length + code.bytes.length + 1), locals, code.bytes, [OP.end]];
  });
  const codeSize = bodies.flat().reduce((sum, part) => sum + part.length, 0);
  const parts: ArrayLike<number>[] = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, list(types)),
    section(2, list([memory])),
    section(3, list(functions.map((_, index) => unsigned(index)))),
    section(7, list(exports)),
    [10, ...unsigned(codeSize + unsigned(functions.length).length), ...unsigned(functions.length)],
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

function list(items: readonly (readonly number[])[]): number[] {
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

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    const last = (value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0);
    bytes.push(last ? byte : byte | 0x80);
    if (last) return bytes;
  }
}
