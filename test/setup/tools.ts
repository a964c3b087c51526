/** What bringing a part needs: other programs, a scratch folder, and the way into the cache. */
import { dirname } from "node:path";
import { type CommandResult, LONG, output } from "../../lib/testing/command.ts";
import { Steps } from "../../lib/terminal/steps.ts";
import { terminalOf } from "../../lib/terminal/terminal.ts";
import { cachePath } from "../parts.ts";

const ANSWER_TIMEOUT_MS = 20_000;
const SHOWN_LINES_MAX = 8;
const SHOWN_COLUMNS_MAX = 200;

/** The steps of this setup; none while nothing is installed. */
let steps: Steps | undefined;

/** Numbers what {@link tell} prints from now on, as steps of this many, until the result is disposed of. */
export function beginSteps(total: number): Disposable {
  const started = steps = new Steps({
    name: "setup",
    total,
    terminal: terminalOf(Deno.stderr, { term: Deno.env.get("TERM") }),
    write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
  });
  return {
    [Symbol.dispose]() {
      started[Symbol.dispose]();
      steps = undefined;
    },
  };
}

/** Prints what happens now: the next step. */
export function tell(text: string): void {
  if (steps) steps.begin(text);
  else console.error(`setup: ${text}`);
}

/** Runs a command to its end and returns whether it succeeded; prints the end of a failed command's output. */
export async function succeedsOrTells(
  command: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<boolean> {
  const { success, stdout, stderr } = await outputOf(command, { env, cwd });
  if (!success) {
    const lines = `${stdout}\n${stderr}`.trim().split("\n").slice(-SHOWN_LINES_MAX)
      .map((line) => `  ${line.slice(0, SHOWN_COLUMNS_MAX)}`);
    const print = () => console.error([`setup: failed: ${command.join(" ")}`, ...lines].join("\n"));
    if (steps) steps.above(print);
    else print();
  }
  return success;
}

export async function succeeds(command: readonly string[]): Promise<boolean> {
  return (await outputOf(command)).success;
}

/** What a command prints on stdout within {@link ANSWER_TIMEOUT_MS}. */
export async function answerOf(command: readonly string[]): Promise<string> {
  return (await outputOf(command, { limitMs: ANSWER_TIMEOUT_MS })).stdout;
}

/** The output of a command; a program that cannot be started fails. */
async function outputOf(
  [program, ...args]: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; limitMs?: number } = {},
): Promise<Pick<CommandResult, "success" | "stdout" | "stderr">> {
  try {
    return await output(program, args, { ...LONG, ...options });
  } catch (error) {
    return { success: false, stdout: "", stderr: String(error) };
  }
}

/** Gives `work` a folder in the cache, on the same disk, and removes it afterwards. */
export async function inScratch(work: (scratch: string) => Promise<void>): Promise<void> {
  await Deno.mkdir(cachePath(), { recursive: true });
  const scratch = await Deno.makeTempDir({ dir: cachePath(), prefix: "setup." });
  try {
    await work(scratch);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Moves a finished file or folder to its place in one step, so that another run never sees half of it. */
export async function moveIntoCache(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  try {
    await Deno.rename(from, to);
  } catch { // A folder with packages of older versions is there.
    await Deno.rename(to, `${from}.old`);
    await Deno.rename(from, to);
  }
}
