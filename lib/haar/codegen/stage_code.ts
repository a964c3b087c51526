/**
 * Steps 4 and 5: the early stages of the 16-bit filter as straight-line WebAssembly, generated for one cascade and one
 * layout of the tables. Every corner is a load at a constant offset from its row (row_bases.ts) and every threshold a load
 * from a constant address, which V8 need not check. A loop over a table loads an offset for each corner and takes nearly
 * twice as long.
 */
import { type Corner, KEPT_CORNERS, RecentCorners, type TableLayout } from "../compile/corners.ts";
import { GROUP_BYTES, GROUP_SHIFT } from "../compile/layout.ts";
import { type FilterStump, HALVED, type Rounding, SHAPES } from "../compile/stage_filter.ts";
import { type PlacedStage, type StumpConstants, VECTOR_BYTES } from "../compile/stage_constants.ts";
import { RowBases } from "./row_bases.ts";
import { Code, type WasmFunction, wasmModule } from "./wasm_encoder.ts";

/** Groups evaluated in turn by the first stage, so that the processor overlaps their latencies. */
const INTERLEAVED_GROUPS = 2;

/** The layout of the tables of a band and their addresses. */
export interface CodeLayout extends TableLayout {
  readonly integral: number;
  readonly sigmas: number;
  readonly notFlat: number;
  readonly maybePassed: number;
  readonly surelyPassed: number;
}

/** A generated function; its module names it. */
export type StageCode = Omit<WasmFunction, "name">;

/**
 * The function `(from, until, to)` that runs one stage on a list of groups. It copies the groups with surviving windows
 * to `to`, without the rejected windows, and returns the end of the copy. `to` may be `from`.
 */
export function stageFunction({ stage, constants }: PlacedStage, at: CodeLayout): StageCode {
  const [from, until, to, group, base, firstBase] = [0, 1, 2, 3, 4, 5];
  const rows = new RowBases(stage, at, firstBase);
  const sigma = firstBase + rows.locals;
  const [total, value, corners] = [sigma + 1, sigma + 2, sigma + 3];
  const code = new Code();
  repeatWhile(code, () => {
    // base = 2 * window index: the offset of the window's element in the integral image and in sigmas, in bytes.
    code.local_get(from).i32_load().local_tee(group);
    code.i32_const(GROUP_SHIFT).i32_shr_u().i32_const(1).i32_shl().local_tee(base);
    code.v128_load(at.sigmas).local_set(sigma);
    code.i32_const(0).v128_load(constants.start).local_set(total);
    rows.set(code, base);
    const recent = new RecentCorners();
    stage.stumps.forEach((stump, index) => {
      pushValue(code, stump, value, (corner) => {
        const { slot, isLoaded } = recent.take(corner);
        if (isLoaded) code.local_get(corners + slot);
        else rows.load(code, corner).local_tee(corners + slot);
      });
      code.local_set(value);
      subtractPenalty(code, stage.rounding, stump, constants.stumps[index], { total, sigma, value });
    });
    // group &= ~bitmask(total): the complement has ones in the bits of the window index.
    code.local_get(to).local_get(group).local_get(total).i16x8_bitmask().i32_const(-1).i32_xor().i32_and();
    code.local_tee(group).i32_store();
    // to += 4 if a window survives, else 0.
    code.local_get(to).local_get(group).i32_const(255).i32_and().i32_const(0).i32_ne();
    code.i32_const(Math.log2(GROUP_BYTES)).i32_shl().i32_add().local_set(to);
    code.local_get(from).i32_const(GROUP_BYTES).i32_add().local_tee(from).local_get(until).i32_lt_u();
  });
  code.local_get(to);
  return { parameters: 3, results: 1, i32Locals: 2 + rows.locals, v128Locals: 3 + KEPT_CORNERS, code };
}

/**
 * The function `(columns, rowLength, end)` that runs the first stage, with both roundings, on all windows of a band and
 * sets `maybePassed` and `surelyPassed`. The rows have `columns` windows and begin at the indices 0, `rowLength`,
 * 2 * `rowLength`, …, below `end`.
 */
export function firstStageFunction(lenient: PlacedStage, strict: PlacedStage, at: CodeLayout): StageCode {
  const [columns, rowLength, end, row, window, until, base, firstBase] = [0, 1, 2, 3, 4, 5, 6, 7];
  const rows = new RowBases(lenient.stage, at, firstBase);
  const firstVector = firstBase + rows.locals;
  const sigma = (k: number) => firstVector + 3 * k;
  const lenientTotal = (k: number) => firstVector + 1 + 3 * k;
  const strictTotal = (k: number) => firstVector + 2 + 3 * k;
  const value = firstVector + 3 * INTERLEAVED_GROUPS;
  const groups = Array.from({ length: INTERLEAVED_GROUPS }, (_, k) => k);
  const code = new Code();
  const evaluateGroups = () => {
    // Windows that are all flat are not evaluated: nothing reads their bits.
    code.local_get(window).i32_const(3).i32_shr_u().i32_load16_u(at.notFlat).if();
    code.local_get(window).i32_const(1).i32_shl().local_set(base);
    for (const k of groups) {
      code.local_get(base).v128_load(at.sigmas + VECTOR_BYTES * k).local_set(sigma(k));
      code.i32_const(0).v128_load(lenient.constants.start).local_set(lenientTotal(k));
      code.i32_const(0).v128_load(strict.constants.start).local_set(strictTotal(k));
    }
    rows.set(code, base);
    lenient.stage.stumps.forEach((stump, index) => {
      for (const k of groups) {
        pushValue(code, stump, value, (corner) => rows.load(code, corner, VECTOR_BYTES * k));
        code.local_set(value);
        const locals = { total: lenientTotal(k), sigma: sigma(k), value };
        subtractPenalty(code, "lenient", stump, lenient.constants.stumps[index], locals);
        const strictConstants = strict.constants.stumps[index];
        if (!strictConstants) continue;
        subtractPenalty(code, "strict", stump, strictConstants, { ...locals, total: strictTotal(k) });
      }
    });
    for (const k of groups) {
      for (const [bits, total] of [[at.maybePassed, lenientTotal(k)], [at.surelyPassed, strictTotal(k)]]) {
        code.local_get(window).i32_const(3).i32_shr_u();
        code.local_get(total).i16x8_bitmask().i32_const(-1).i32_xor().i32_store8(bits + k);
      }
    }
    code.end();
    code.local_get(window).i32_const(8 * INTERLEAVED_GROUPS).i32_add().local_tee(window);
    code.local_get(until).i32_lt_u();
  };
  repeatWhile(code, () => {
    code.local_get(row).local_tee(window).local_get(columns).i32_add().local_set(until);
    repeatWhile(code, evaluateGroups);
    code.local_get(row).local_get(rowLength).i32_add().local_tee(row).local_get(end).i32_lt_u();
  });
  const v128Locals = 3 * INTERLEAVED_GROUPS + 1;
  return { parameters: 3, results: 0, i32Locals: 4 + rows.locals, v128Locals, code };
}

/** A loop that repeats `body` while it leaves a number other than 0 on the stack. */
function repeatWhile(code: Code, body: () => void): void {
  code.loop();
  body();
  code.br_if(0).end();
}

/** Subtracts the stump's penalty from the total of those windows that take the worse leaf. */
function subtractPenalty(
  code: Code,
  rounding: Rounding,
  stump: FilterStump,
  { threshold, penalty }: StumpConstants,
  local: { readonly total: number; readonly sigma: number; readonly value: number },
): void {
  const pushLimit = () => {
    code.i32_const(0).v128_load(threshold).local_get(local.sigma);
    q15mulr(code);
  };
  code.local_get(local.total);
  if (SHAPES[stump.shape].isAbove) {
    code.local_get(local.value);
    pushLimit();
  } else {
    pushLimit();
    code.local_get(local.value);
  }
  if (rounding === "lenient") code.i16x8_gt_s();
  else code.i16x8_ge_s();
  code.i32_const(0).v128_load(penalty).v128_and().i16x8_sub_sat_s().local_set(local.total);
}

/**
 * Leaves the value of a feature on the stack, modulo 2^16.
 * @param spare a local that may be overwritten
 * @param push leaves the value at a corner on the stack
 */
function pushValue(
  code: Code,
  { shape, corners }: FilterStump,
  spare: number,
  push: (corner: Corner) => void,
): void {
  const sum = (...indices: number[]) => {
    indices.forEach((index, nth) => {
      push(corners[index]);
      if (nth > 0) code.i16x8_add();
    });
  };
  const twice = () => code.local_tee(spare).local_get(spare).i16x8_add();
  if (shape === 0) {
    sum(0);
    sum(1);
    code.i16x8_sub();
    twice();
    sum(2, 3);
    sum(4, 5);
    code.i16x8_sub().i16x8_add();
  } else if (shape === 1) {
    sum(0, 1);
    sum(2, 3);
    code.i16x8_sub();
    twice();
    code.local_get(spare).i16x8_add();
    sum(4, 5);
    sum(6, 7);
    code.i16x8_sub().i16x8_add();
  } else if (shape === HALVED) {
    const half = (first: number) => {
      sum(first, first + 3);
      sum(first + 1, first + 2);
      code.i16x8_sub().i32_const(1).i16x8_shr_u();
    };
    half(0);
    half(4);
    code.i16x8_add();
    half(8);
    half(12);
    code.i16x8_add().i16x8_sub();
  } else {
    sum(0);
    twice();
    sum(1, 2, 3, 4);
    code.i16x8_sub();
    twice();
    sum(5, 6, 7, 8);
    code.i16x8_add();
  }
}

/**
 * Multiplies with q15mulr. The relaxed instruction differs for -32768 * -32768 only, and sigma is never negative. On
 * x86-64 it is one machine instruction instead of four.
 */
const q15mulr = hasRelaxedSimd()
  ? (code: Code) => code.i16x8_relaxed_q15mulr_s()
  : (code: Code) => code.i16x8_q15mulr_sat_s();

/** Whether this runtime validates a function that uses relaxed SIMD. */
function hasRelaxedSimd(): boolean {
  const code = new Code().local_get(1).local_get(1).i16x8_relaxed_q15mulr_s().local_set(1);
  return WebAssembly.validate(
    wasmModule([{ name: "f", parameters: 1, results: 0, i32Locals: 0, v128Locals: 1, code }], 1),
  );
}
