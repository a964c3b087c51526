/** What every program that reads a camera has in common: it is watched while it runs and ended for certain. */
import { atMost } from "../async/delay.ts";

/** A program that does not end when asked to is killed after this long. */
const STOP_MS = 2_000;
const MAX_LINE_CHARACTERS = 4_096;

/** Ends a program: asks it with `signal`, and kills it when it has not ended after two seconds. */
export async function stop(child: Deno.ChildProcess, signal: Deno.Signal = "SIGTERM"): Promise<void> {
  const send = (name: Deno.Signal) => {
    try {
      child.kill(name);
    } catch {
      // It has ended already.
    }
  };
  send(signal);
  await atMost(STOP_MS, child.status);
  send("SIGKILL");
  await child.status;
}

/** Hands on what a program writes line by line; of a line without an end only the last characters are kept. */
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

/** Calls `onStall` once when it was not fed for `stallMs`; 0: never. */
export class Watchdog {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly stallMs: number, private readonly onStall: () => void) {
    this.feed();
  }

  feed(): void {
    clearTimeout(this.#timer);
    if (this.stallMs > 0) this.#timer = setTimeout(this.onStall, this.stallMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
