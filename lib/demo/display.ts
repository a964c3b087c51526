/**
 * What the demo shows: a panel on a terminal that is large enough, otherwise one line for each face and event. The
 * size of the terminal is read for each drawing, so that it can be resized.
 */
import { printable } from "../printable.ts";
import { styled } from "../terminal/status_text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { Block } from "./block.ts";
import { PANEL_COLUMNS, PANEL_ROWS, panelLines, type PanelView } from "./panel.ts";

/** A terminal with its height. */
export type Screen = Terminal & { readonly rows: () => number };

/** Where the demo shows something. */
interface DisplayOptions {
  /** Absent in a pipe, and where escape codes must not be written. */
  readonly screen?: Screen;
  readonly write: (text: string) => void;
  /** Writes one line. */
  readonly print: (line: string) => void;
}

/** Shows the demo. */
export class Display {
  readonly #block: Block;

  constructor(private readonly options: DisplayOptions) {
    this.#block = new Block(options.write);
    globalThis.addEventListener("unload", () => this.end()); // The exit after a second Ctrl-C.
  }

  /** Whether the terminal has room for the panel now. */
  get hasPanel(): boolean {
    const { screen } = this.options;
    // Without colours there are no escape codes either, and without those a panel cannot be drawn again.
    return screen !== undefined && screen.hasColour && screen.columns() >= PANEL_COLUMNS &&
      screen.rows() > PANEL_ROWS;
  }

  /** Prints what the lines mean, where there is no panel. */
  introduce(store: string): void {
    this.event(
      "Haarlem demo: cameras -> detectors -> broker -> forwarder -> broker -> saver -> folder -> gallery",
    );
    this.event(`Faces are stored in ${store}. Press Ctrl-C to stop.`);
    if (this.options.screen) {
      const size = `${PANEL_COLUMNS} columns and ${PANEL_ROWS + 1} rows`;
      this.event(`A terminal with colours, ${size} shows a panel instead of these lines.`);
    }
    this.event("");
  }

  /** Draws the panel, or nothing where lines are printed. */
  draw(view: PanelView): void {
    if (this.hasPanel) this.#block.show(panelLines(view, this.options.screen!));
    else this.#block.leave();
  }

  /** Prints an event, unless the panel shows it. */
  readonly event = (line: string): void => {
    if (this.hasPanel) return;
    this.#block.leave();
    this.options.print(line);
  };

  /** Prints the last lines, below the panel as it was drawn last. @param isGood whether everything went well. */
  conclude(lines: readonly string[], { isGood }: { isGood: boolean }): void {
    this.#block.leave();
    const { screen, write, print } = this.options;
    if (!screen) return lines.forEach((line) => print(line));
    const [shape, ascii, style] = isGood ? ["✓", "ok", "green"] as const : ["◆", "!", "yellow"] as const;
    const mark = styled(screen.hasMarks ? shape : ascii, style, screen);
    write(lines.map((line, at) => `${at === 0 ? `${mark} ` : "  "}${printable(line)}\n`).join(""));
  }

  /** Makes the terminal usable for others. */
  end(): void {
    this.#block.leave();
  }
}
