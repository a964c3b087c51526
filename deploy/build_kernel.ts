/**
 * Builds the detection kernel (lib/detection/haar/kernel, AssemblyScript) into lib/detection/haar/haar.wasm.bin:
 * `deno task build:kernel`. The same sources give the same bytes; a test builds them again and compares.
 */
import { join } from "node:path";
import asc from "assemblyscript";

const FOLDER = join(import.meta.dirname!, "../lib/detection/haar");

/** Where the built module is. */
export const KERNEL_FILE = join(FOLDER, "haar.wasm.bin");

const MAIN = "mod.ts";
const OUTPUT = "haar.wasm";
/** Plain SIMD: every runtime we know has it, and relaxed operations may answer differently on another processor. */
const OPTIONS = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--outFile", OUTPUT];

/** The module's bytes. Throws with the compiler's own words when the sources are wrong. */
export async function buildKernel(): Promise<Uint8Array<ArrayBuffer>> {
  let built: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([MAIN, ...OPTIONS], {
    readFile: (name) => {
      try {
        return Deno.readTextFileSync(join(FOLDER, "kernel", name));
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => {
      if (name === OUTPUT) built = Uint8Array.from(contents as Uint8Array);
    },
    listFiles: () => [],
  });
  if (error || !built) throw new Error(`cannot build the kernel: ${error?.message}\n${stderr.toString()}`);
  return built;
}

if (import.meta.main) {
  const kernel = await buildKernel();
  await Deno.writeFile(KERNEL_FILE, kernel);
  console.log(`${KERNEL_FILE}: ${kernel.length} bytes`);
}
