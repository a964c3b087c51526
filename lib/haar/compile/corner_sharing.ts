/**
 * Features of one stage share corners. The order of a stage's stumps is free, so those that share follow one another,
 * and a corner that was loaded a moment ago is still in a register: a fifth fewer loads in the shipped cascade.
 */
import type { Corner } from "./corners.ts";
import type { FilterFeature } from "./stage_filter.ts";

/** How many corners are kept: more would be spilled, of the 16 SIMD registers of x86-64. */
export const KEPT_CORNERS = 8;

/** How many stumps are looked at for the next one; more take long and gain little. */
const LOOK_AHEAD = 32;

/** The corners that were used last. */
export class RecentCorners {
  readonly #slots: number[] = [];
  readonly #recent: number[] = [];

  /** Which slot a corner is in, and whether it was there already. */
  take(corner: Corner): { readonly slot: number; readonly known: boolean } {
    const key = keyOf(corner);
    const slot = this.#slots.indexOf(key);
    if (slot >= 0) {
      this.#recent.splice(this.#recent.indexOf(slot), 1);
      this.#recent.push(slot);
      return { slot, known: true };
    }
    const free = this.#slots.length < KEPT_CORNERS ? this.#slots.length : this.#recent.shift()!;
    this.#slots[free] = key;
    this.#recent.push(free);
    return { slot: free, known: false };
  }

  /** Which share of a stump's corners is known. */
  knownShare({ corners }: FilterFeature): number {
    let known = 0;
    for (const corner of corners) if (this.#slots.includes(keyOf(corner))) known++;
    return known / corners.length;
  }
}

const keyOf = ({ x, y }: Corner) => x * 256 + y;

/** The stumps of a stage so that each shares corners with those just before it. */
export function inSharingOrder<F extends FilterFeature>(stumps: readonly F[]): F[] {
  const recent = new RecentCorners();
  const left = [...stumps];
  const ordered: F[] = [];
  while (left.length > 0) {
    let [best, bestShare] = [0, -1];
    for (let index = 0; index < Math.min(left.length, LOOK_AHEAD); index++) {
      const share = recent.knownShare(left[index]);
      if (share > bestShare) [best, bestShare] = [index, share];
    }
    const [next] = left.splice(best, 1);
    ordered.push(next);
    for (const corner of next.corners) recent.take(corner);
  }
  return ordered;
}
