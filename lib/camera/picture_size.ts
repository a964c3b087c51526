/** Which size the pictures of a camera have. Headers may be damaged, and a camera may change its size. */
import type { Size } from "../image/frame.ts";
import { isWithinLimit } from "./planar_frames.ts";

/**
 * After this many packets in a row of other sizes the last one counts, though no two in a row have the same. It leaves each
 * decoder some time.
 */
const OTHERS_MAX = 10;

/** The size of the pictures that are decoded. */
export class PictureSize {
  #current: Size | undefined;
  /** Of the last packet, where it has another size. */
  #other: Size | undefined;
  /** Packets in a row of other sizes. */
  #others = 0;

  /** Undefined before the first picture. The same object until the size changes. */
  get current(): Size | undefined {
    return this.#current;
  }

  /**
   * Takes the size of the next packet, and returns whether its picture is one to decode. Another size counts once a second
   * packet in a row has it, or after OTHERS_MAX packets of any other sizes. The first size counts at once. One beyond the
   * limit of frames counts only when two packets in a row have it.
   */
  accept(size: Size): boolean {
    if (this.#current && isSame(size, this.#current)) {
      this.#others = 0;
      return true;
    }
    const isConfirmed = this.#others > 0 && isSame(size, this.#other!);
    this.#other = size;
    this.#others++;
    const mayCount = isWithinLimit(size) && (!this.#current || this.#others >= OTHERS_MAX);
    if (!isConfirmed && !mayCount) return false;
    this.#others = 0;
    this.#current = size;
    return true;
  }
}

function isSame(some: Size, other: Size): boolean {
  return some.width === other.width && some.height === other.height;
}
