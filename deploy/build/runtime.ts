/**
 * The runtime (denort) that `deno compile` puts into executables: its version and components, read from the file. With a
 * runtime of another version than the compiler's, `deno compile` reports no error, but the executables do not run.
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { ConfigError, messageOf } from "../../lib/errors.ts";
import { run } from "./run.ts";
import type { Target } from "./recipes.ts";

/** The properties of a runtime, read from its file or from an executable that contains it. */
export interface Runtime {
  /** The Rust target's first word: `x86_64`. */
  readonly machine: string;
  /** Deno's version. */
  readonly deno: string;
  /** The version of V8; undefined if the file does not contain it. */
  readonly v8: string | undefined;
  /** The Rust packages whose names are in the file, as `NAME-VERSION`, sorted. The list is not complete. */
  readonly crates: readonly string[];
}

/** e_machine of an ELF file, see elf(5). */
const MACHINES: Readonly<Record<number, string>> = { 0x3e: "x86_64", 0xb7: "aarch64" };
const MACHINE_AT = 18;

/** Deno's user agent with the commit; third-party packages name Deno without a commit. */
const DENO_VERSION = /^Deno\/(\d+\.\d+\.\d+(?:-[\w.]+)?)\+[0-9a-f]{7}/;
const V8_VERSION = /(\d+\.\d+\.\d+\.\d+)-rusty/;
/** The path of a source file in a panic message: Cargo's folders have package and version in their names. */
const CRATE = /^registry\/src\/[^/]+\/([\w-]+-\d+\.\d+\.\d+[\w.+-]*)\//;
/** A source folder of the full Deno that the runtime does not contain. */
const WHOLE_DENO = "cli/lsp/";
/** Maximum length of these texts, in bytes. */
const MAX_TEXT = 200;

/** The first Deno with permission sets, which the executables carry. */
const OLDEST_COMPILER = [2, 6];

/** Hint for a compiler and a runtime of different versions. */
export const SAME_VERSION =
  "set HAARLEM_COMPILE_DENO and DENORT_BIN to a Deno and its runtime of the same version, see deploy/README.md";
const COMPILER_HINT =
  "set it to the path of a Deno, or unset it to compile with the Deno that runs the build";

/** Reads a runtime or an executable. Throws an Error if the file is neither. */
export function readRuntime(bytes: Uint8Array<ArrayBuffer>): Runtime {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const machine = file.toString("latin1", 1, 4) === "ELF"
    ? MACHINES[file.readUInt16LE(MACHINE_AT)]
    : undefined;
  if (!machine) throw new Error("it is not a program for 64-bit Linux on x86 or ARM");
  if (file.includes(WHOLE_DENO)) throw new Error("it is the full Deno, not its runtime (denort)");
  const deno = first(textsAt(file, "Deno/"), DENO_VERSION);
  if (!deno) throw new Error("it is not a runtime of Deno (denort), or does not contain its version");
  const crates = textsAt(file, "registry/src/").map((text) => CRATE.exec(text)?.[1]);
  return {
    machine,
    deno,
    v8: first(textsAt(file, "-rusty", 24), V8_VERSION),
    crates: [...new Set(crates.filter((name) => name !== undefined))].sort(),
  };
}

/** For each occurrence of `start` in the file, the text from `before` bytes in front of it. */
function textsAt(file: Buffer, start: string, before = 0): string[] {
  const texts: string[] = [];
  for (let at = file.indexOf(start); at >= 0; at = file.indexOf(start, at + start.length)) {
    texts.push(file.toString("latin1", Math.max(0, at - before), at + MAX_TEXT));
  }
  return texts;
}

function first(texts: readonly string[], pattern: RegExp): string | undefined {
  return texts.map((text) => pattern.exec(text)?.[1]).find((found) => found !== undefined);
}

/** The version of the Deno that compiles. Throws a ConfigError if it is not a Deno, or too old. */
export async function compilerVersion(compiler: string): Promise<string> {
  let output = "";
  let problem: string | undefined;
  try {
    output = await run(compiler, ["--version"]);
  } catch (error) {
    problem = messageOf(error);
  }
  const version = /^deno (\d+)\.(\d+)\.\S+/.exec(output);
  const [major, minor] = OLDEST_COMPILER;
  if (version) {
    const isNewEnough = Number(version[1]) > major ||
      (Number(version[1]) === major && Number(version[2]) >= minor);
    if (isNewEnough) return version[0].slice("deno ".length);
    problem = `it is ${version[0]}, it should be Deno ${major}.${minor} or newer`;
  }
  problem ??= `it is not a Deno, it prints "${output.split("\n")[0]}"`;
  throw new ConfigError(`cannot use HAARLEM_COMPILE_DENO "${compiler}": ${problem}`, COMPILER_HINT);
}

/** The file of a target's runtime; undefined if `deno compile` downloads it. Throws a ConfigError if it does not exist. */
export async function runtimeFile(target: Target, given: string | undefined): Promise<string | undefined> {
  if (given === undefined) return undefined;
  try {
    if (!(await Deno.stat(given)).isDirectory) return given;
    const file = join(given, `denort-${target.split("-")[0]}`);
    await Deno.stat(file);
    return file;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ConfigError(
      `cannot use DENORT_BIN "${given}" for ${target}: no such file or folder, or none in it for that target`,
      "set it to Deno's runtime, or to a folder with denort-x86_64 and denort-aarch64; unset it to download them",
    );
  }
}

/** The difference between a runtime and its target or compiler; undefined if there is none. */
export function mismatch(runtime: Runtime, target: Target, compiler?: string): string | undefined {
  if (!target.startsWith(`${runtime.machine}-`)) return `it is for ${runtime.machine}, not for ${target}`;
  if (compiler && runtime.deno !== compiler) {
    return `it is of Deno ${runtime.deno}, the compiler is Deno ${compiler}`;
  }
}

/** Checks the runtime of a target before the build compiles. Throws a ConfigError if it is for another target or version. */
export async function checkRuntime(
  target: Target,
  given: string | undefined,
  compiler?: string,
): Promise<void> {
  const file = await runtimeFile(target, given);
  if (file === undefined) return;
  let problem: string | undefined;
  try {
    problem = mismatch(readRuntime(await Deno.readFile(file)), target, compiler);
  } catch (error) {
    problem = messageOf(error);
  }
  if (problem) throw new ConfigError(`cannot use DENORT_BIN "${file}": ${problem}`, SAME_VERSION);
}
