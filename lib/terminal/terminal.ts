/** What standard error can show: nothing but lines, or a line that is drawn again, in colour or without. */

/** A terminal on which a line can be erased and drawn again. */
export interface Terminal {
  /** Whether text may be coloured; shapes and words carry the meaning without. */
  readonly hasColour: boolean;
  /** Whether its font has the marks ● ◆ ○; the console of Linux lacks them. */
  readonly hasMarks: boolean;
  /** Its width of this moment, in columns. */
  columns(): number;
}

/** What decides, besides the stream. Tests replace it. */
export interface TerminalOptions {
  /** TERM. Unset or `dumb`: the terminal shows no escape codes. */
  readonly term: string | undefined;
  /** NO_COLOR is set and not empty (no-color.org). */
  readonly noColor?: boolean;
  readonly size?: () => { readonly columns: number };
}

/** The width that is assumed where the terminal does not tell one, in columns. */
const USUAL_COLUMNS = 80;

/** The terminal behind a stream; undefined for a pipe, a file, and a terminal that can only append. */
export function terminalOf(
  stream: { isTerminal(): boolean },
  { term, noColor = Deno.noColor, size = Deno.consoleSize }: TerminalOptions,
): Terminal | undefined {
  if (!stream.isTerminal() || !term || term === "dumb") return undefined;
  return {
    hasColour: !noColor,
    hasMarks: term !== "linux",
    columns: () => {
      try {
        return size().columns || USUAL_COLUMNS;
      } catch {
        return USUAL_COLUMNS; // The terminal is closed.
      }
    },
  };
}
