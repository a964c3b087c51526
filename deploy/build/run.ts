/** Runs the programs a build needs, and tells in one line why one of them failed. */
import { join } from "node:path";
import { ConfigError, FatalError } from "../../lib/errors.ts";

const ROOT = join(import.meta.dirname!, "../..");
/** A message longer than this is cut. */
const MAX_MESSAGE = 400;

/** How to get a program that is missing. */
const REMEDIES: Readonly<Record<string, string>> = {
  xz: "install it (sudo apt-get install xz-utils), or build with --no-xz",
};

/** Reasons outside of the code, by what the failed program prints; the first that fits. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /No space left on device|ENOSPC|os error 28\b/,
    "free some disk space, or choose folders on other disks with --out, TMPDIR and DENO_DIR",
  ],
  [
    /Read-only file system|Permission denied|EACCES|EROFS|os error (13|30)\b/,
    "choose folders that this user can write with --out, TMPDIR and DENO_DIR",
  ],
  [
    /denort/,
    "set HAARLEM_COMPILE_DENO to a Deno and DENORT_BIN to its runtime of the same version, see deploy/README.md",
  ],
  [
    /error sending request|client error|dns error|peer certificate|timed out|[Cc]onnection (refused|reset)|unreachable/,
    "repeat the build when the npm registry can be reached; HTTPS_PROXY names a proxy, DENO_CERT its certificate authority",
  ],
];

/** Runs a command in the project; returns what it prints. Throws a FatalError in one line when it does not end well. */
export async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const output = await started(command, args, env);
  const [said, complaint] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes).trim()
  );
  if (output.success) return said;
  const [text, remedy] = (complaint || said).split("\nTry: "); // A script of ours says itself what to do.
  const name = [command.replace(/.*\//, ""), ...args.slice(0, 1)].join(" ");
  throw new FatalError(`${name} failed with ${output.code}: ${inOneLine(text)}`, remedy ?? remedyOf(text));
}

async function started(command: string, args: readonly string[], env: Record<string, string>) {
  try {
    return await new Deno.Command(command, {
      args: [...args],
      cwd: ROOT,
      clearEnv: true,
      env: { ...environment(), ...env },
      stdin: "null",
    }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new ConfigError(
        `cannot run "${command}": no such program`,
        REMEDIES[command] ?? `install ${command}`,
      );
    }
    throw error;
  }
}

/** The environment without what would get into an executable. */
function environment(): Record<string, string> {
  const { DENO_V8_FLAGS: _, DENORT_BIN: __, ...env } = Deno.env.toObject(); // The runtime is given by target.
  // A proxy that opens TLS is trusted by the system, not by the list inside Deno.
  return { DENO_TLS_CA_STORE: "system,mozilla", ...env, NO_COLOR: "1" };
}

/** What to do about a failure whose reason lies outside of the code. */
export function remedyOf(text: string): string | undefined {
  return REASONS.find(([pattern]) => pattern.test(text))?.[1];
}

/** The message of a program without its backtrace: its first line, and each cause that Deno counts below it. */
export function inOneLine(text: string): string {
  const [message] = text.replaceAll(/^error: /gm, "").split(/\n+(?:Stack backtrace:|\s+at )/);
  const lines = message.split("\n").map((line) => line.replace(/^\s*(\d+:)?\s*/, "").trim());
  const parts = lines.filter((line) => line !== "" && line !== "Caused by:");
  // An outer cause often ends with the inner ones.
  const kept = parts.filter((part, i) => !parts.slice(0, i).some((earlier) => earlier.includes(part)));
  const line = kept.join(": ");
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}
