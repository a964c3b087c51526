/** Who was seen and who was stored, by the numbers that the board gives its faces without gaps. */
import type { FaceMetadata } from "../../lib/face/face.ts";

/** What became of the faces of one board. */
export interface Account {
  readonly faces: number;
  /** Numbers that were given out and are nowhere. */
  readonly lost: number;
  /** Objects beyond the first under the same number. */
  readonly twice: number;
}

/**
 * Compares what is stored with the numbers from 1 to `highest`, the last one that the board gave out.
 * A second epoch would begin at 1 again; a board that forgot its first one has lost count, and that is an error.
 */
export function account(
  stored: readonly Pick<FaceMetadata, "epoch" | "sequence">[],
  highest: number,
): Account {
  const epochs = new Set(stored.map(({ epoch }) => epoch));
  if (epochs.size > 1) {
    throw new Error(`the board began to count anew: epochs ${Array.from(epochs).join(", ")}`);
  }
  const numbers = new Set(stored.map(({ sequence }) => sequence));
  const last = Math.max(highest, ...numbers);
  return { faces: numbers.size, lost: last - numbers.size, twice: stored.length - numbers.size };
}
