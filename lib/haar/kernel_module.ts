/** The kernel's module (kernel/mod.ts) as it is loaded, and what it exports. */
import { readAsset } from "../assets.ts";

/** See kernel/mod.ts and kernel/memory.ts; all numbers are addresses or counts. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly firstFree: WebAssembly.Global;
  placeFrame(
    at: number,
    width: number,
    height: number,
    blended: number,
    pixels: number,
    pixelRowBytes: number,
  ): void;
  stretchFrame(): void;
  placeTables(sums: number, squares: number, sigmas: number): void;
  placeBits(flats: number, possibles: number, sures: number): void;
  placePatch(at: number, columns: number, rows: number): void;
  layOut(stride: number, plane: number): void;
  buildLevel(
    left: number,
    top: number,
    width: number,
    height: number,
    across: number,
    near: number,
    down: number,
  ): void;
  measureLevel(columns: number, rows: number, rowLength: number, norm: number): void;
  listLevel(
    inside: number,
    columns: number,
    rows: number,
    rowLength: number,
    norm: number,
    exact: number,
    to: number,
  ): number;
  closeUp(from: number, until: number, to: number): number;
  spreadOut(from: number, until: number, to: number): number;
  passLate(list: number, count: number, first: number, stages: number): number;
  judge(
    list: number,
    count: number,
    norm: number,
    exact: number,
    stages: number,
    totals: number,
  ): number;
}

/** Built from kernel/ by `deno task build:kernel`. Its name keeps Deno from taking it for a module to import. */
const MODULE = "lib/haar/haar.wasm.bin";

let compiled: WebAssembly.Module | undefined;

/** A kernel with a memory of its own. */
export function loadKernel(): Kernel {
  compiled ??= new WebAssembly.Module(readAsset(MODULE));
  return new WebAssembly.Instance(compiled).exports as unknown as Kernel;
}

const PAGE_BYTES = 65536;
const LINE_BYTES = 64;

/** Lays parts of a memory out one after the other, each beginning with a line of the cache. */
export class Room {
  /** @param end the first free byte */
  constructor(public end: number) {}

  /** Where so many bytes go. */
  take(bytes: number): number {
    const at = Math.ceil(this.end / LINE_BYTES) * LINE_BYTES;
    this.end = at + bytes;
    return at;
  }
}

/** Makes the memory at least so large. */
export function growMemory({ memory }: Kernel, bytes: number): void {
  const missing = Math.ceil(bytes / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) memory.grow(missing);
}
