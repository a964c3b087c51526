/** The kernel's memory laid out for one cascade, one set of settings and one size of frame. */
import { ConfigError } from "../../errors.ts";
import type { HaarSettings } from "../haar_settings.ts";
import type { CascadeTables } from "./cascade_tables.ts";
import type { CompiledCascade } from "./compiled_cascade.ts";
import { exactBytes, normBytes, writeExactStages, writeNorm } from "./exact_table.ts";
import type { TableLayout } from "./corners.ts";
import { growMemory, type Kernel, Room } from "../kernel_module.ts";
import { bandsOf, type LevelPart, wholeOf } from "./level_part.ts";
import { type Level, levelsOf, windowSize } from "../opencv/pyramid.ts";
import { writeAcross, writeDown } from "./resize_table.ts";
import { codeBytes, type CodeLayout, firstStageFunction, stageFunction } from "../codegen/stage_code.ts";
import { TableWriter } from "./table_writer.ts";
import { type WasmFunction, wasmModule } from "../codegen/wasm_code.ts";

const LINE_BYTES = 64;
const PAGE_BYTES = 65536;
/** What SIMD may read or write beyond the end of a row. */
const SLACK = 64;
/** So many bytes in front of a row of pixels are 0: PIXEL_MARGIN in kernel/memory.ts. */
const PIXEL_MARGIN = 16;
/** Frames are no larger, pixels. */
const MAX_PIXELS = 2 ** 25;
/** Nor wider: then the index of every window of a band fits in the 24 bits that kernel/groups.ts has for it. */
const MAX_WIDTH = 2 ** 17;
/** Levels are searched in bands whose tables of sums have so many elements: they stay in the processor's cache. */
const BAND_ELEMENTS = 2 ** 17;
/** But bands have at least so many rows, since each begins with the window's height of rows that the one above had. */
const LEAST_BAND_ROWS = 96;

type StageFunction = (from: number, until: number, to: number) => number;

/** What was generated and written for one layout of the sums. */
interface LayoutPlan extends TableLayout {
  /** Where the variance is measured, and the first stage's exact table. */
  readonly norm: number;
  readonly exactFirst: number;
  readonly first: (columns: number, rowLength: number, end: number) => void;
  readonly early: readonly StageFunction[];
}

/** One level and where its tables are. */
export interface PlannedLevel extends Level {
  readonly across: number;
  /** 1: the level is so large that four of its columns come from pixels side by side. */
  readonly near: number;
  /** 0: the level is as large as the frame. */
  readonly down: number;
  /** The size of its windows in the frame, pixels. */
  readonly window: { readonly width: number; readonly height: number };
  /** How many rows of windows are searched at a time, and all of the level in such bands. */
  readonly bandRows: number;
  readonly bands: readonly LevelPart[];
  readonly layout: LayoutPlan;
}

export interface SearchPlan {
  readonly width: number;
  readonly height: number;
  /** Where the frame's gray pixels go. */
  readonly frame: Uint8Array;
  /** Room for two lists of groups, one of windows, and what the last stage said of each. */
  readonly lists: readonly [number, number];
  readonly windows: Uint32Array;
  readonly totals: Float64Array;
  readonly levels: readonly PlannedLevel[];
}

/** Lays the kernel's memory out behind the cascade's tables. Throws a ConfigError for a frame too large. */
export function planSearch(
  kernel: Kernel,
  tables: CascadeTables,
  settings: HaarSettings,
  frame: { readonly width: number; readonly height: number },
): SearchPlan {
  const { width, height } = frame;
  if (width * height > MAX_PIXELS || width > MAX_WIDTH) {
    throw new ConfigError(
      `frames of ${width}x${height} pixels are too large for our kernel`,
      "set a smaller --size, or --engine opencv",
    );
  }
  const { cascade } = tables;
  const levels = levelsOf(frame, cascade, settings).map((level) => ({
    ...level,
    ...bandsOfLevel(level, cascade),
    window: windowSize(cascade, level.scale),
  }));
  const layouts = ([2, 1] as const).map((step) => layoutOf(levels, step)).filter((layout) =>
    layout.stride > 0
  );
  const mostOf = (count: (level: typeof levels[number], stride: number) => number) =>
    Math.max(
      ...levels.map((level) => count(level, layouts.find(({ step }) => step === level.step)!.stride)),
      0,
    );
  const elements = mostOf(({ bandHeight }, stride) => (bandHeight + 2) * stride) + SLACK;
  const groups = mostOf(({ columns, bandRows }) => bandRows * Math.ceil(columns / 8));
  const windows = mostOf(({ columns, bandRows }) => bandRows * columns);
  const pixelRowBytes = LINE_BYTES * Math.ceil((width + SLACK) / LINE_BYTES);

  const room = new Room(tables.end);
  const at = {
    frame: room.take(width * height + SLACK),
    blended: room.take(2 * (width + SLACK)),
    pixels: room.take(2 * pixelRowBytes + LINE_BYTES) + PIXEL_MARGIN,
    sums: room.take(2 * elements),
    squares: room.take(4 * elements),
    sigmas: room.take(2 * elements),
    flats: room.take(elements / 8 + SLACK),
    possibles: room.take(elements / 8 + SLACK),
    sures: room.take(elements / 8 + SLACK),
    lists: [room.take(4 * groups), room.take(4 * groups)] as const,
    windows: room.take(4 * windows),
    totals: room.take(8 * windows),
  };
  const stages = [cascade.first.mild, cascade.first.strict, ...cascade.early];
  const layoutBytes = normBytes(cascade) + exactBytes([cascade.firstStage]) + codeBytes(stages) + SLACK;
  const resizeBytes = levels.reduce((sum, level) => sum + 12 * (level.width + 16) + 8 * level.height, 0);
  const tablesAt = room.take(resizeBytes + layouts.length * layoutBytes);
  growMemory(kernel, room.end);

  kernel.placeFrame(at.frame, width, height, at.blended, at.pixels, pixelRowBytes);
  kernel.placeTables(at.sums, at.squares, at.sigmas);
  kernel.placeBits(at.flats, at.possibles, at.sures);
  const table = new TableWriter(kernel.memory.buffer, tablesAt);
  const written = layouts.map((layout) => writeLayout(table, cascade, { ...layout, ...at }));
  const planned = levels.map((level) => ({ ...level, ...writeResizing(table, frame, level) }));
  if (table.end > room.end) throw new RangeError("the kernel's tables are larger than planned");
  const compiled = compileLayouts(kernel, written);
  const { buffer } = kernel.memory;
  return {
    width,
    height,
    frame: new Uint8Array(buffer, at.frame, width * height),
    lists: at.lists,
    windows: new Uint32Array(buffer, at.windows, windows),
    totals: new Float64Array(buffer, at.totals, windows),
    levels: planned.map((level) => ({
      ...level,
      layout: compiled[layouts.findIndex(({ step }) => step === level.step)],
    })),
  };
}

/** How many rows of windows are searched at a time, how many pixels high they are, and all of the level so. */
function bandsOfLevel(level: Level, window: { readonly width: number; readonly height: number }) {
  const { width, columns, rows, step } = level;
  const most = Math.max(Math.floor(BAND_ELEMENTS / (width + SLACK)), LEAST_BAND_ROWS) - window.height;
  const bandRows = Math.min(Math.ceil(most / step), rows);
  const bands = columns > 0 && rows > 0 ? bandsOf(wholeOf(level, window), window, step, bandRows) : [];
  return { bandRows, bandHeight: (bandRows - 1) * step + window.height, bands };
}

/** Rows begin in different lines of the cache: an odd number of lines apart, in the table of sums. */
function layoutOf(levels: readonly Level[], step: 1 | 2): TableLayout & { readonly step: 1 | 2 } {
  const width = Math.max(...levels.filter((level) => level.step === step).map((level) => level.width), 0);
  if (width === 0) return { stride: 0, plane: 0, step };
  const lineElements = LINE_BYTES / 2;
  const lines = Math.ceil((width + SLACK) / lineElements);
  const stride = (lines % 2 === 1 ? lines : lines + 1) * lineElements;
  return { stride, plane: step === 2 ? stride / 2 : 0, step };
}

function writeLayout(table: TableWriter, cascade: CompiledCascade, layout: CodeLayout) {
  const { first, early } = cascade;
  const norm = writeNorm(table, cascade, layout);
  const exactFirst = writeExactStages(table, [cascade.firstStage], layout);
  const functions = [
    firstStageFunction("", first.mild, first.strict, layout, table),
    ...early.map((stage) => stageFunction("", stage, layout, table)),
  ];
  return { stride: layout.stride, plane: layout.plane, norm, exactFirst, functions };
}

/** Compiles what was generated for each layout. */
function compileLayouts(kernel: Kernel, layouts: ReturnType<typeof writeLayout>[]): LayoutPlan[] {
  const functions = layouts.flatMap(({ functions }, layout) =>
    functions.map((fn, index): WasmFunction => ({ ...fn, name: `${layout} ${index}` }))
  );
  const pages = kernel.memory.buffer.byteLength / PAGE_BYTES;
  const module = new WebAssembly.Module(wasmModule(functions, pages));
  const { exports } = new WebAssembly.Instance(module, { kernel: { memory: kernel.memory } });
  return layouts.map(({ functions, ...layout }, nth) => {
    const [first, ...early] = functions.map((_, index) => exports[`${nth} ${index}`]);
    return { ...layout, first: first as LayoutPlan["first"], early: early as StageFunction[] };
  });
}

function writeResizing(table: TableWriter, frame: { width: number; height: number }, level: Level) {
  if (level.width === frame.width && level.height === frame.height) return { across: 0, near: 0, down: 0 };
  table.align(16);
  const across = table.end;
  const near = writeAcross(table, frame.width, level.width) ? 1 : 0;
  const down = table.end;
  writeDown(table, frame.height, level.height);
  return { across, near, down };
}
