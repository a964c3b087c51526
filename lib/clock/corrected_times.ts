/** The times of a face, told from a clock that may be wrong and put right when it is known how wrong it was. */
import type { ClockCorrection, FaceMetadata } from "../face/face.ts";
import { isPlausible } from "../face/plausible_time.ts";
import type { Clock, Moment } from "./clock.ts";

/** Two runs of the program may count the time since the boot so differently. */
const COUNTS_DIFFER_MS = 1_000;
/** A smaller mistake is left as it is. */
const SMALLEST_MS = 1_000;

/** A face's metadata with what is known of its clock; its times are put right at once if that can be done. */
export function withClock(metadata: FaceMetadata, clock: Clock): FaceMetadata {
  const { captured, visit } = metadata;
  const { synchronised, bootId, monotonicMs } = clock.momentOf(Date.parse(captured));
  // A visit may have begun before the clock was set: all times of a face go by the clock as it was at its capture.
  const byThatClock = (time: string) => {
    const told = moved(captured, clock.momentOf(Date.parse(time)).monotonicMs - monotonicMs);
    return Math.abs(Date.parse(told) - Date.parse(time)) < SMALLEST_MS ? time : told;
  };
  const told = {
    ...metadata,
    ...(visit && { visit: { ...visit, began: byThatClock(visit.began), last: byThatClock(visit.last) } }),
    clock: { synchronised, bootId, monotonicMs },
  };
  return corrected(told, clock.now()) ?? told;
}

/** Whether the times of this face may be put right later, as long as it was never sent. */
export function isProvisional({ captured, clock }: FaceMetadata): boolean {
  return clock !== undefined && !clock.corrected && (clock.synchronised === "no" || !isPlausible(captured));
}

/**
 * The metadata of a face that is about to be sent for the first time: as they are, or put right. Nothing when it should
 * wait for the clock to be set: for ever if its time cannot be, for a little while after the boot otherwise.
 */
export function corrected(metadata: FaceMetadata, now: Moment): FaceMetadata | undefined {
  const { captured, clock } = metadata;
  if (!clock || !isProvisional(metadata)) return metadata;
  const isWrong = !isPlausible(captured);
  const agoMs = now.monotonicMs - clock.monotonicMs;
  const sameBoot = clock.bootId === now.bootId && agoMs > -COUNTS_DIFFER_MS;
  if (!isWrong && !sameBoot) return metadata;
  if (isWrong && !isPlausible(now.wallMs)) return undefined;
  if (now.settling) return undefined;
  if (!isWrong && now.synchronised !== "yes") return metadata;
  // Of a face from before this boot nothing else is known.
  const takenMs = now.wallMs - (sameBoot ? Math.max(0, agoMs) : now.monotonicMs);
  const byMs = Math.round(takenMs - Date.parse(captured));
  if (Math.abs(byMs) < SMALLEST_MS) return metadata;
  return applyCorrection(metadata, { from: captured, byMs, synchronised: now.synchronised, exact: sameBoot });
}

function applyCorrection(metadata: FaceMetadata, correction: ClockCorrection): FaceMetadata {
  const { captured, visit, clock } = metadata;
  const { byMs } = correction;
  return {
    ...metadata,
    captured: moved(captured, byMs),
    ...(visit && { visit: { ...visit, began: moved(visit.began, byMs), last: moved(visit.last, byMs) } }),
    clock: { ...clock!, corrected: correction },
  };
}

function moved(time: string, byMs: number): string {
  const ms = Date.parse(time) + byMs;
  return Number.isNaN(ms) ? time : new Date(ms).toISOString();
}
