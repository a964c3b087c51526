/**
 * A compiled cascade: all that can be computed from a cascade before the size of the frame is known, and its file.
 * Reading the file takes a tenth of the time of parsing the XML and compiling it. README.md draws the file's format.
 * The file belongs to the kernel of the same version: `deno task build:kernel` makes both.
 */
import { ConfigError } from "../../errors.ts";
import { type Cascade, parseCascade, type Stage } from "../cascade/cascade.ts";
import { inSharingOrder } from "./corners.ts";
import { exactBytes, writeExactStages } from "./exact_table.ts";
import { lateBytes, writeLateStage } from "./late_table.ts";
import { PATCH_CORNER_BYTES } from "./layout.ts";
import { type FilterStage, filterStage, type Rounding } from "./stage_filter.ts";
import { TableWriter } from "./table_writer.ts";

/** Stages compiled to straight-line code; later stages see few windows and are table-driven. */
const EARLY_STAGES = 7;
/** Surviving windows are re-packed into full patches after this many late stages. */
const LATE_STAGES = 3;

/** Consecutive late stages that run on the same patches. */
export interface LateStages {
  /** Offset of the first one in the late table, in bytes. */
  readonly at: number;
  readonly count: number;
}

export interface CompiledCascade {
  /** Size of the window, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly stageCount: number;
  /** Its exact table depends on the layout of the integral image, so search_plan.ts writes it. */
  readonly firstStage: Stage;
  readonly first: Readonly<Record<Rounding, FilterStage>>;
  /** The early stages but the first. */
  readonly early: readonly FilterStage[];
  readonly late: readonly LateStages[];
  readonly lateTable: Uint8Array;
  /** The exact table of all stages, for windows in the patch. */
  readonly exactTable: Uint8Array;
}

const MAGIC = new TextEncoder().encode("haarlem3");
const HEAD_AT = MAGIC.length + 4;

/**
 * Reads a cascade: OpenCV's file (XML) or a compiled one. Throws a ConfigError if it is neither, or a cascade that only
 * OpenCV can run.
 */
export function readCascade(bytes: Uint8Array): CompiledCascade {
  return isCompiled(bytes) ? readCompiled(bytes) : compileCascade(parseCascade(bytes));
}

/** Whether a file is a compiled cascade, by its first bytes. */
export function isCompiled(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => byte === bytes[index]);
}

/** Compiles a cascade. */
export function compileCascade(cascade: Cascade): CompiledCascade {
  const { stages, width, height } = cascade;
  const filter = stages.map((_, index) => filterStage(cascade, index, "lenient"));
  const [lenient, ...early] = filter.slice(0, EARLY_STAGES).map(withSharing);
  return {
    width,
    height,
    stageCount: stages.length,
    firstStage: stages[0],
    first: { lenient, strict: withSharing(filterStage(cascade, 0, "strict")) },
    early,
    ...compileLate(filter.slice(EARLY_STAGES), width + 1),
    exactTable: compileExact(stages, width + 1),
  };
}

function withSharing(stage: FilterStage): FilterStage {
  return { ...stage, stumps: inSharingOrder(stage.stumps) };
}

/** @param columns corners in a row of the patch */
function compileLate(stages: readonly FilterStage[], columns: number) {
  const table = new TableWriter(new ArrayBuffer(lateBytes(stages)), 0);
  const starts = stages.map((stage) => writeLateStage(table, stage, columns));
  const late = Array.from({ length: Math.ceil(starts.length / LATE_STAGES) }, (_, nth): LateStages => ({
    at: starts[nth * LATE_STAGES],
    count: Math.min(LATE_STAGES, starts.length - nth * LATE_STAGES),
  }));
  return { late, lateTable: table.written() };
}

function compileExact(stages: readonly Stage[], columns: number): Uint8Array {
  const table = new TableWriter(new ArrayBuffer(exactBytes(stages)), 0);
  writeExactStages(table, stages, { stride: columns, oddColumns: 0 }, PATCH_CORNER_BYTES);
  return table.written();
}

/** The file of a compiled cascade. The same cascade gives the same bytes. */
export function compiledFile({ lateTable, exactTable, ...head }: CompiledCascade): Uint8Array<ArrayBuffer> {
  const lengths = { lateBytes: lateTable.length, exactBytes: exactTable.length };
  const json = new TextEncoder().encode(JSON.stringify({ ...head, ...lengths }));
  const file = new Uint8Array(HEAD_AT + json.length + lateTable.length + exactTable.length);
  file.set(MAGIC);
  new DataView(file.buffer).setUint32(MAGIC.length, json.length, true);
  file.set(json, HEAD_AT);
  file.set(lateTable, HEAD_AT + json.length);
  file.set(exactTable, HEAD_AT + json.length + lateTable.length);
  return file;
}

function readCompiled(file: Uint8Array): CompiledCascade {
  try {
    const headBytes = new DataView(file.buffer, file.byteOffset, file.length).getUint32(MAGIC.length, true);
    const lateAt = HEAD_AT + headBytes;
    const { lateBytes, exactBytes, ...head } = JSON.parse(
      new TextDecoder().decode(file.subarray(HEAD_AT, lateAt)),
    );
    const exactAt = lateAt + lateBytes;
    if (exactAt + exactBytes !== file.length) throw new Error("the file is truncated");
    return { ...head, lateTable: file.subarray(lateAt, exactAt), exactTable: file.subarray(exactAt) };
  } catch {
    throw new ConfigError("the compiled cascade is damaged", "set --cascade to the cascade's XML file");
  }
}
