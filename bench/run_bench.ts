/** What both benches share: their command line, the clip, and the way they end. */
import { isAbsolute, join } from "node:path";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { ConfigError, FatalError, messageOf } from "../lib/errors.ts";
import { type MadeClip, makeClip } from "../test/media/make_clip.ts";
import { MEDIA } from "../test/needs.ts";
import { findParts, type Parts } from "../test/parts.ts";

/** The default clips: beside the project, and in test/media. */
const CLIP_BESIDE = "pub_signers.mp4";
const CLIP_OF_CORPUS = "door";

/** Commands that bring what a bench needs, by part. */
const REMEDIES: Partial<Record<keyof Parts, string>> = {
  ffmpeg: "sudo apt-get install ffmpeg",
  python: "sudo apt-get install python3-opencv",
};

/** Runs a bench as the main thing of this process: 0 when it returns true, 1 when not, 78 for what the user can mend. */
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

/** The flags, and the clip where one is given. Throws a ConfigError for anything else. */
export function readArguments<O extends ParseArgsOptionsConfig>(options: O, usage: string) {
  try {
    const { values, positionals } = parseArgs({ args: Deno.args, options, allowPositionals: true });
    if (positionals.length > 1) throw new Error(`one clip at a time, not ${positionals.length}`);
    return { values, clip: positionals[0] };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], usage);
  }
}

/** A number that a flag gives. Throws a ConfigError when it is none, or less than `min`. */
export function numberOf(flag: string, given: string, min: number): number {
  const number = Number(given);
  if (given.trim() !== "" && number >= min) return number;
  throw new ConfigError(`${flag} is "${given}": should be a number, at least ${min}`, `${flag} ${min}`);
}

/** Whole numbers from 1 by flag, with their defaults; nothing else. Throws a ConfigError for anything else. */
export function readNumbers<T extends Record<string, number>>(defaults: T, usage: string): T {
  const names = Object.keys(defaults);
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  try {
    const { values } = parseArgs({ args: Deno.args, options });
    const given = Object.entries(values).map(([name, text]) => [name, numberOf(`--${name}`, `${text}`, 1)]);
    return { ...defaults, ...Object.fromEntries(given) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], usage);
  }
}

/** The parts that are named, none of them missing. Throws a ConfigError that says how to get what is. */
export function partsWith<K extends keyof Parts>(...names: K[]): Record<K, string> {
  if (!exists("/proc/self/stat")) throw new ConfigError("CPU time is read from /proc", "a Linux machine");
  const parts = findParts();
  const missing = names.find((name) => parts[name] === undefined);
  if (missing === undefined) return parts as Record<K, string>;
  const name = missing === "python" ? "Python with OpenCV (cv2)" : missing;
  throw new ConfigError(
    `there is no ${name} here`,
    REMEDIES[missing] ?? "run deno task setup, which brings it",
  );
}

/** The middle of some figures; with an even number of them, the middle between the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The clip of a bench: the given one, else the larger one beside the project, else one of the corpus, which is removed
 * with the result. Needs ffmpeg. Throws a ConfigError when the given one does not exist.
 */
export async function openClip(given: string | undefined): Promise<MadeClip> {
  const keep = { [Symbol.asyncDispose]: () => Promise.resolve() };
  if (given !== undefined) {
    // `deno task` runs in the project's folder and says in INIT_CWD where it was called.
    const path = isAbsolute(given) ? given : join(Deno.env.get("INIT_CWD") ?? Deno.cwd(), given);
    if (!exists(path)) throw new ConfigError(`"${given}": no such clip`, "give the path of a video file");
    return { path, ...keep };
  }
  const beside = MEDIA && join(MEDIA, CLIP_BESIDE);
  return beside && exists(beside) ? { path: beside, ...keep } : await makeClip(CLIP_OF_CORPUS);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
