/**
 * The filter's first stages (stage_filter.ts) as straight-line WebAssembly, generated for one cascade and one layout of
 * the tables: every corner is a load at a constant offset, every threshold one at a constant address, which the runtime need not
 * check. A loop over a table would read an offset for each corner: it took nearly twice as long.
 */
import { KEPT_CORNERS, RecentCorners } from "../compile/corner_sharing.ts";
import { type Corner, cornerOffset, SUM_BYTES, type TableLayout } from "../compile/corners.ts";
import {
  type FilterStage,
  type FilterStump,
  HALVED,
  type Rounding,
  SHAPES,
} from "../compile/stage_filter.ts";
import type { TableWriter } from "../compile/table_writer.ts";
import { Code, EMPTY, OP, SIMD, type WasmFunction, wasmModule } from "./wasm_code.ts";

/** Groups of windows that go through the first stage side by side, so that one waits less for the other. */
const SIDE_BY_SIDE = 2;

/**
 * The relaxed product is the same here, since it differs for -32768 * -32768 only and sigma is never negative; on
 * x86-64 it is one instruction instead of four.
 */
const MULTIPLY = hasRelaxedSimd() ? SIMD.q15mulrRelaxed : SIMD.q15mulrSat;

/** How wide the tables of sums are and where the kernel's tables are, bytes. */
export interface CodeLayout extends TableLayout {
  readonly sums: number;
  readonly sigmas: number;
  readonly flats: number;
  readonly possibles: number;
  readonly sures: number;
}

const SPLAT_BYTES = 16;

/** How much room the constants of some stages take. */
export function codeBytes(stages: readonly FilterStage[]): number {
  return stages.reduce((sum, { stumps }) => sum + (2 * stumps.length + 2) * SPLAT_BYTES, 0);
}

/** A threshold or a penalty, eight times over, in memory. */
interface Constants {
  readonly threshold: number;
  readonly penalty: number;
}

/**
 * `name(from, until, to)`: copies those groups of a list in which the stage leaves windows, without the windows it
 * rejects; returns where the copy ends. `to` may be `from`.
 */
export function stageFunction(
  name: string,
  stage: FilterStage,
  at: CodeLayout,
  table: TableWriter,
): WasmFunction {
  const [from, until, to, group, base, sigma, total, value, corners] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const constants = stage.stumps.map((stump) => writeConstants(table, stump));
  const start = writeSplat(table, stage.start);
  const code = new Code();
  code.repeatWhile(() => {
    code.get(from).memory(OP.load, 0).tee(group);
    code.constant(8).op(OP.shiftRight).constant(1).op(OP.shiftLeft).tee(base);
    code.simdMemory(SIMD.load, at.sigmas).set(sigma);
    code.constant(0).simdMemory(SIMD.load, start).set(total);
    const recent = new RecentCorners();
    stage.stumps.forEach((stump, index) => {
      pushValue(code, stump, value, (corner) => {
        const { slot, known } = recent.take(corner);
        if (known) code.get(corners + slot);
        else code.get(base).simdMemory(SIMD.load, addressOf(at, corner)).tee(corners + slot);
      });
      code.set(value);
      penalise(code, stage.rounding, stump, constants[index], { total, sigma, value });
    });
    // The bits above the eighth are the window's index: all ones keep them.
    code.get(to).get(group).get(total).simd(SIMD.bitmask16).constant(-1).op(OP.xor).op(OP.and).tee(group);
    code.memory(OP.store, 0);
    code.get(to).get(group).constant(255).op(OP.and).constant(0).op(OP.notEqual).constant(2).op(OP.shiftLeft);
    code.op(OP.add).set(to);
    code.get(from).constant(4).op(OP.add).tee(from).get(until).op(OP.lessUnsigned);
  });
  code.get(to);
  return { name, parameters: 3, results: 1, integers: 2, vectors: 3 + KEPT_CORNERS, code };
}

/**
 * `name(columns, rowLength, end)`: the first stage for rows of windows, `columns` in each, the first row at 0 and each
 * `rowLength` behind the one before, as long as they begin before `end`; with its two roundings: the bits of `possibles`
 * and `sures`.
 */
export function firstStageFunction(
  name: string,
  mild: FilterStage,
  strict: FilterStage,
  at: CodeLayout,
  table: TableWriter,
): WasmFunction {
  const [columns, rowLength, end, row, window, until, base] = [0, 1, 2, 3, 4, 5, 6];
  const sigma = (k: number) => 7 + 3 * k;
  const mildTotal = (k: number) => 8 + 3 * k;
  const strictTotal = (k: number) => 9 + 3 * k;
  const value = 7 + 3 * SIDE_BY_SIDE;
  const lanes = Array.from({ length: SIDE_BY_SIDE }, (_, k) => k);
  const mildConstants = mild.stumps.map((stump) => writeConstants(table, stump));
  const strictConstants = strict.stumps.map((stump) => writeConstants(table, stump));
  const mildStart = writeSplat(table, mild.start);
  const isComplete = strict.stumps.length === mild.stumps.length;
  const strictStart = writeSplat(table, isComplete ? strict.start : -1);
  const code = new Code();
  const askGroups = () => {
    // Where all windows are flat, nobody asks what the stage says.
    code.get(window).constant(3).op(OP.shiftRight).memory(OP.load16, at.flats).op(OP.if).op(EMPTY);
    code.get(window).constant(1).op(OP.shiftLeft).set(base);
    for (const k of lanes) {
      code.get(base).simdMemory(SIMD.load, at.sigmas + 16 * k).set(sigma(k));
      code.constant(0).simdMemory(SIMD.load, mildStart).set(mildTotal(k));
      code.constant(0).simdMemory(SIMD.load, strictStart).set(strictTotal(k));
    }
    mild.stumps.forEach((stump, index) => {
      for (const k of lanes) {
        pushValue(code, stump, value, (corner) => {
          code.get(base).simdMemory(SIMD.load, addressOf(at, corner) + 16 * k);
        });
        code.set(value);
        penalise(code, "mild", stump, mildConstants[index], { total: mildTotal(k), sigma: sigma(k), value });
        // Where the two differ in what fits, nothing is sure.
        if (!isComplete) continue;
        penalise(code, "strict", stump, strictConstants[index], {
          total: strictTotal(k),
          sigma: sigma(k),
          value,
        });
      }
    });
    for (const k of lanes) {
      for (const [address, total] of [[at.possibles, mildTotal(k)], [at.sures, strictTotal(k)]]) {
        code.get(window).constant(3).op(OP.shiftRight);
        code.get(total).simd(SIMD.bitmask16).constant(-1).op(OP.xor).memory(OP.store8, address + k);
      }
    }
    code.op(OP.end);
    code.get(window).constant(8 * SIDE_BY_SIDE).op(OP.add).tee(window).get(until).op(OP.lessUnsigned);
  };
  code.repeatWhile(() => {
    code.get(row).tee(window).get(columns).op(OP.add).set(until);
    code.repeatWhile(askGroups);
    code.get(row).get(rowLength).op(OP.add).tee(row).get(end).op(OP.lessUnsigned);
  });
  return { name, parameters: 3, results: 0, integers: 4, vectors: 3 * SIDE_BY_SIDE + 1, code };
}

function writeSplat(table: TableWriter, value: number): number {
  table.align(SPLAT_BYTES);
  const at = table.end;
  for (let lane = 0; lane < 8; lane++) table.int16(value);
  return at;
}

function writeConstants(table: TableWriter, { threshold, penalty }: FilterStump): Constants {
  return { threshold: writeSplat(table, threshold), penalty: writeSplat(table, penalty) };
}

/** Takes the penalty off a total where the value is on the wrong side. */
function penalise(
  code: Code,
  rounding: Rounding,
  stump: FilterStump,
  { threshold, penalty }: Constants,
  local: { readonly total: number; readonly sigma: number; readonly value: number },
): void {
  const pushLimit = () => {
    code.constant(0).simdMemory(SIMD.load, threshold).get(local.sigma).simd(MULTIPLY);
  };
  code.get(local.total);
  if (SHAPES[stump.shape].above) {
    code.get(local.value);
    pushLimit();
  } else {
    pushLimit();
    code.get(local.value);
  }
  code.simd(rounding === "mild" ? SIMD.greater16 : SIMD.notLess16).constant(0).simdMemory(SIMD.load, penalty)
    .simd(SIMD.and);
  code.simd(SIMD.subSat16).set(local.total);
}

function addressOf(layout: CodeLayout, corner: Corner): number {
  return layout.sums + cornerOffset(layout, corner) * SUM_BYTES;
}

/** Leaves the value of a feature on the stack, modulo 2^16; `push` puts one of its corners there. */
function pushValue(
  code: Code,
  { shape, corners }: FilterStump,
  spare: number,
  push: (corner: Corner) => void,
): void {
  const sum = (...indices: number[]) => {
    indices.forEach((index, nth) => {
      push(corners[index]);
      if (nth > 0) code.simd(SIMD.add16);
    });
  };
  const twice = () => code.tee(spare).get(spare).simd(SIMD.add16);
  if (shape === 0) {
    sum(0);
    sum(1);
    code.simd(SIMD.sub16);
    twice();
    sum(2, 3);
    sum(4, 5);
    code.simd(SIMD.sub16).simd(SIMD.add16);
  } else if (shape === 1) {
    sum(0, 1);
    sum(2, 3);
    code.simd(SIMD.sub16);
    twice();
    code.get(spare).simd(SIMD.add16);
    sum(4, 5);
    sum(6, 7);
    code.simd(SIMD.sub16).simd(SIMD.add16);
  } else if (shape === HALVED) {
    const half = (first: number) => {
      sum(first, first + 3);
      sum(first + 1, first + 2);
      code.simd(SIMD.sub16).constant(1).simd(SIMD.shiftRight16);
    };
    half(0);
    half(4);
    code.simd(SIMD.add16);
    half(8);
    half(12);
    code.simd(SIMD.add16).simd(SIMD.sub16);
  } else {
    sum(0);
    twice();
    sum(1, 2, 3, 4);
    code.simd(SIMD.sub16);
    twice();
    sum(5, 6, 7, 8);
    code.simd(SIMD.add16);
  }
}

/** Whether this runtime has relaxed SIMD: asks it to validate a function that uses it. */
function hasRelaxedSimd(): boolean {
  const code = new Code().get(1).get(1).simd(SIMD.q15mulrRelaxed).set(1);
  return WebAssembly.validate(
    wasmModule([{ name: "f", parameters: 1, results: 0, integers: 0, vectors: 1, code }], 1),
  );
}
