/**
 * The units as a stream of rows: a row that enters a unit leaves it, and enters the next one, as soon as the row below
 * it has entered too. So only three rows of a unit's 1x1 outputs are kept, in a ring: row y in slot y modulo 3.
 *
 *     row y ──▶ 1x1 ──▶ ring: y-2, y-1, y ──▶ 3x3, ReLU ──▶ row y-1 of the plane ──▶ next unit
 *                                                            2 rows ──▶ pooled row ──▶ next unit
 *
 * A unit's plane keeps as many rows as others need of it: one, two where pairs of rows are pooled, or all.
 */
import {
  QUAD_BYTES,
  RING_EXTRA,
  ROW_EXTRA,
  UNIT_BYTES,
  UNIT_DEPTHWISE,
  UNIT_HEIGHT,
  UNIT_INPUTS,
  UNIT_IS_SPARSE,
  UNIT_NEXT,
  UNIT_OUTPUTS,
  UNIT_PLANE,
  UNIT_PLANE_ROWS,
  UNIT_POINTWISE,
  UNIT_POOLED,
  UNIT_RELU,
  UNIT_RING,
  UNIT_ROWS,
  UNIT_WIDTH,
} from "../layout";
import { depthwiseRow } from "./depthwise";
import { neckRow, units, zeroRow } from "./memory";
import { pointwiseRow } from "./pointwise";
import { poolRows } from "./pool";
import { sparsePointwiseRow, sparsePointwiseRowOnto } from "./sparse_pointwise";

/** The descriptor of a unit. */
// @inline
export function unitAt(index: i32): usize {
  return units + <usize> index * UNIT_BYTES;
}

/** Address of row `y` of a unit's plane. */
function planeRow(unit: usize, y: i32): usize {
  const rowBytes =
    <usize> ((load<i32>(unit, UNIT_WIDTH) + ROW_EXTRA) * (load<i32>(unit, UNIT_OUTPUTS) >> 2)) *
    QUAD_BYTES;
  return load<u32>(unit, UNIT_PLANE) + <usize> (y % load<i32>(unit, UNIT_PLANE_ROWS)) * rowBytes;
}

/**
 * A row enters a unit: the row at `from`, below the one before. With `half`, the row at that address, of half the width, is
 * added: it holds the unit's 1x1 sums of the row to be added.
 */
export function pushRow(unit: usize, from: usize, half: usize = 0): void {
  const y = load<i32>(unit, UNIT_ROWS);
  const height = load<i32>(unit, UNIT_HEIGHT);
  const outputs = load<i32>(unit, UNIT_OUTPUTS);
  const width = load<i32>(unit, UNIT_WIDTH);
  const inputs = load<i32>(unit, UNIT_INPUTS);
  const weights = load<u32>(unit, UNIT_POINTWISE);
  if (half) {
    sparsePointwiseRowOnto(half, from, width, inputs, outputs, weights, ringRow(unit, y));
  } else if (load<i32>(unit, UNIT_IS_SPARSE)) {
    sparsePointwiseRow(from, width, inputs, outputs, weights, ringRow(unit, y));
  } else {
    pointwiseRow(from, width, inputs, outputs, weights, ringRow(unit, y));
  }
  if (y > 0) finishRow(unit, y - 1, ringRow(unit, y));
  if (y + 1 < height) {
    store<i32>(unit, y + 1, UNIT_ROWS);
  } else {
    store<i32>(unit, 0, UNIT_ROWS);
    finishRow(unit, y, zeroRow);
  }
}

function ringRow(unit: usize, y: i32): usize {
  const rowBytes =
    <usize> ((load<i32>(unit, UNIT_WIDTH) + RING_EXTRA) * (load<i32>(unit, UNIT_OUTPUTS) >> 2)) *
    QUAD_BYTES;
  return load<u32>(unit, UNIT_RING) + <usize> (y % 3) * rowBytes;
}

/** Row `y` leaves a unit; `below` is the ring row below it. */
function finishRow(unit: usize, y: i32, below: usize): void {
  const width = load<i32>(unit, UNIT_WIDTH);
  const outputs = load<i32>(unit, UNIT_OUTPUTS);
  const to = planeRow(unit, y);
  depthwiseRow(
    y == 0 ? zeroRow : ringRow(unit, y - 1),
    ringRow(unit, y),
    below,
    width,
    outputs,
    load<u32>(unit, UNIT_DEPTHWISE),
    load<i32>(unit, UNIT_RELU) != 0,
    to,
  );
  const next = load<u32>(unit, UNIT_NEXT);
  if (next == 0) return;
  const pooled = load<u32>(unit, UNIT_POOLED);
  if (pooled == 0) {
    pushRow(next, to);
  } else if (y & 1) {
    poolRows(planeRow(unit, y - 1), to, width, outputs, pooled);
    pushRow(next, pooled);
  }
}

/**
 * Pushes the rows of unit `fine` to unit `to`, with those of unit `coarse`, which has half the size, doubled and added. The
 * 1x1 convolution of a sum is the sum of the convolutions: that of the coarse row is computed once for four pixels.
 */
export function pushSum(fine: usize, coarse: usize, to: usize): void {
  const width = load<i32>(coarse, UNIT_WIDTH);
  const inputs = load<i32>(to, UNIT_INPUTS);
  const outputs = load<i32>(to, UNIT_OUTPUTS);
  const weights = load<u32>(to, UNIT_POINTWISE);
  for (let y = 0; y < load<i32>(coarse, UNIT_HEIGHT); y++) {
    sparsePointwiseRow(planeRow(coarse, y), width, inputs, outputs, weights, neckRow);
    pushRow(to, planeRow(fine, 2 * y), neckRow);
    pushRow(to, planeRow(fine, 2 * y + 1), neckRow);
  }
}
