/** Other programs that run to their end. For tests and benchmarks. */
import { descendants, killAll } from "../../test/servers/descendants.ts";
import { atMost } from "../async/delay.ts";

const LIMIT_MS = 300_000;

/** Options for what downloads, builds, emulates or measures. */
export const LONG = { limitMs: 3_600_000 };

/** A program that was killed leaves its output within this time. */
const KILLED_MS = 1_000;

/** How a program ended. */
export interface CommandResult {
  readonly success: boolean;
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program starts with, besides its arguments. */
export interface CommandOptions {
  readonly env?: Record<string, string>;
  readonly clearEnv?: boolean;
  readonly cwd?: string;
  /** What it reads from its standard input; nothing when it is left out. */
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** A program that takes longer, which is an error, is killed with what it has started; 5 minutes. */
  readonly limitMs?: number;
}

/** Runs a program to its end, whatever the end is. Throws when there is no such program, and at its limit. */
export async function output(
  program: string,
  args: readonly string[],
  { stdin, limitMs = LIMIT_MS, ...options }: CommandOptions = {},
): Promise<CommandResult> {
  const command = new Deno.Command(program, {
    ...options,
    args: [...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const ending = Promise.all([child.output(), stdin !== undefined && feed(child, stdin)]).then(([ended]) => {
    const decoder = new TextDecoder();
    return { ...ended, stdout: decoder.decode(ended.stdout), stderr: decoder.decode(ended.stderr) };
  });
  const ended = await atMost(limitMs, ending);
  if (ended) return ended;
  killAll([child.pid, ...descendants(child.pid)]);
  const { stdout, stderr } = await atMost(KILLED_MS, ending) ?? { stdout: "", stderr: "" };
  throw new Error(
    `${program} ${args.join(" ")} did not end within ${limitMs / 1000} s:\n${stdout}${stderr}`,
  );
}

async function feed(child: Deno.ChildProcess, stdin: string | Uint8Array<ArrayBuffer>): Promise<void> {
  // A program may end before it has read everything.
  await new Blob([stdin]).stream().pipeTo(child.stdin).catch(() => {});
}

/** Runs a program that must succeed. Returns what it printed on stdout, without white space around it. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { success, code, stdout, stderr } = await output(program, args, options);
  if (!success) throw new Error(`${program} ${args.join(" ")} ended with code ${code}:\n${stdout}${stderr}`);
  return stdout.trim();
}
