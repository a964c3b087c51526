/**
 * The last line of a terminal, drawn again in place. Lines of the log go above it: it is erased before each and drawn
 * again after it, so that neither damages the other.
 *
 * The cursor stays behind the text, and is never moved up: a terminal that has become narrower may have wrapped the old
 * line, and to erase its first half could erase a line of the log. A fragment of an old status line is the smaller harm.
 */

import { columnsOf } from "./columns.ts";

/** To the first column; erase the whole line (ECMA-48: CR, EL). */
const ERASE = "\r\x1b[2K";

/** Draws one line. */
export class StatusLine {
  #text = "";
  #isDrawn = false;

  /**
   * @param write writes to the terminal; what it throws is ignored, since nobody looks at a closed terminal.
   * @param options.hasEscapes whether the line is erased by an escape code; otherwise by spaces.
   */
  constructor(
    private readonly write: (text: string) => void,
    private readonly options: { readonly hasEscapes: boolean },
  ) {}

  /** Draws this text in place of the one before. An unchanged text is not drawn again. */
  show(text: string): void {
    if (this.#isDrawn && text === this.#text) return;
    const erase = this.#isDrawn ? this.#erase : "";
    this.#text = text;
    this.#draw(erase);
  }

  /** Runs `print`, which writes whole lines to the same terminal, above the status line. */
  readonly above = (print: () => void): void => {
    const wasDrawn = this.#isDrawn;
    if (wasDrawn) this.#put(this.#erase);
    try {
      print();
    } finally {
      if (wasDrawn) this.#draw();
    }
  };

  /** Removes the line. */
  end(): void {
    if (this.#isDrawn) this.#put(this.#erase);
    this.#isDrawn = false;
  }

  get #erase(): string {
    if (this.options.hasEscapes) return ERASE;
    return `\r${" ".repeat(columnsOf(this.#text))}\r`; // NO_COLOR: the text has no escape codes either.
  }

  #draw(erase = ""): void {
    this.#isDrawn = true;
    this.#put(erase + this.#text);
  }

  #put(text: string): void {
    try {
      this.write(text);
    } catch {
      // The terminal is closed.
    }
  }
}
