/** Shared parts of the benchmarks: command line, clip, required programs, exit codes. */
import { join, resolve } from "node:path";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { ConfigError, FatalError, messageOf } from "../lib/errors.ts";
import { answerHelp } from "../lib/program/usage.ts";
import { exists } from "../lib/testing/files.ts";
import { type MadeClip, makeClip } from "../test/media/make_clip.ts";
import { MEDIA } from "../test/needs.ts";
import { findParts, type Parts } from "../test/parts.ts";

/** The default clips: in the media folder beside the project, and in test/media. */
const CLIP_BESIDE = "pub_signers.mp4";
const CLIP_OF_CORPUS = "door";

/** How to install the parts of a benchmark. */
const INSTALL: Partial<Record<keyof Parts, string>> = {
  ffmpeg: "run sudo apt-get install ffmpeg",
  python: "run sudo apt-get install python3-opencv, or pip install 'opencv-python-headless>=4.8,<5'",
};

/** Runs a benchmark and ends this process: code 0 when it returns true, 78 after a ConfigError, else 1. */
export async function runBench(name: string, bench: () => Promise<boolean>): Promise<never> {
  try {
    Deno.exit(await bench() ? 0 : 1);
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof FatalError;
    console.error(`bench:${name}: ${messageOf(error)}`);
    if (known && error.hint) console.error(`Try: ${error.hint}`);
    if (!known) console.error((error as Error).stack);
    Deno.exit(error instanceof ConfigError ? 78 : 1);
  }
}

/** Prints the usage and ends the process when the arguments ask for it. */
export function answerBenchHelp(usage: string): void {
  answerHelp(`${usage}\nbench/README.md describes the measurement and its flags.`);
}

/** Reads the flags and an optional clip; answers `--help`. Throws a ConfigError for other arguments. */
export function readArguments<O extends ParseArgsOptionsConfig>(options: O, usage: string) {
  answerBenchHelp(usage);
  try {
    const { values, positionals } = parseArgs({ args: Deno.args, options, allowPositionals: true });
    if (positionals.length > 1) throw new Error(`${positionals.length} clips are given: should be one`);
    return { values, clip: positionals[0] };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${usage}`);
  }
}

/** The number in a flag. Throws a ConfigError when it is not a number, or less than `min`. */
export function numberOf(flag: string, given: string, min: number): number {
  const number = Number(given);
  if (given.trim() !== "" && number >= min) return number;
  throw new ConfigError(`${flag} is "${given}": should be a number, at least ${min}`, `set ${flag} ${min}`);
}

/**
 * Reads numeric flags with their defaults; answers `--help`. Throws a ConfigError for other arguments and for numbers
 * below 1.
 */
export function readNumbers<T extends Record<string, number>>(defaults: T, usage: string): T {
  answerBenchHelp(usage);
  const names = Object.keys(defaults);
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  try {
    const { values } = parseArgs({ args: Deno.args, options });
    const given = Object.entries(values).map(([name, text]) => [name, numberOf(`--${name}`, `${text}`, 1)]);
    return { ...defaults, ...Object.fromEntries(given) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${usage}`);
  }
}

/** The paths of the named parts. Throws a ConfigError with an instruction when one is missing. */
export function partsWith<K extends keyof Parts>(...names: K[]): Record<K, string> {
  if (!exists("/proc/self/stat")) {
    throw new ConfigError("cannot measure CPU time: there is no /proc", "use a Linux machine");
  }
  const parts = findParts();
  const missing = names.find((name) => parts[name] === undefined);
  if (missing === undefined) return parts as Record<K, string>;
  const name = missing === "python" ? "Python with OpenCV 4 (cv2)" : missing;
  throw new ConfigError(
    `cannot find ${name}`,
    INSTALL[missing] ?? "run ./haarlem setup",
  );
}

/** The median; of an even number of figures, the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A path in the arguments: `deno task` runs in the project's folder and sets INIT_CWD to the caller's folder. */
export function givenPath(given: string): string {
  return resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), given);
}

/** The path of a file in the arguments. Throws a ConfigError when it does not exist. @param kind such as `a video file` */
export function givenFile(given: string, kind: string): string {
  const path = givenPath(given);
  if (exists(path)) return path;
  throw new ConfigError(`cannot open "${given}": no such file`, `give the path of ${kind}`);
}

/** The path of a clip in the arguments. Throws a ConfigError when it does not exist. */
export const givenClip = (given: string): string => givenFile(given, "a video file");

/**
 * The clip of a benchmark: the given one, else the one beside the project, else one of test/media, which is made with ffmpeg
 * and removed when the result is disposed of. Throws a ConfigError when the given one does not exist.
 */
export async function openClip(given: string | undefined): Promise<MadeClip> {
  const keep = { [Symbol.asyncDispose]: () => Promise.resolve() };
  if (given !== undefined) return { path: givenClip(given), ...keep };
  const beside = MEDIA && join(MEDIA, CLIP_BESIDE);
  return beside && exists(beside) ? { path: beside, ...keep } : await makeClip(CLIP_OF_CORPUS);
}
