/** Loads the kernel's WebAssembly module and declares what it exports. */
import { readAsset } from "../assets.ts";

/** The exports of kernel/mod.ts, which documents them. All numbers are addresses, counts or indices. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly firstFree: WebAssembly.Global;
  prepareLists(): void;
  setNetwork(units: number, zeroRow: number, neckRow: number): void;
  setSources(at: number, count: number): void;
  setTaps(at: number, count: number): void;
  setFirst(weights: number, row: number, width: number, height: number): void;
  runBackbone(): void;
  runNeck(fine: number, coarse: number, to: number): void;
  halveRows(
    from: number,
    fromRowBytes: number,
    width: number,
    height: number,
    to: number,
    toRowBytes: number,
  ): void;
  multiplyAdd(a: number, b: number, c: number): number;
}

/** Built from kernel/ by `deno task build:kernel`. Deno would import a file named `.wasm` as a module. */
const MODULE = "lib/yunet/yunet.wasm.bin";

let compiled: WebAssembly.Module | undefined;

/** A new instance of the kernel, with its own memory. */
export function loadKernel(): Kernel {
  compiled ??= new WebAssembly.Module(readAsset(MODULE));
  const kernel = new WebAssembly.Instance(compiled).exports as unknown as Kernel;
  kernel.prepareLists();
  return kernel;
}

/**
 * Whether this processor multiplies and adds with one rounding (fused), as every aarch64 does and every x86-64 with FMA.
 * Where it does not, the last bits of the network's numbers differ.
 */
export function isFused(kernel: Kernel): boolean {
  const step = 2 ** -23;
  // The exact product is 1 - step * step, which f32 rounds to 1.
  return kernel.multiplyAdd(1 + step, 1 - step, -1) !== 0;
}
