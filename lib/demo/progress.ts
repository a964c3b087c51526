/** A line a face, and on a terminal below them one line that shows how it goes. */

/** What the logger says of a face. */
interface FaceLine {
  readonly time: string;
  readonly camera?: string;
  readonly width?: number;
  readonly height?: number;
  readonly bytes: number;
}

const CLEAR_LINE = "\r\x1b[2K";
const SPINNER = ["-", "\\", "|", "/"];
const REDRAW_MS = 200;

/** Prints faces as they come. */
export class Progress {
  readonly #onTerminal = Deno.stdout.isTerminal();
  readonly #startedMs = performance.now();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #step = 0;
  /** How many faces have come. */
  faces = 0;

  constructor(private readonly print: (line: string) => void) {
    if (this.#onTerminal) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  face({ time, camera, width, height, bytes }: FaceLine): void {
    this.faces++;
    const size = `${width}x${height}`;
    this.say(
      `face ${String(this.faces).padStart(4)}  ${time}  ${camera ?? "stranger"}  ${size.padEnd(9)} ${
        (bytes / 1024).toFixed(0)
      } kB`,
    );
  }

  /** Prints a line above the progress. */
  say(line: string): void {
    if (this.#onTerminal) this.#write(CLEAR_LINE);
    this.print(line);
    if (this.#onTerminal) this.#draw();
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#onTerminal) this.#write(CLEAR_LINE);
  }

  #draw(): void {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const state = this.faces === 0 ? "waiting for the first face" : `${this.faces} faces`;
    this.#write(`${CLEAR_LINE}${SPINNER[this.#step++ % SPINNER.length]} ${seconds.toFixed(0)} s  ${state}`);
  }

  #write(text: string): void {
    try {
      Deno.stdout.writeSync(new TextEncoder().encode(text));
    } catch {
      // The terminal is gone; `print` notices it at the next line.
    }
  }
}
