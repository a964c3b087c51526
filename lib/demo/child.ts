/** A program of this project as a subprocess, as a user would start it. */
import { join } from "node:path";
import { TextLineStream } from "../async/lines.ts";
import { atMost } from "../async/delay.ts";

const STOP_MS = 8_000;

/** A running program. */
export interface Child {
  readonly name: string;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<{ readonly name: string; readonly code: number }>;
  /** Asks it to stop, then forces it. */
  stop(): Promise<void>;
}

/** What a program is given, and who hears it. */
export interface ChildOptions {
  readonly env?: Record<string, string>;
  /** Takes each line of standard output. */
  readonly onLine?: (line: string) => void;
  /** Takes each line of standard error. */
  readonly onComplaint?: (line: string) => void;
}

/** The command line of a program's source, with its own permissions and nothing more. */
export function sourceCommand(name: string): string[] {
  const root = join(import.meta.dirname!, "../..");
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--v8-flags=--max-semi-space-size=1",
    "--config",
    join(root, "deno.json"),
    `-P=${name}`,
    join(root, `workers/${name}.ts`),
  ];
}

/** Starts a program with its own permissions. */
export function startChild(
  name: string,
  args: readonly string[],
  { env = {}, onLine = () => {}, onComplaint = () => {} }: ChildOptions,
): Child {
  const [deno, ...run] = sourceCommand(name);
  const process = new Deno.Command(deno, {
    args: [...run, ...args],
    env: { HAARLEM_HEALTH: "", ...env }, // An address of ours cannot be that of several others too.
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const read = Promise.all([lines(process.stdout, onLine), lines(process.stderr, onComplaint)]);
  const ended = Promise.all([process.status, read]).then(([{ code }]) => ({ name, code }));
  return {
    name,
    ended,
    async stop() {
      kill(process, "SIGTERM");
      await atMost(STOP_MS, ended);
      kill(process, "SIGKILL");
      await ended;
    },
  };
}

async function lines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  for await (const line of stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
    onLine(line);
  }
}

function kill(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch {
    // It has ended already.
  }
}
