/** Programs of this project as child processes, started as a user starts them. */
import { join } from "node:path";
import { TextLineStream } from "../async/lines.ts";
import { atMost } from "../async/delay.ts";

/** A child that has not ended this long after SIGTERM is killed. */
const STOP_MS = 8_000;

/** A running program. */
export interface Child {
  readonly name: string;
  /** Also the number of its process group. */
  readonly pid: number;
  /** Resolves when it has ended and its output is read. */
  readonly ended: Promise<{ readonly name: string; readonly code: number }>;
  /** Ends it with SIGTERM, after 8 s with SIGKILL. Resolves when it has ended. */
  stop(): Promise<void>;
  /** Kills it at once, together with what it has started. */
  kill(): void;
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

/**
 * Starts a program with its own set of permissions, in a process group of its own: Ctrl-C reaches the demo only, which
 * then stops the programs after the faces on their way have arrived.
 * @param options.onErrorLine called for each line of standard error.
 */
export function startChild(
  name: string,
  args: readonly string[],
  { env = {}, onErrorLine = () => {} }: {
    readonly env?: Record<string, string>;
    readonly onErrorLine?: (line: string) => void;
  },
): Child {
  const [deno, ...run] = sourceCommand(name);
  const process = new Deno.Command(deno, {
    args: [...run, ...args],
    env: { HAARLEM_HEALTH: "", ...env }, // Several programs cannot listen on one address.
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    detached: true,
  }).spawn();
  let isOver = false;
  const ended = Promise.all([process.status, lines(process.stderr, onErrorLine)]).then(([{ code }]) => {
    isOver = true;
    return { name, code };
  });
  const send = (signal: Deno.Signal, pid: number) => {
    try {
      if (!isOver) Deno.kill(pid, signal);
    } catch {
      // The child has ended already.
    }
  };
  const kill = () => send("SIGKILL", -process.pid);
  return {
    name,
    pid: process.pid,
    ended,
    kill,
    async stop() {
      send("SIGTERM", process.pid);
      await atMost(STOP_MS, ended);
      kill();
      await ended;
    },
  };
}

async function lines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  for await (const line of stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
    onLine(line);
  }
}
