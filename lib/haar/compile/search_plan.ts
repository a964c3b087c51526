/**
 * Plans the search of one size of frame: lays out the kernel's memory, writes the tables, generates the early stages.
 */
import { ConfigError } from "../../errors.ts";
import { MAX_FRAME_PIXELS, MAX_FRAME_WIDTH } from "../../image/frame.ts";
import { firstStageFunction, stageFunction } from "../codegen/stage_code.ts";
import { type WasmFunction, wasmModule } from "../codegen/wasm_encoder.ts";
import type { HaarSettings } from "../haar_settings.ts";
import { BumpAllocator, growMemory, LINE_BYTES, PAGE_BYTES } from "../../wasm_memory.ts";
import type { Kernel } from "../kernel_module.ts";
import { coarseOf, type Level, levelsOf, windowSize } from "../opencv/pyramid.ts";
import type { CascadeTables } from "./cascade_tables.ts";
import type { CompiledCascade } from "./compiled_cascade.ts";
import type { TableLayout } from "./corners.ts";
import { exactBytes, writeExactStages } from "./exact_table.ts";
import {
  GROUP_BYTES,
  INTEGRAL_BYTES,
  PIXEL_MARGIN,
  SIGMA_BYTES,
  SQUARES_BYTES,
  TOTAL_BYTES,
  WINDOW_BYTES,
} from "./layout.ts";
import { bandsOf, type LevelPart, wholeOf } from "./level_part.ts";
import { resizeBytes, writeColumnTable, writeRowTable } from "./resize_table.ts";
import { TableWriter } from "./table_writer.ts";
import { varianceBytes, writeVarianceTable } from "./variance_table.ts";

/** Elements that SIMD may read or write beyond the end of a row or a table. */
const SLACK = 64;
/** Elements of a band's integral image, so that its tables stay in the processor's cache. */
const BAND_ELEMENTS = 2 ** 17;
/**
 * Minimum height of a band, in pixels. Each band builds again a window's height of rows that the band above has built.
 */
const MIN_BAND_ROWS = 96;

interface Size {
  readonly width: number;
  readonly height: number;
}

type StageFunction = (from: number, until: number, to: number) => number;

/** The tables and functions for the levels of one step: they share the layout of the integral image. */
interface LayoutPlan extends TableLayout {
  /** Addresses of the variance table and of the first stage's exact table. */
  readonly varianceTable: number;
  readonly exactFirst: number;
  readonly first: (columns: number, rowLength: number, end: number) => void;
  readonly early: readonly StageFunction[];
}

/** A level and the addresses of its tables. */
export interface PlannedLevel extends Level {
  readonly columnTable: number;
  /** 1 if the column table consists of near blocks. */
  readonly isNear: number;
  /** 0 for a level as large as the frame. */
  readonly rowTable: number;
  /** The size of its windows in the frame, in pixels. */
  readonly window: Size;
  /** Maximum number of rows of windows in a band. */
  readonly bandRows: number;
  /** The bands of the whole level. */
  readonly bands: readonly LevelPart[];
  readonly layout: LayoutPlan;
  /** The same level for the first of two passes. Without it there is one pass. */
  readonly coarse?: PlannedLevel;
}

export interface SearchPlan {
  readonly width: number;
  readonly height: number;
  /** Where the frame's gray pixels are copied to. */
  readonly frame: Uint8Array;
  /** Addresses of two lists of groups. */
  readonly lists: readonly [number, number];
  readonly windows: Uint32Array;
  /** The sum of the last stage's leaves for each of `windows`. */
  readonly totals: Float64Array;
  readonly levels: readonly PlannedLevel[];
}

/** Lays out the kernel's memory behind the cascade's tables. Throws a ConfigError if the frame is too large. */
export function planSearch(
  kernel: Kernel,
  tables: CascadeTables,
  settings: HaarSettings,
  frame: Size,
): SearchPlan {
  const { width, height } = frame;
  if (width * height > MAX_FRAME_PIXELS || width > MAX_FRAME_WIDTH) {
    throw new ConfigError(
      `cannot search frames of "${width}x${height}" pixels: they are too large for Haarlem's own engine`,
      "set a smaller --size",
    );
  }
  const { cascade } = tables;
  const banded = (level: Level) => ({
    ...level,
    ...bandsOfLevel(level, cascade),
    window: windowSize(cascade, level.scale),
  });
  const { reduction = 1 } = settings;
  const levels = levelsOf(frame, cascade, settings).map((level) => ({
    ...banded(level),
    coarse: reduction > 1 ? banded(coarseOf(level)) : undefined,
  }));
  const all = levels.flatMap(({ coarse, ...level }) => coarse ? [level, coarse] : [level]);
  const layouts = ([2, 1] as const).flatMap((step) => layoutOf(all, step));
  const allocator = new BumpAllocator(tables.end);
  const at = allocateSearch(allocator, frame, all, layouts);
  const tableBytes = levels.reduce((sum, level) => sum + 16 + resizeBytes(level), 0) +
    layouts.length * layoutBytes(cascade);
  const tablesAt = allocator.allocate(tableBytes);
  growMemory(kernel, allocator.end);

  const { buffer } = kernel.memory;
  kernel.setFrame(at.frame, width, height, at.blended, at.pixelRows, pixelRowBytes(width));
  kernel.setTables(at.integral, at.squares, at.sigmas);
  kernel.setBitmaps(at.notFlat, at.maybePassed, at.surelyPassed);
  const table = new TableWriter(buffer, tablesAt);
  const written = layouts.map((layout) => writeLayout(table, tables, { ...layout, ...at }));
  const planned = levels.map((level) => ({ ...level, ...writeResizing(table, frame, level) }));
  if (table.end > allocator.end) throw new RangeError("the kernel's tables are larger than planned");
  const compiled = compileLayouts(kernel, written);
  const layoutFor = ({ step }: Level) => ({
    layout: compiled[layouts.findIndex((one) => one.step === step)],
  });
  return {
    width,
    height,
    frame: new Uint8Array(buffer, at.frame, width * height),
    lists: at.lists,
    windows: new Uint32Array(buffer, at.windows, at.maxWindows),
    totals: new Float64Array(buffer, at.totals, at.maxWindows),
    levels: planned.map(({ coarse, ...level }) => ({
      ...level,
      ...layoutFor(level),
      coarse: coarse && { ...level, ...coarse, ...layoutFor(coarse) },
    })),
  };
}

/** The bands of a level, and their maximum height in rows of windows and in pixels. */
function bandsOfLevel(level: Level, window: Size) {
  const { width, columns, rows, step } = level;
  const maxHeight = Math.max(Math.floor(BAND_ELEMENTS / (width + SLACK)), MIN_BAND_ROWS) - window.height;
  const bandRows = Math.min(Math.ceil(maxHeight / step), rows);
  const bands = columns > 0 && rows > 0 ? bandsOf(wholeOf(level, window), window, step, bandRows) : [];
  return { bandRows, bandHeight: (bandRows - 1) * step + window.height, bands };
}

type BandedLevel = Level & ReturnType<typeof bandsOfLevel>;
type StepLayout = TableLayout & { readonly step: 1 | 2 };

/** The layout for the levels of one step; none if there are no such levels. */
function layoutOf(levels: readonly Level[], step: 1 | 2): StepLayout[] {
  const width = Math.max(...levels.filter((level) => level.step === step).map((level) => level.width), 0);
  if (width === 0) return [];
  // An odd number of cache lines from row to row: rows then begin in different sets of the cache.
  const lineElements = LINE_BYTES / INTEGRAL_BYTES;
  const lines = Math.ceil((width + SLACK) / lineElements);
  const stride = (lines % 2 === 1 ? lines : lines + 1) * lineElements;
  return [{ stride, oddColumns: step === 2 ? stride / 2 : 0, step }];
}

function pixelRowBytes(width: number): number {
  return LINE_BYTES * Math.ceil((width + SLACK) / LINE_BYTES);
}

/** Allocates everything that one search of the frame needs besides its tables of constants. */
function allocateSearch(
  allocator: BumpAllocator,
  { width, height }: Size,
  levels: readonly BandedLevel[],
  layouts: readonly StepLayout[],
) {
  const strideOf = (level: Level) => layouts.find(({ step }) => step === level.step)!.stride;
  const maxOf = (count: (level: BandedLevel) => number) => Math.max(...levels.map(count), 0);
  const elements = maxOf((level) => (level.bandHeight + 2) * strideOf(level)) + SLACK;
  const maxGroups = maxOf(({ columns, bandRows }) => bandRows * Math.ceil(columns / 8));
  const maxWindows = maxOf(({ columns, bandRows }) => bandRows * columns);
  const allocate = (bytes: number) => allocator.allocate(bytes);
  return {
    maxWindows,
    frame: allocate(width * height + SLACK),
    blended: allocate(2 * (width + SLACK)),
    pixelRows: allocate(2 * pixelRowBytes(width) + LINE_BYTES) + PIXEL_MARGIN,
    integral: allocate(elements * INTEGRAL_BYTES),
    squares: allocate(elements * SQUARES_BYTES),
    sigmas: allocate(elements * SIGMA_BYTES),
    notFlat: allocate(elements / 8 + SLACK),
    maybePassed: allocate(elements / 8 + SLACK),
    surelyPassed: allocate(elements / 8 + SLACK),
    lists: [allocate(maxGroups * GROUP_BYTES), allocate(maxGroups * GROUP_BYTES)] as const,
    windows: allocate(maxWindows * WINDOW_BYTES),
    totals: allocate(maxWindows * TOTAL_BYTES),
  };
}

/** Length of what {@link writeLayout} writes, in bytes. */
function layoutBytes(cascade: CompiledCascade): number {
  return varianceBytes(cascade) + exactBytes([cascade.firstStage]) + SLACK;
}

function writeLayout(
  table: TableWriter,
  { cascade, first, early }: CascadeTables,
  layout: StepLayout & ReturnType<typeof allocateSearch>,
) {
  const varianceTable = writeVarianceTable(table, cascade, layout);
  const exactFirst = writeExactStages(table, [cascade.firstStage], layout, INTEGRAL_BYTES);
  const functions = [
    firstStageFunction(first.lenient, first.strict, layout),
    ...early.map((stage) => stageFunction(stage, layout)),
  ];
  return { stride: layout.stride, oddColumns: layout.oddColumns, varianceTable, exactFirst, functions };
}

/** Compiles the generated functions of all layouts as one module. */
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

function writeResizing(table: TableWriter, frame: Size, level: Level) {
  if (level.width === frame.width && level.height === frame.height) {
    return { columnTable: 0, isNear: 0, rowTable: 0 };
  }
  table.align(16);
  const columnTable = table.end;
  const isNear = writeColumnTable(table, frame.width, level.width) ? 1 : 0;
  const rowTable = table.end;
  writeRowTable(table, frame.height, level.height);
  return { columnTable, isNear, rowTable };
}
