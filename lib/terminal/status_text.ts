/**
 * The status line of a terminal. It always fits the width, because a line that wraps cannot be erased: first the parts
 * that may be omitted are, then a long reason is cut, then the end of the line.
 *
 *     ● front  29.9 fps · 3 ms · 12 faces · 0 waiting · last 14:03:11
 *     street.mp4  ━━━━━━━━━━━╸────────  58 % · 412 fps · 3 s left · 7 faces
 */
import { styleText } from "node:util";
import { printable } from "../printable.ts";
import { columnsOf, cutToColumns } from "./columns.ts";
import type { Status, StatusPart, StatusState } from "./status.ts";
import type { Terminal } from "./terminal.ts";

type Style = Parameters<typeof styleText>[0];

/** A piece of the line. */
interface Segment {
  readonly text: string;
  readonly style?: Style;
}

const MARKS: Readonly<Record<StatusState, readonly [shape: string, ascii: string]>> = {
  good: ["●", "*"],
  warning: ["◆", "!"],
  trouble: ["○", "x"],
};
/** The colour of each state. */
export const COLOURS = { good: "green", warning: "yellow", trouble: "red" } as const;
const SEPARATOR: Segment = { text: " · ", style: "dim" };
/** Columns of the bar. It is omitted where less than the smaller number would remain. */
const BAR = { most: 40, least: 8 };
/** A name is cut beyond this, a reason at least to this; columns. */
const MAX_NAME = 24;
const MIN_SHRUNK = 12;

/** The line, without a line feed, at most one column narrower than the terminal. */
export function statusText(status: Status, terminal: Terminal): string {
  const columns = Math.max(1, terminal.columns() - 1); // A full line would leave the cursor in the next one.
  const segments = fitted(status, columns, terminal);
  return cutTo(columns, segments).map(({ text, style }) => styled(text, style, terminal)).join("");
}

/** Text in a style, where the terminal has colour. Bold and dim count as colour (no-color.org leaves it open). */
export function styled(
  text: string,
  style: Style | undefined,
  terminal: { readonly hasColour: boolean } | undefined,
): string {
  // The stream is not asked: terminalOf has decided by NO_COLOR and TERM.
  return style && terminal?.hasColour ? styleText(style, text, { validateStream: false }) : text;
}

/** The segments with as many parts as fit. */
function fitted(status: Status, columns: number, terminal: Terminal): Segment[] {
  const head = headOf(status, terminal);
  let parts = status.parts.map((part) => ({ ...part, text: printable(part.text) }));
  const width = () => widthOf([...head, ...joined(parts)]);
  while (width() > columns) {
    const ranks = parts.flatMap(({ omit }) => omit ?? []);
    if (ranks.length === 0) break;
    parts = parts.filter(({ omit }) => omit !== Math.min(...ranks));
  }
  const excess = width() - columns;
  if (excess > 0) parts = parts.map((part) => part.mayShrink ? shrunk(part, excess) : part);
  return [...head, ...bar(status, columns - width(), terminal), ...joined(parts)];
}

function headOf({ name, state, progress }: Status, { hasMarks }: Terminal): Segment[] {
  const shown: Segment = {
    text: cutToColumns(printable(name), MAX_NAME),
    style: progress === undefined ? "bold" : undefined,
  };
  if (progress !== undefined) return [shown, { text: "  " }];
  return [{ text: MARKS[state][hasMarks ? 0 : 1], style: COLOURS[state] }, { text: " " }, shown, {
    text: "  ",
  }];
}

/** The bar of a progress, in the columns that are free. */
function bar({ progress }: Status, free: number, { hasMarks }: Terminal): Segment[] {
  const length = Math.min(BAR.most, free - 2);
  if (progress === undefined || length < BAR.least) return [];
  const done = Math.round(Math.max(0, Math.min(1, progress)) * length);
  const [full, tip, rest] = hasMarks ? ["━", "╸", "─"] : ["=", ">", "-"];
  const filled = done === 0 ? "" : full.repeat(done - 1) + (done < length ? tip : full);
  return [{ text: filled, style: "cyan" }, { text: rest.repeat(length - done), style: "dim" }, {
    text: "  ",
  }];
}

function joined(parts: readonly StatusPart[]): Segment[] {
  return parts.flatMap(({ text, state }, index) => [
    ...index === 0 ? [] : [SEPARATOR],
    { text, style: state && COLOURS[state] },
  ]);
}

function shrunk(part: StatusPart, excess: number): StatusPart {
  return { ...part, text: cutToColumns(part.text, Math.max(MIN_SHRUNK, columnsOf(part.text) - excess)) };
}

function cutTo(columns: number, segments: readonly Segment[]): Segment[] {
  let free = columns;
  const kept: Segment[] = [];
  for (const { text, style } of segments) {
    const shown = cutToColumns(text, free);
    kept.push({ text: shown, style });
    if (shown !== text) break;
    free -= columnsOf(text);
  }
  return kept;
}

function widthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { text }) => sum + columnsOf(text), 0);
}
