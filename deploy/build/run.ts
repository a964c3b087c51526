/** Runs the programs that a build needs, and reports a failure in one line. */
import { join } from "node:path";
import { ConfigError, FatalError } from "../../lib/errors.ts";

const ROOT = join(import.meta.dirname!, "../..");
/** Maximum length of a message, in characters; a longer one is cut. */
const MAX_MESSAGE = 400;

/** Hints for missing programs. */
const REMEDIES: Readonly<Record<string, string>> = {
  xz: "install it (sudo apt-get install xz-utils), or build with --no-xz",
};

/** Causes outside of the code, by the output of the failed program, with their hints. The first match counts. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /No space left on device|ENOSPC|os error 28\b/,
    "free some disk space, or use folders on other disks for --out, TMPDIR and DENO_DIR",
  ],
  [
    /Read-only file system|Permission denied|EACCES|EROFS|os error (13|30)\b/,
    "use folders that this user can write to for --out, TMPDIR and DENO_DIR",
  ],
  [
    /denort/,
    "set HAARLEM_COMPILE_DENO to a Deno and DENORT_BIN to its runtime of the same version, see deploy/README.md",
  ],
  [
    /error sending request|client error|dns error|peer certificate|timed out|[Cc]onnection (refused|reset)|unreachable/,
    "repeat the build when the npm registry can be reached; set HTTPS_PROXY to a proxy and DENO_CERT to its certificate authority",
  ],
];

/** Runs a command in the project; returns its output. Throws a FatalError of one line when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const output = await started(command, args, env);
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes).trim()
  );
  if (output.success) return stdout;
  const [text, remedy] = (stderr || stdout).split("\nTry: "); // The project's own scripts print a hint.
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
        `cannot run "${command}": it is not installed`,
        REMEDIES[command] ?? `install ${command}`,
      );
    }
    throw error;
  }
}

/** The environment without the variables that change an executable. */
function environment(): Record<string, string> {
  const { DENO_V8_FLAGS: _, DENORT_BIN: __, ...env } = Deno.env.toObject(); // The runtime is set for each target.
  // The certificate of a proxy that decrypts TLS is in the system's list, not in Deno's.
  return { DENO_TLS_CA_STORE: "system,mozilla", ...env, NO_COLOR: "1" };
}

/** The hint for a failure with a cause outside of the code. */
export function remedyOf(text: string): string | undefined {
  return CAUSES.find(([pattern]) => pattern.test(text))?.[1];
}

/** A program's message without its backtrace: its first line, and the causes that Deno lists below it. */
export function inOneLine(text: string): string {
  const [message] = text.replaceAll(/^error: /gm, "").split(/\n+(?:Stack backtrace:|\s+at )/);
  const lines = message.split("\n").map((line) => line.replace(/^\s*(\d+:)?\s*/, "").trim());
  const parts = lines.filter((line) => line !== "" && line !== "Caused by:");
  // An outer cause often repeats the inner ones.
  const kept = parts.filter((part, i) => !parts.slice(0, i).some((earlier) => earlier.includes(part)));
  const line = kept.join(": ");
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}
