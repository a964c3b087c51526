/** The output of the demo: one line for each face and, on a terminal, a status line below them. */

/** A line of `logger --json` for a face. */
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

/** Prints faces as they arrive. */
export class Progress {
  readonly #onTerminal = Deno.stdout.isTerminal();
  readonly #startedMs = performance.now();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #step = 0;
  /** How many faces have arrived. */
  faces = 0;

  constructor(private readonly print: (line: string) => void) {
    if (this.#onTerminal) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  /** Prints the line of a face. */
  face({ time, camera, width, height, bytes }: FaceLine): void {
    this.faces++;
    const size = `${width}x${height}`;
    this.line(
      `face ${String(this.faces).padStart(4)}  ${time}  ${camera ?? "unknown"}  ${size.padEnd(9)} ${
        (bytes / 1024).toFixed(0)
      } KiB`,
    );
  }

  /** Prints a line above the status line. */
  line(line: string): void {
    if (this.#onTerminal) this.#write(CLEAR_LINE);
    this.print(line);
    if (this.#onTerminal) this.#draw();
  }

  /** Removes the status line. */
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
      // The terminal is closed; `print` ends the program at the next line.
    }
  }
}
