/** Child processes that read a camera: end them, read their lines, detect a stall. */
import { atMost, delay } from "../async/delay.ts";
import { startLimit } from "../async/limit.ts";
import { sendSignal } from "../send_signal.ts";

/** Time to end after a signal; then the program is killed. */
const STOP_MS = 2_000;
/** Time for the Ctrl-C that ended a child process to reach this process. */
const INTERRUPT_MS = 200;
/** Of a longer line only the end is kept. */
const MAX_LINE_CHARACTERS = 4_096;

/** Ends a program: sends `signal`, and SIGKILL after two seconds. Resolves when the program has ended. */
export async function stop(child: Deno.ChildProcess, signal: Deno.Signal = "SIGTERM"): Promise<void> {
  sendSignal(child, signal);
  await atMost(STOP_MS, child.status);
  sendSignal(child, "SIGKILL");
  await child.status;
}

/**
 * Whether the user also interrupts this process. Call it when a child process has ended: Ctrl-C reaches both, the child
 * often first, and its end is then no error.
 */
export async function isInterrupted(signal: AbortSignal, wait: typeof delay = delay): Promise<boolean> {
  await wait(INTERRUPT_MS, { signal });
  return signal.aborted;
}

/** Calls `take` with each line of a stream, without its LF, and with the rest at the end. */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!.slice(-MAX_LINE_CHARACTERS);
    lines.forEach(take);
  }
  take(rest);
}

/**
 * Calls `onStall` once when `stallMs` pass after the last call of `feed()`, in which this program runs: a camera is not
 * lost because nobody read it. With 0 it never does.
 */
export class Watchdog {
  #cancel = () => {};

  constructor(private readonly stallMs: number, private readonly onStall: () => void) {
    this.feed();
  }

  feed(): void {
    this.#cancel();
    if (this.stallMs > 0) this.#cancel = startLimit(this.stallMs, this.onStall);
  }

  end(): void {
    this.#cancel();
  }
}
