/**
 * A cascade made ready for the kernel, as far as that depends on nothing else, and the file it is kept in: reading one
 * takes a tenth of the time of reading the XML and making it ready.
 *
 * The file: eight bytes that say what it is, the length of a head (u32, little-endian), the head as JSON in UTF-8, then
 * the two tables. It goes with this very kernel: `deno task build:kernel` makes both.
 */
import { ConfigError } from "../../errors.ts";
import { type Cascade, parseCascade, type Stage } from "../cascade/cascade.ts";
import { inSharingOrder } from "./corner_sharing.ts";
import { exactBytes, writeExactStages } from "./exact_table.ts";
import { lateBytes, PATCH_CORNER_BYTES, writeLateStage } from "./late_table.ts";
import { type FilterStage, filterStage, type Rounding } from "./stage_filter.ts";
import { TableWriter } from "./table_writer.ts";

/** So many stages are generated (stage_code.ts). The others get few windows: tables (kernel/patch.ts). */
const EARLY_STAGES = 7;
/** After so many late stages, what is left of the windows is put together again. */
const LATE_STAGES = 3;

/** Some late stages after one another. */
export interface LateStages {
  /** Where the first one's table is, bytes. */
  readonly at: number;
  readonly count: number;
}

/** What is known of a cascade before there is a kernel. */
export interface CompiledCascade {
  /** Size of the window, pixels. */
  readonly width: number;
  readonly height: number;
  readonly stageCount: number;
  /** The first one, whose exact table depends on how the sums are laid out. */
  readonly firstStage: Stage;
  readonly first: Readonly<Record<Rounding, FilterStage>>;
  readonly early: readonly FilterStage[];
  readonly late: readonly LateStages[];
  /** The late stages' tables, for `late[].at` of which its beginning is 0. */
  readonly lateTable: Uint8Array;
  /** All stages' exact tables, for windows in a patch. */
  readonly exactTable: Uint8Array;
}

const MAGIC = new TextEncoder().encode("haarlem2");
const HEAD_AT = MAGIC.length + 4;

/** Reads a cascade: OpenCV's file (XML) or a compiled one. Throws a ConfigError when it is none, or one only for OpenCV. */
export function readCascade(bytes: Uint8Array): CompiledCascade {
  return isCompiled(bytes) ? readCompiled(bytes) : compileCascade(parseCascade(bytes));
}

/** Whether a file is a compiled cascade, by its first bytes. */
export function isCompiled(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => byte === bytes[index]);
}

/** Makes a cascade ready. */
export function compileCascade(cascade: Cascade): CompiledCascade {
  const { stages, width, height } = cascade;
  const [firstStage] = stages;
  const early = stages.slice(0, EARLY_STAGES).map((_, index) => ordered(filterStage(cascade, index, "mild")));
  const first = { mild: early[0], strict: ordered(filterStage(cascade, 0, "strict")) };
  const columns = width + 1;
  const exact = tableOf(exactBytes(stages));
  writeExactStages(exact, stages, { stride: columns, plane: 0 }, PATCH_CORNER_BYTES);
  const lateStages = stages.slice(EARLY_STAGES);
  const lateTable = tableOf(lateBytes(lateStages));
  const starts = lateStages.map((_, index) =>
    writeLateStage(lateTable, filterStage(cascade, EARLY_STAGES + index, "mild"), columns)
  );
  const late = Array.from({ length: Math.ceil(starts.length / LATE_STAGES) }, (_, part) => ({
    at: starts[part * LATE_STAGES],
    count: Math.min(LATE_STAGES, starts.length - part * LATE_STAGES),
  }));
  return {
    width,
    height,
    stageCount: stages.length,
    firstStage,
    first,
    early: early.slice(1),
    late,
    lateTable: lateTable.written(),
    exactTable: exact.written(),
  };
}

const tableOf = (bytes: number) => new TableWriter(new ArrayBuffer(Math.ceil(bytes / 4) * 4), 0);

function ordered(stage: FilterStage): FilterStage {
  return { ...stage, stumps: inSharingOrder(stage.stumps) };
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
    if (exactAt + exactBytes !== file.length) throw new Error("cut short");
    return { ...head, lateTable: file.subarray(lateAt, exactAt), exactTable: file.subarray(exactAt) };
  } catch {
    throw new ConfigError("the compiled cascade is damaged", "set --cascade to the cascade's XML file");
  }
}
