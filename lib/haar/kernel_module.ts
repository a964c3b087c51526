/** Loads the kernel's WebAssembly module and declares what it exports. */
import { readAsset } from "../assets.ts";

/** The exports of kernel/mod.ts, which documents them. All numbers are addresses, counts or flags (0 or 1). */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly firstFree: WebAssembly.Global;
  setFrame(
    at: number,
    width: number,
    height: number,
    blended: number,
    pixelRows: number,
    pixelRowBytes: number,
  ): void;
  setTables(integral: number, squares: number, sigmas: number): void;
  setBitmaps(notFlat: number, maybePassed: number, surelyPassed: number): void;
  setPatch(at: number, columns: number, rows: number): void;
  setLayout(stride: number, oddColumns: number): void;
  stretchFrame(): void;
  buildLevel(
    left: number,
    top: number,
    width: number,
    height: number,
    columnTable: number,
    isNear: number,
    rowTable: number,
  ): void;
  measureLevel(columns: number, rows: number, rowLength: number, varianceTable: number): void;
  listLevel(
    startsInside: number,
    columns: number,
    rows: number,
    rowLength: number,
    varianceTable: number,
    exact: number,
    to: number,
  ): number;
  compact(from: number, until: number, to: number): number;
  expand(from: number, until: number, to: number): number;
  passLateStages(list: number, count: number, first: number, stages: number): number;
  evaluateExactly(
    list: number,
    count: number,
    varianceTable: number,
    exact: number,
    stages: number,
    lastTotals: number,
  ): number;
}

/** Built from kernel/ by `deno task build:kernel`. Deno would import a file named `.wasm` as a module. */
const MODULE = "lib/haar/haar.wasm.bin";

let compiled: WebAssembly.Module | undefined;

/** A new instance of the kernel, with its own memory. */
export function loadKernel(): Kernel {
  compiled ??= new WebAssembly.Module(readAsset(MODULE));
  return new WebAssembly.Instance(compiled).exports as unknown as Kernel;
}
