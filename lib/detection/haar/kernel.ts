/** The kernel's module (kernel/mod.ts) as it is loaded, and what it exports. */

/** See kernel/mod.ts and kernel/memory.ts; all numbers are addresses or counts. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly firstFree: WebAssembly.Global;
  placeFrame(frame: number, width: number, height: number, blended: number, pixels: number): void;
  placeTables(sums: number, squares: number, shorts: number, halves: number): void;
  placeBits(flats: number, possibles: number, sures: number): void;
  placeWindows(sigmas: number, found: number): void;
  buildLevel(
    left: number,
    top: number,
    width: number,
    height: number,
    across: number,
    near: number,
    down: number,
    stride: number,
    plane: number,
  ): void;
  measureLevel(columns: number, rows: number, rowLength: number, corners: number): void;
  listLevel(
    inside: number,
    lead: number,
    columns: number,
    rows: number,
    rowLength: number,
    corners: number,
    exact: number,
    to: number,
  ): number;
  closeUp(from: number, until: number, to: number): number;
  settle(from: number, until: number, sure: number, corners: number, stage: number): void;
  writeFound(from: number, until: number): number;
  sumStage(window: number, corners: number, stage: number): number;
}

/** Built from kernel/ by `deno task build:kernel`. Its name keeps Deno from taking it for a module to import. */
const MODULE = new URL("./haar.wasm.bin", import.meta.url);

let compiled: WebAssembly.Module | undefined;

/** A kernel with a memory of its own. */
export function loadKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Deno.readFileSync(MODULE));
  return new WebAssembly.Instance(compiled).exports as unknown as Kernel;
}
