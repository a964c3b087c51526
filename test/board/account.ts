/** Compares detected with stored faces, by the numbers that the board gives its faces without gaps. */
import type { FaceMetadata } from "../../lib/face/face.ts";

/** What became of the faces of one board. */
export interface Account {
  readonly faces: number;
  /** Numbers that the board assigned and that are not stored. */
  readonly lost: number;
  /** Objects beyond the first under the same number. */
  readonly twice: number;
}

/**
 * Compares the stored faces with the numbers from 1 to `highest`, the last one that the board assigned.
 * A second epoch begins at 1 again: it means that the board has lost its numbers, which is an error.
 */
export function account(
  stored: readonly Pick<FaceMetadata, "epoch" | "sequence">[],
  highest: number,
): Account {
  const epochs = new Set(stored.map(({ epoch }) => epoch));
  if (epochs.size > 1) {
    throw new Error(`the board began to count again: epochs ${Array.from(epochs).join(", ")}`);
  }
  const numbers = new Set(stored.map(({ sequence }) => sequence));
  const last = Math.max(highest, ...numbers);
  return { faces: numbers.size, lost: last - numbers.size, twice: stored.length - numbers.size };
}
