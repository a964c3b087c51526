/**
 * Where the generated stages load corners from: for each row of corners that a stage reads, a local holds the address of
 * the window's element in that row. A corner is then at a small offset.
 *
 *     a load at window + (address of the table + row * stride + column), aarch64        at row + column
 *     mov, movk, add    limit = size of the memory - offset                             sub
 *     cmp, b.hs         bounds check                                                    cmp, b.hs
 *     mov, movk, ldr    load                                                            mov, ldr
 *
 * An aarch64 instruction holds a constant of 12 bits. Corners of the same column share a limit, which V8 computes once.
 * On x86-64, whose instructions hold any offset, both take the same time.
 */
import { type Corner, cornerOffset, type TableLayout } from "../compile/corners.ts";
import { INTEGRAL_BYTES } from "../compile/layout.ts";
import type { FilterStage } from "../compile/stage_filter.ts";
import type { Code } from "./wasm_encoder.ts";

/** The rows that a stage reads, in i32 locals. */
export class RowBases {
  /** Rows from top to bottom, relative to the window. */
  readonly #rows: readonly number[];

  /** @param firstLocal the first of {@link locals} locals */
  constructor(
    stage: FilterStage,
    readonly at: TableLayout & { readonly integral: number },
    readonly firstLocal: number,
  ) {
    const rows = new Set(stage.stumps.flatMap(({ corners }) => corners.map(({ y }) => y)));
    this.#rows = [...rows].sort((a, b) => a - b);
  }

  /** Number of locals. */
  get locals(): number {
    return this.#rows.length;
  }

  /** Sets the locals. @param window a local with the offset of the window's element in the integral image, in bytes */
  set(code: Code, window: number): void {
    this.#rows.forEach((y, nth) => {
      const address = this.at.integral + cornerOffset(this.at, { x: 0, y }) * INTEGRAL_BYTES;
      code.local_get(window).i32_const(address).i32_add().local_set(this.firstLocal + nth);
    });
  }

  /** Leaves the values at a corner on the stack: of the eight windows that begin `beyond` bytes behind the window. */
  load(code: Code, { x, y }: Corner, beyond = 0): Code {
    const offset = cornerOffset(this.at, { x, y: 0 }) * INTEGRAL_BYTES;
    return code.local_get(this.firstLocal + this.#rows.indexOf(y)).v128_load(offset + beyond);
  }
}
