/**
 * Builds the detection kernel (lib/haar/kernel, AssemblyScript) into lib/haar/haar.wasm.bin, and makes
 * the cascades that come with the programs ready for it: `deno task build:kernel`. The same sources give the same bytes;
 * a test builds them again and compares.
 */
import { join } from "node:path";
import asc from "assemblyscript";
import { parseCascade } from "../lib/haar/cascade/cascade.ts";
import { compileCascade, compiledFile } from "../lib/haar/compile/compiled_cascade.ts";
import {
  cascadeFile,
  compiledName,
  SHIPPED_CASCADES,
  type ShippedCascade,
} from "../lib/haar/shipped_cascade.ts";

const FOLDER = join(import.meta.dirname!, "../lib/haar");

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

/** What is kept of a cascade beside its XML. */
export async function buildCascade(name: ShippedCascade): Promise<Uint8Array<ArrayBuffer>> {
  return compiledFile(compileCascade(parseCascade(await Deno.readFile(cascadeFile(name)))));
}

async function keep(file: string | URL, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(file, bytes);
  console.log(`${file instanceof URL ? file.pathname : file}: ${bytes.length} bytes`);
}

if (import.meta.main) {
  await keep(KERNEL_FILE, await buildKernel());
  for (const name of SHIPPED_CASCADES) await keep(cascadeFile(compiledName(name)), await buildCascade(name));
}
