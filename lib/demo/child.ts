/** Programs of this project as child processes, started as a user starts them. */
import { join } from "node:path";
import { TextLineStream } from "../async/lines.ts";
import { atMost } from "../async/delay.ts";

/** A child that has not ended this long after SIGTERM is killed. */
const STOP_MS = 8_000;

/** A running program. */
export interface Child {
  readonly name: string;
  /** Resolves when it has ended and its output is read. */
  readonly ended: Promise<{ readonly name: string; readonly code: number }>;
  /** Ends it with SIGTERM, after 8 s with SIGKILL. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** The environment of a child, and the functions that take its output. */
export interface ChildOptions {
  readonly env?: Record<string, string>;
  /** Called for each line of standard output. */
  readonly onLine?: (line: string) => void;
  /** Called for each line of standard error. */
  readonly onErrorLine?: (line: string) => void;
}

/** The command line that runs a program from its source with its own set of permissions. */
export function sourceCommand(name: string): string[] {
  const root = join(import.meta.dirname!, "../..");
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--v8-flags=--max-semi-space-size=1,--heap-growing-percent=30",
    "--config",
    join(root, "deno.json"),
    `-P=${name}`,
    join(root, `workers/${name}.ts`),
  ];
}

/** Starts a program with its own set of permissions. */
export function startChild(
  name: string,
  args: readonly string[],
  { env = {}, onLine = () => {}, onErrorLine = () => {} }: ChildOptions,
): Child {
  const [deno, ...run] = sourceCommand(name);
  const process = new Deno.Command(deno, {
    args: [...run, ...args],
    env: { HAARLEM_HEALTH: "", ...env }, // Several programs cannot listen on one address.
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const read = Promise.all([lines(process.stdout, onLine), lines(process.stderr, onErrorLine)]);
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
    // The child has ended already.
  }
}
