/**
 * Removes the faces of days that are longer ago than they are to be kept. The key alone decides: only keys that a saver
 * with this template writes are touched, so the files of others stay, and so do faces without a date.
 *
 * A run is bounded. The next one goes on behind the last key that was examined; behind the last key of the store it
 * starts again from the first.
 */
import { messageOf } from "../errors.ts";
import type { KeyDays } from "../face/key_days.ts";
import type { Store } from "./store.ts";

/** Maximum number of faces that one run removes. */
export const MAX_REMOVED = 1_000;
/** Maximum number of keys that one run examines. */
export const MAX_EXAMINED = 20_000;
/** After this number of faces that cannot be removed, the run ends. */
export const MAX_FAILED = 20;

const DAY_MS = 86_400_000;

/** What one run did. */
export interface RemovalRun {
  readonly removed: number;
  /** The first day that is kept: `2026-01-31`. */
  readonly firstKept: string;
  /** Whether the end of the old faces was reached. Otherwise another run goes on from here. */
  readonly isDone: boolean;
  /** Why a face was not removed, or a folder was skipped, the first one of the run. A later run tries it again. */
  readonly failure?: string;
}

/** A store that deletes. */
export type DeletingStore = Pick<Store, "list"> & Required<Pick<Store, "delete">>;

/** The old faces of one store. */
export class Retention {
  /** The last key that was examined; empty before the first one. */
  #after = "";

  /** @param keepDays number of days, 1 or more. A face stays at least that long, and at most a day longer. */
  constructor(
    private readonly store: DeletingStore,
    private readonly days: KeyDays,
    private readonly keepDays: number,
  ) {}

  /** Removes old faces, up to the limits. Throws what the listing throws, and the signal's reason. */
  async run(
    { nowMs, signal, onRemoved }: { nowMs: number; signal: AbortSignal; onRemoved?: (key: string) => void },
  ): Promise<RemovalRun> {
    const firstKept = new Date(nowMs - this.keepDays * DAY_MS).toISOString().slice(0, 10);
    const end = this.days.startOf(firstKept);
    let [removed, examined, failed] = [0, 0, 0];
    let failure: string | undefined;
    const result = (isDone: boolean) => ({ removed, firstKept, isDone, failure });
    const onSkipped = (folder: string, reason: string) => {
      const isOld = end === undefined || folder < end;
      if (isOld && this.days.mayHold(folder)) failure ??= `cannot read "${folder}": ${reason}`;
    };
    const { prefix } = this.days;
    for await (const { key } of this.store.list({ prefix, after: this.#after, signal, onSkipped })) {
      signal.throwIfAborted();
      if (end !== undefined && key >= end) break;
      const day = this.days.dayOf(key);
      if (day !== undefined && day < firstKept) {
        try {
          await this.store.delete(key, { signal });
          removed++;
          onRemoved?.(key);
        } catch (error) {
          signal.throwIfAborted();
          failure ??= messageOf(error);
          failed++;
        }
      }
      this.#after = key;
      if (++examined >= MAX_EXAMINED || removed >= MAX_REMOVED || failed >= MAX_FAILED) return result(false);
    }
    this.#after = "";
    return result(true);
  }
}
