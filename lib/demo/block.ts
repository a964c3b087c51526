/**
 * Several lines at the end of a terminal, drawn again in place. The terminal must be wider than the lines: one that has
 * become narrower may have wrapped them, and then they stay as they are.
 */

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
/** Erases the rest of the line (ECMA-48: EL). */
const ERASE_REST = "\x1b[K";

/** Draws a block of lines. */
export class Block {
  #rows = 0;

  /** @param write writes to the terminal; what it throws is ignored, since nobody looks at a closed terminal. */
  constructor(private readonly write: (text: string) => void) {}

  /** Draws these lines in place of the ones before. Their number does not change while the block is drawn. */
  show(lines: readonly string[]): void {
    const up = this.#rows > 0 ? `\x1b[${this.#rows}A\r` : HIDE_CURSOR;
    this.#rows = lines.length;
    this.#put(up + lines.map((line) => `${line}${ERASE_REST}\r\n`).join(""));
  }

  /** Leaves the lines as they are: what is written next goes below them. */
  leave(): void {
    if (this.#rows > 0) this.#put(SHOW_CURSOR);
    this.#rows = 0;
  }

  #put(text: string): void {
    try {
      this.write(text);
    } catch {
      // The terminal is closed.
    }
  }
}
