/**
 * `deno task build:kernel`: builds the detection kernels (lib/haar/kernel and lib/yunet/kernel, AssemblyScript) into
 * haar.wasm.bin and yunet.wasm.bin, compiles the shipped cascades, and makes YuNet's weights of its ONNX file. The same
 * sources give the same bytes; tests rebuild them and compare.
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
import { answerHelp } from "../lib/program/usage.ts";
import { buildWeights } from "../lib/yunet/build/weights.ts";

const LIB = join(import.meta.dirname!, "../lib");

/** A kernel: a part of lib/. */
export type KernelName = "haar" | "yunet";

/** Where a built kernel is kept. */
export function kernelFile(name: KernelName): string {
  return join(LIB, name, `${name}.wasm.bin`);
}

/** Where YuNet's weights are kept. */
export const WEIGHTS_FILE = join(LIB, "yunet/weights.bin");
const MODEL = join(LIB, "yunet/model/face_detection_yunet_2023mar.onnx");

const MAIN = "kernel/mod.ts";
const OUTPUT = "kernel.wasm";
/**
 * Haar: plain SIMD, which every current runtime has. YuNet: fused multiply-add of relaxed SIMD (lib/yunet/README.md says
 * where its results depend on the processor), and -O1, since a higher level sinks the additions of an output into one
 * expression, whose operands V8 then loads first and keeps on the stack.
 */
const OPTIONS: Readonly<Record<KernelName, readonly string[]>> = {
  haar: ["-O3", "--enable", "simd"],
  yunet: ["-O1", "--enable", "simd", "--enable", "relaxed-simd"],
};
const SHARED_OPTIONS = ["--noAssert", "--runtime", "stub", "--outFile", OUTPUT];

/** The module's bytes. Throws with the compiler's messages if it finds errors. */
export async function buildKernel(name: KernelName): Promise<Uint8Array<ArrayBuffer>> {
  let built: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([MAIN, ...OPTIONS[name], ...SHARED_OPTIONS], {
    readFile: (path) => {
      try {
        return unrolled(withDecorators(Deno.readTextFileSync(join(LIB, name, path))));
      } catch {
        return null;
      }
    },
    writeFile: (path, contents) => {
      if (path === OUTPUT) built = Uint8Array.from(contents as Uint8Array);
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

const UNROLL =
  /^( *)\/\/ @unroll\n\1for \(let (\w+) = 0; \2 < (\d+); \2(?:\+\+|( \+= )(\d+))\) \{\n([^]*?)\n\1\}$/m;

/**
 * A loop after the comment line `@unroll` is written out, each time with a number in place of its variable. A `break` in
 * it leaves all of it.
 */
function unrolled(source: string): string {
  const found = UNROLL.exec(source);
  if (!found) return source;
  const [loop, indent, variable, end, , step = "1", body] = found;
  const bodies: string[] = [];
  for (let value = 0; value < Number(end); value += Number(step)) {
    bodies.push(`{\n${body.replaceAll(new RegExp(`\\b${variable}\\b`, "g"), `${value}`)}\n}`);
  }
  const all = `${indent}do {\n${bodies.join("\n")}\n} while (false);`;
  return unrolled(source.replace(loop, () => all));
}

/** The compiled cascade, for the file beside its XML. */
export async function buildCascade(name: ShippedCascade): Promise<Uint8Array<ArrayBuffer>> {
  return compiledFile(compileCascade(parseCascade(await Deno.readFile(cascadeFile(name)))));
}

/** The bytes of YuNet's weights. */
export async function buildYuNetWeights(): Promise<Uint8Array<ArrayBuffer>> {
  return buildWeights(await Deno.readFile(MODEL));
}

async function writeFile(file: string | URL, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(file, bytes);
  console.log(`${file instanceof URL ? file.pathname : file}: ${bytes.length} bytes`);
}

if (import.meta.main) {
  answerHelp("deno task build:kernel\nBuilds the kernels, weights and cascades in lib/ from their sources.");
  for (const name of ["haar", "yunet"] as const) await writeFile(kernelFile(name), await buildKernel(name));
  await writeFile(WEIGHTS_FILE, await buildYuNetWeights());
  for (const name of SHIPPED_CASCADES) {
    await writeFile(cascadeFile(compiledName(name)), await buildCascade(name));
  }
}
