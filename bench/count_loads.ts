/**
 * Counts the load instructions that WebAssembly modules execute. Instructions are inserted before each load that add
 * one to a counter, which the module exports. A SIMD load counts as one; memory.fill and memory.copy do not count. The
 * binary format is that of the W3C's WebAssembly Core 2.0, chapter 5.
 */

/** The name of the counter (i64) that a module exports. */
const COUNTER = "loads executed";

const SECTION = { global: 6, export: 7, code: 10 } as const;

/** Instruments every module that is compiled from now on. Returns a function that reads the number of loads so far. */
export function countLoads(): () => number {
  const instances: WebAssembly.Instance[] = [];
  const { Module, Instance } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, {
    construct: (_, [bytes]) => new Module(withCounter(new Uint8Array(bytes))),
  });
  WebAssembly.Instance = new Proxy(Instance, {
    construct: (_, [module, imports]) => {
      const instance = new Instance(module, imports);
      instances.push(instance);
      return instance;
    },
  });
  return () =>
    instances.reduce((sum, { exports }) => sum + Number((exports[COUNTER] as WebAssembly.Global).value), 0);
}

/** Reads a module's bytes. */
class Reader {
  constructor(readonly bytes: Uint8Array, public at = 0) {}

  byte(): number {
    return this.bytes[this.at++];
  }

  /** LEB128. The value of a signed number is wrong; only its length is used. */
  number(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  skip(bytes: number): void {
    this.at += bytes;
  }
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/** Returns the module with a counter and instrumented code. */
function withCounter(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(module);
  const globals = vector(sections.get(SECTION.global));
  // The kernel's modules import no globals, so their own globals are numbered from 0.
  const counter = globals.count;
  const exports = vector(sections.get(SECTION.export));
  const name = new TextEncoder().encode(COUNTER);
  const zero = [0x7e, 0x01, 0x42, 0x00, 0x0b];
  sections.set(SECTION.global, joined([leb(globals.count + 1), globals.items, zero]));
  sections.set(
    SECTION.export,
    joined([leb(exports.count + 1), exports.items, leb(name.length), name, [0x03], leb(counter)]),
  );
  sections.set(SECTION.code, countingCode(sections.get(SECTION.code)!, counter));
  const inOrder = [...sections].sort(([a], [b]) => a - b);
  return joined([
    module.subarray(0, 8),
    ...inOrder.flatMap(([id, content]) => [[id], leb(content.length), content]),
  ]);
}

/** The sections by id, without custom sections. */
function sectionsOf(module: Uint8Array): Map<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>();
  for (const reader = new Reader(module, 8); reader.at < module.length;) {
    const id = reader.byte();
    const length = reader.number();
    if (id !== 0) sections.set(id, module.subarray(reader.at, reader.at + length));
    reader.skip(length);
  }
  return sections;
}

function vector(section: Uint8Array = Uint8Array.of(0)): { count: number; items: Uint8Array } {
  const reader = new Reader(section);
  const count = reader.number();
  return { count, items: section.subarray(reader.at) };
}

function countingCode(section: Uint8Array, counter: number): Uint8Array {
  const reader = new Reader(section);
  const parts: ArrayLike<number>[] = [];
  const count = reader.number();
  parts.push(leb(count));
  for (let left = count; left > 0; left--) {
    const length = reader.number();
    const body = countingBody(section.subarray(reader.at, reader.at + length), counter);
    parts.push(leb(body.length), body);
    reader.skip(length);
  }
  return joined(parts);
}

function countingBody(body: Uint8Array, counter: number): Uint8Array {
  const plusOne = [0x23, ...leb(counter), 0x42, 0x01, 0x7c, 0x24, ...leb(counter)];
  const reader = new Reader(body);
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.number();
    reader.byte();
  }
  const parts: ArrayLike<number>[] = [body.subarray(0, reader.at)];
  while (reader.at < body.length) {
    const from = reader.at;
    if (skipInstruction(reader)) parts.push(plusOne);
    parts.push(body.subarray(from, reader.at));
  }
  return joined(parts);
}

/** Skips an instruction and returns whether it is a load. */
function skipInstruction(reader: Reader): boolean {
  const opcode = reader.byte();
  if (opcode === 0xfd) return skipSimd(reader);
  if (opcode === 0xfc) {
    // Of the bulk instructions, memory.copy (10) is followed by two bytes and memory.fill (11) by one.
    const bulk = reader.number();
    reader.skip(bulk === 10 ? 2 : bulk === 11 ? 1 : 0);
  } else if (opcode === 0x0e) {
    for (let labels = reader.number() + 1; labels > 0; labels--) reader.number();
  } else if (opcode >= 0x28 && opcode <= 0x3e) {
    reader.number();
    reader.number();
    return opcode <= 0x35;
  } else if ([0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x3f, 0x40, 0x41, 0x42].includes(opcode)) {
    reader.number();
  } else if (opcode >= 0x20 && opcode <= 0x24) {
    reader.number();
  } else if (opcode === 0x43 || opcode === 0x44) {
    reader.skip(opcode === 0x43 ? 4 : 8);
  } else if (opcode === 0x11 || opcode === 0x1c) {
    throw new Error(`cannot count loads: opcode "${opcode}" is not implemented`);
  }
  return false;
}

function skipSimd(reader: Reader): boolean {
  const opcode = reader.number();
  const isLane = opcode >= 84 && opcode <= 91;
  if (opcode <= 11 || isLane || opcode === 92 || opcode === 93) {
    reader.number();
    reader.number();
    if (isLane) reader.byte();
    return opcode !== 11 && !(opcode >= 88 && opcode <= 91);
  }
  if (opcode === 12 || opcode === 13) reader.skip(16);
  else if (opcode >= 21 && opcode <= 34) reader.skip(1);
  return false;
}

function joined(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
