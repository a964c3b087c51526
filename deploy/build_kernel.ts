/**
 * `deno task build:kernel`: builds the detection kernel (lib/haar/kernel, AssemblyScript) into lib/haar/haar.wasm.bin,
 * and compiles the shipped cascades for it. The same sources give the same bytes; a test rebuilds them and compares.
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

/** Where the built module is kept. */
export const KERNEL_FILE = join(FOLDER, "haar.wasm.bin");

const MAIN = "kernel/mod.ts";
const OUTPUT = "haar.wasm";
/** Plain SIMD: supported by every current runtime. Results of relaxed SIMD may depend on the processor. */
const OPTIONS = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--outFile", OUTPUT];

/** The module's bytes. Throws with the compiler's messages if it finds errors. */
export async function buildKernel(): Promise<Uint8Array<ArrayBuffer>> {
  let built: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([MAIN, ...OPTIONS], {
    readFile: (name) => {
      try {
        return withDecorators(Deno.readTextFileSync(join(FOLDER, name)));
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

/**
 * AssemblyScript inlines a function with the decorator `@inline`. TypeScript has no decorators of functions and `deno
 * fmt` deletes them, so the sources have a comment line in their place.
 */
function withDecorators(source: string): string {
  return source.replaceAll(/^\/\/ (?=@inline$)/gm, "");
}

/** The compiled cascade, for the file beside its XML. */
export async function buildCascade(name: ShippedCascade): Promise<Uint8Array<ArrayBuffer>> {
  return compiledFile(compileCascade(parseCascade(await Deno.readFile(cascadeFile(name)))));
}

async function writeFile(file: string | URL, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(file, bytes);
  console.log(`${file instanceof URL ? file.pathname : file}: ${bytes.length} bytes`);
}

if (import.meta.main) {
  await writeFile(KERNEL_FILE, await buildKernel());
  for (const name of SHIPPED_CASCADES) {
    await writeFile(cascadeFile(compiledName(name)), await buildCascade(name));
  }
}
