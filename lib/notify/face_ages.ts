/** How long ago a face was captured, as far as its clock allows. An old face is no reason for an alarm. */
import type { FaceMetadata } from "../face/face.ts";
import { isPlausible } from "../face/plausible_time.ts";
import { RecentMap } from "../recent_map.ts";

/** Number of boots whose offset is remembered; beyond it the oldest is forgotten. */
const MAX_BOOTS = 64;

/** Two clocks of this machine, in milliseconds. */
export interface Clocks {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

/** The clocks of this machine. */
export const CLOCKS: Clocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/**
 * Ages of arriving faces. Where the board's clock was not set, its wall time says nothing, but its monotonic clock does:
 * of all faces of one boot, the one that arrived soonest after its capture was hardly delayed, and the others were
 * delayed by the difference to it.
 */
export class FaceAges {
  /** By boot: the smallest difference between our monotonic time at an arrival and the board's at the capture. */
  readonly #offsetMs = new RecentMap<string, number>(MAX_BOOTS);

  constructor(private readonly clocks: Clocks) {}

  /** Milliseconds since the capture of a face that arrives now; 0 where nothing is known. */
  ageOf(metadata: FaceMetadata | undefined): number {
    if (!metadata) return 0;
    const { clock } = metadata;
    const delayedMs = clock ? this.#delayedMs(clock) : 0;
    if (!isTimeTrusted(metadata)) return delayedMs;
    return Math.max(0, this.clocks.wallMs() - Date.parse(metadata.captured));
  }

  #delayedMs({ bootId, monotonicMs }: NonNullable<FaceMetadata["clock"]>): number {
    const offsetMs = this.clocks.monotonicMs() - monotonicMs;
    const smallestMs = Math.min(offsetMs, this.#offsetMs.get(bootId) ?? Infinity);
    this.#offsetMs.set(bootId, smallestMs);
    return offsetMs - smallestMs;
  }
}

/** Whether `captured` is right: a clock of a container (`unknown`) is that of its machine, which is usually set. */
export function isTimeTrusted({ captured, clock }: FaceMetadata): boolean {
  if (!isPlausible(captured)) return false;
  return clock === undefined || clock.synchronised !== "no" || clock.corrected !== undefined;
}
