/**
 * The panel of the demo as lines of text: 92 columns, 12 lines.
 *
 *     ╭─ Haarlem demo ──────────────────────────────────────────────────────────────────── 0:42 ─╮
 *     │  ● front   9.9 fps ─▶ outbox 0 ─┐                                                        │
 *     │                                 ├▶ ● edge ─▶ ● cloud ─▶ stored 12                        │
 *     │  ● yard    9.8 fps ─▶ outbox 0 ─┘                                                        │
 */
import { printable } from "../printable.ts";
import { columnsOf, cutToColumns } from "../terminal/columns.ts";
import { styled } from "../terminal/status_text.ts";

/** The width of the panel in columns, and its height. */
export const PANEL_COLUMNS = 92;
export const PANEL_ROWS = 12;

/** What the panel shows. */
export interface PanelView {
  readonly elapsedMs: number;
  readonly cameras: readonly {
    readonly name: string;
    readonly framesPerSecond?: number;
    readonly waiting: number;
    /** Why the camera delivers no frames. */
    readonly problem?: string;
  }[];
  /** The way to the cloud; `seconds` until it is mended by itself. */
  readonly cloud: { readonly state: "starting" | "up" | "cut" | "mended"; readonly seconds?: number };
  readonly detected: number;
  readonly stored: number;
  readonly waiting: number;
  /** Whether a face waits longer than a delivery usually takes. */
  readonly isLate: boolean;
  /** Delivery times in milliseconds; absent before the first receipt. */
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly lastMinute: readonly number[];
  /** Addresses of pages that are served already. */
  readonly gallery?: string;
  readonly aimingPages: readonly { readonly camera: string; readonly url: string }[];
  /** The latest warning of a program. */
  readonly warning?: string;
  /** The last line: the keys, or what the demo waits for. */
  readonly footer: string;
}

type Style = Parameters<typeof styled>[1];
/** A piece of a line. */
type Cell = readonly [text: string, style?: Style];

/** How the panel may be drawn. */
interface Look {
  readonly hasColour: boolean;
  /** Whether the terminal's font has box drawing and marks. */
  readonly hasMarks: boolean;
}

const INSIDE = PANEL_COLUMNS - 4;
const SEPARATOR: Cell = ["  ·  ", "dim"];
const BARS = "▁▂▃▄▅▆▇█";
/** The console of Linux lacks these. */
const ASCII: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from("╭+╮+╰+╯+─-│|┐+┘+├+▶>●*○o╳x·-▁.▂.▃:▄:▅=▆=▇#█#").reduce<[string, string][]>(
    (pairs, letter, at, all) => at % 2 === 0 ? [...pairs, [letter, all[at + 1]]] : pairs,
    [],
  ),
);

/** The lines of the panel. */
export function panelLines(view: PanelView, look: Look): string[] {
  const rows: Cell[][] = [
    [],
    ...cameraRows(view),
    [],
    factsRow(view),
    view.warning === undefined ? [] : [[`! ${view.warning}`, "yellow"]],
    view.gallery === undefined ? [] : [["gallery "], [view.gallery, "cyan"]],
    aimingRow(view.aimingPages),
    [[view.footer, "dim"]],
  ];
  const lines = [titleLine(view), ...rows.map(boxed), bottomLine()];
  return lines.map((cells) =>
    cells.map(([text, style]) => styled(drawable(text, look), style, look)).join("")
  );
}

function titleLine({ elapsedMs }: PanelView): Cell[] {
  const seconds = Math.floor(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const title = "Haarlem demo";
  const rule = "─".repeat(PANEL_COLUMNS - title.length - time.length - 8);
  return [["╭─ ", "dim"], [title, "bold"], [` ${rule} `, "dim"], [time], [" ─╮", "dim"]];
}

function bottomLine(): Cell[] {
  return [[`╰${"─".repeat(PANEL_COLUMNS - 2)}╯`, "dim"]];
}

/** A row between the borders; what does not fit is cut. */
function boxed(cells: readonly Cell[]): Cell[] {
  let free = INSIDE;
  const fitting = cells.map(([text, style]): Cell => {
    const shown = cutToColumns(printable(text), free);
    free -= columnsOf(shown);
    return [shown, style];
  });
  return [["│  ", "dim"], ...fitting, [" ".repeat(free)], ["│", "dim"]];
}

/** Three rows: the cameras, and between them, or behind the only one, the way to the store. */
function cameraRows(view: PanelView): Cell[][] {
  const [first, second] = view.cameras;
  const width = Math.max(...view.cameras.map(({ name }) => columnsOf(name)));
  const digits = Math.max(...view.cameras.map(({ waiting }) => String(waiting).length));
  const row = (camera: PanelView["cameras"][number]) => cameraCells(camera, { width, digits });
  if (!second) return [[], [...row(first), [" ─▶ ", "dim"], ...wayCells(view)], []];
  const indent = row(first).reduce((sum, [text]) => sum + columnsOf(text), 2);
  return [
    [...row(first), [" ─┐", "dim"]],
    [[" ".repeat(indent)], ["├▶ ", "dim"], ...wayCells(view)],
    [...row(second), [" ─┘", "dim"]],
  ];
}

function cameraCells(
  { name, framesPerSecond, waiting, problem }: PanelView["cameras"][number],
  { width, digits }: { width: number; digits: number },
): Cell[] {
  const rate = framesPerSecond === undefined ? "   –" : framesPerSecond.toFixed(1).padStart(4);
  const mark: Cell = problem !== undefined
    ? ["○ ", "red"]
    : framesPerSecond === undefined
    ? ["○ ", "dim"]
    : ["● ", "green"];
  return [
    mark,
    [`${cutToColumns(name, 16).padEnd(Math.min(width, 16))} ${rate} fps`],
    [" ─▶ ", "dim"],
    ["outbox "],
    [String(waiting), waiting > 0 ? ["bold", "yellow"] : "bold"],
    ["─".repeat(digits - String(waiting).length), "dim"],
  ];
}

function wayCells({ cloud: { state, seconds }, stored }: PanelView): Cell[] {
  const end: Cell[] = [[" ─▶ ", "dim"], ["stored "], [String(stored), "bold"]];
  const edge: Cell[] = [["● ", "green"], ["edge"]];
  if (state === "up") return [...edge, [" ─▶ ", "dim"], ["● ", "green"], ["cloud"], ...end];
  if (state === "cut") {
    const until = seconds === undefined ? "cut, b brings it back" : `cut, back in ${seconds} s`;
    return [...edge, [" ─╳ ", "red"], ["○ ", "red"], ["cloud "], [until, "red"], ...end];
  }
  const what = state === "starting" ? "connecting" : "reconnecting";
  return [...edge, [" ─▶ ", "dim"], ["○ ", "yellow"], ["cloud "], [what, "yellow"], ...end];
}

function factsRow({ detected, stored, waiting, isLate, p50Ms, p95Ms, lastMinute }: PanelView): Cell[] {
  const receipts: Cell[] = [
    ["receipts "],
    [`${stored}/${detected}`, isLate ? ["bold", "yellow"] : "bold"],
    SEPARATOR,
  ];
  const most = Math.max(1, ...lastMinute);
  const bars = lastMinute.map((faces) => BARS[Math.ceil(faces / most * (BARS.length - 1))]).join("");
  const chart: Cell[] = [SEPARATOR, ["last minute "], [bars, "cyan"]];
  if (isLate) return [...receipts, [`${faces(waiting)} waiting, none is lost`, "yellow"], ...chart];
  if (p50Ms === undefined || p95Ms === undefined) return [...receipts, ["no face yet"], ...chart];
  return [
    ...receipts,
    ["p50 "],
    [durationText(p50Ms), "bold"],
    SEPARATOR,
    ["p95 "],
    [durationText(p95Ms)],
    ...chart,
  ];
}

function aimingRow(pages: PanelView["aimingPages"]): Cell[] {
  return pages.flatMap(({ camera, url }, at): Cell[] => [
    at === 0 ? ["aim     "] : SEPARATOR,
    [`${camera} `],
    [url, "cyan"],
  ]);
}

/** `9 ms`, `10.4 s`. */
export function durationText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `1 face`, `5 faces`. */
export function faces(count: number): string {
  return `${count} ${count === 1 ? "face" : "faces"}`;
}

function drawable(text: string, { hasMarks }: Look): string {
  return hasMarks ? text : text.replace(/[^ -~]/gu, (letter) => ASCII[letter] ?? "?");
}
