/** Loads the kernel's WebAssembly module and declares what it exports. */
import { readAsset } from "../assets.ts";

/** The exports of kernel/mod.ts, which documents them. All numbers are addresses, counts or indices. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly firstFree: WebAssembly.Global;
  prepareLists(): void;
  setNetwork(units: number, zeroRow: number): void;
  setSources(at: number, count: number): void;
  setTaps(at: number, count: number, addresses: number): void;
  setFirst(weights: number, row: number, width: number, height: number): void;
  runBackbone(): void;
  runNeck(fine: number, coarse: number, to: number): void;
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
