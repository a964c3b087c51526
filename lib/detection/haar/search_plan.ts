/** The kernel's memory laid out for one cascade, one set of settings and one size of frame. */
import { UsageError } from "../../errors.ts";
import type { DetectionSettings } from "../face_detector.ts";
import type { Cascade } from "./cascade.ts";
import { writeExactStages, writeNormCorners } from "./exact_table.ts";
import type { TableLayout } from "./corners.ts";
import type { Kernel } from "./kernel.ts";
import { type Level, levelsOf } from "./levels.ts";
import { writeAcross, writeDown } from "./resize_table.ts";
import { type CodeLayout, firstStageFunction, stageFunction } from "./stage_code.ts";
import type { CascadeFilter } from "./stage_filter.ts";
import { TableWriter } from "./table_writer.ts";
import { type WasmFunction, wasmModule } from "./wasm_code.ts";

const PAGE_BYTES = 65536;
const LINE_BYTES = 64;
/** What SIMD may read or write beyond the end of a row. */
const SLACK = 64;
/** A group's window must fit in 24 bits. */
const MAX_ELEMENTS = 2 ** 24;

/** The cascade's tables for one layout of the sums. */
export interface CascadeTables {
  readonly layout: TableLayout;
  readonly corners: number;
  /** The stages' exact tables. */
  readonly exact: readonly number[];
}

type StageFunction = (from: number, until: number, to: number) => void;

/** The filter's stages, compiled for one layout of the sums (stage_code.ts). */
export interface StageFunctions {
  first(row: number, columns: number): void;
  /** The other stages; `strict` passes what is surely accepted. */
  readonly mild: readonly StageFunction[];
  readonly strict: readonly StageFunction[];
}

/** One level and where its tables are. */
export interface PlannedLevel extends Level {
  readonly across: number;
  /** 1: the level is so large that four of its columns come from pixels side by side. */
  readonly near: number;
  /** 0: the level is as large as the frame. */
  readonly down: number;
  readonly tables: CascadeTables;
  readonly stages: StageFunctions;
}

export interface SearchPlan {
  readonly width: number;
  readonly height: number;
  /** Where the frame goes. */
  readonly frame: number;
  /** Where found windows come out. */
  readonly found: number;
  /** Room for two lists of groups. */
  readonly lists: readonly [number, number];
  readonly levels: readonly PlannedLevel[];
}

/** Lays the kernel's memory out and writes the tables. Throws a UsageError for a frame too large. */
export function planSearch(
  kernel: Kernel,
  cascade: Cascade,
  filter: CascadeFilter,
  settings: DetectionSettings,
  frame: { readonly width: number; readonly height: number },
): SearchPlan {
  const { width, height } = frame;
  const levels = levelsOf(frame, cascade, settings);
  const layouts = { 2: layoutOf(levels, 2), 1: layoutOf(levels, 1) };
  const elements = Math.max(...levels.map((level) => (level.height + 4) * layouts[level.step].stride), 0) +
    SLACK;
  if (elements > MAX_ELEMENTS) {
    throw new UsageError(
      `frames of ${width}x${height} pixels are too large for our kernel`,
      "--size WxH, or --engine opencv",
    );
  }
  const groups = Math.max(...levels.map(({ columns, rows }) => rows * Math.ceil(columns / 8)), 0) + 8;
  const windows = Math.max(...levels.map(({ columns, rows }) => rows * columns), 0);

  let next = Number(kernel.firstFree.value);
  const take = (bytes: number) => {
    const at = Math.ceil(next / LINE_BYTES) * LINE_BYTES;
    next = at + bytes;
    return at;
  };
  const at = {
    frame: take(width * height + SLACK),
    blended: take(2 * width + SLACK),
    pixels: take(2 * width + SLACK),
    sums: take(4 * elements),
    squares: take(4 * elements),
    shorts: take(2 * elements),
    halves: take(2 * elements),
    sigmas: take(2 * elements),
    flats: take(elements / 8 + SLACK),
    possibles: take(elements / 8 + SLACK),
    sures: take(elements / 8 + SLACK),
    listA: take(4 * groups),
    listB: take(4 * groups),
    found: take(4 * windows),
  };
  const stumps = cascade.stages.reduce((sum, stage) => sum + stage.stumps.length + 1, 1);
  const tableBytes = levels.reduce((sum, level) => sum + 12 * (level.width + 16) + 8 * level.height, 0) +
    2 * stumps * (72 + 2 * 32) + PAGE_BYTES;
  const tablesAt = take(tableBytes);
  const missing = Math.ceil(next / PAGE_BYTES) - kernel.memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) kernel.memory.grow(missing);

  kernel.placeFrame(at.frame, width, height, at.blended, at.pixels);
  kernel.placeTables(at.sums, at.squares, at.shorts, at.halves);
  kernel.placeBits(at.flats, at.possibles, at.sures);
  kernel.placeWindows(at.sigmas, at.found);
  const table = new TableWriter(kernel.memory, tablesAt);
  const steps = [...new Set(levels.map(({ step }) => step))];
  const written = steps.map((step) => writeCascade(table, cascade, filter, { ...layouts[step], ...at }));
  const planned = levels.map((level) => ({ ...level, ...writeResizing(table, frame, level) }));
  if (table.end > next) throw new RangeError("the kernel's tables are larger than planned");
  const stages = compileStages(kernel, written.map(({ functions }) => functions));
  return {
    width,
    height,
    frame: at.frame,
    found: at.found,
    lists: [at.listA, at.listB],
    levels: planned.map((level) => {
      const index = steps.indexOf(level.step);
      return { ...level, tables: written[index].tables, stages: stages[index] };
    }),
  };
}

/** Compiles what was generated for each layout. */
function compileStages(kernel: Kernel, layouts: readonly (readonly WasmFunction[])[]): StageFunctions[] {
  if (layouts.length === 0) return [];
  const functions = layouts.flatMap((functions, layout) =>
    functions.map((fn, index) => ({ ...fn, name: `${layout} ${index}` }))
  );
  const pages = kernel.memory.buffer.byteLength / PAGE_BYTES;
  const module = new WebAssembly.Module(wasmModule(functions, pages));
  const { exports } = new WebAssembly.Instance(module, { kernel: { memory: kernel.memory } });
  return layouts.map((functions, layout) => {
    const [first, ...others] = functions.map((_, index) => exports[`${layout} ${index}`] as () => void);
    const half = others.length / 2;
    return { first, mild: others.slice(0, half), strict: others.slice(half) };
  });
}

/** Rows begin in different lines of the cache: an odd number of lines apart, in the table of shorts. */
function layoutOf(levels: readonly Level[], step: 1 | 2): { stride: number; plane: number } {
  const width = Math.max(...levels.filter((level) => level.step === step).map((level) => level.width), 0);
  const lineElements = LINE_BYTES / 2;
  const lines = Math.ceil((width + SLACK) / lineElements);
  const stride = (lines % 2 === 1 ? lines : lines + 1) * lineElements;
  return { stride, plane: step === 2 ? stride / 2 : 0 };
}

function writeCascade(table: TableWriter, cascade: Cascade, filter: CascadeFilter, layout: CodeLayout) {
  table.align(8);
  const corners = table.end;
  writeNormCorners(table, cascade, layout);
  const exact = writeExactStages(table, cascade, layout);
  const functions = [
    firstStageFunction("", filter.mild[0], filter.strict[0], layout, table),
    ...filter.mild.slice(1).map((stage) => stageFunction("", stage, layout, table)),
    ...filter.strict.slice(1).map((stage) => stageFunction("", stage, layout, table)),
  ];
  const tables: CascadeTables = { layout, corners, exact };
  return { tables, functions };
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
