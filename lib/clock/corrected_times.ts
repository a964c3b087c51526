/**
 * The times of a face. A face is provisional while its times may be wrong and can still be corrected: before it is sent
 * for the first time, once the clock is known to be right.
 */
import type { ClockCorrection, FaceMetadata } from "../face/face.ts";
import { readFace, writeFace } from "../face/face_file.ts";
import { isPlausible } from "../face/plausible_time.ts";
import { decodePng } from "../image/png.ts";
import type { Clock, Moment } from "./clock.ts";

/** Two runs of the program may differ by this much in the time since the boot. */
const RUNS_DIFFER_MS = 1_000;
/** A smaller error is not corrected. */
const MIN_CORRECTION_MS = 1_000;

/** A face's metadata with the state of its clock. The times are corrected at once if that is possible. */
export function withClock(metadata: FaceMetadata, clock: Clock): FaceMetadata {
  const { captured, visit } = metadata;
  const { synchronised, bootId, monotonicMs } = clock.momentOf(Date.parse(captured));
  // A visit may have begun before the clock was set: all times of a face are given by the clock at its capture.
  const byThatClock = (time: string) => {
    const same = moved(captured, clock.momentOf(Date.parse(time)).monotonicMs - monotonicMs);
    return Math.abs(Date.parse(same) - Date.parse(time)) < MIN_CORRECTION_MS ? time : same;
  };
  const provisional = {
    ...metadata,
    ...(visit && { visit: { ...visit, began: byThatClock(visit.began), last: byThatClock(visit.last) } }),
    clock: { synchronised, bootId, monotonicMs },
  };
  return corrected(provisional, clock.now()) ?? provisional;
}

/** Whether the times of this face may still be corrected, provided that it was never sent. */
export function isProvisional({ captured, clock }: FaceMetadata): boolean {
  return clock !== undefined && !clock.corrected && (clock.synchronised === "no" || !isPlausible(captured));
}

/**
 * The metadata to send a face with for the first time: the same, or corrected. Nothing when the face has to wait for
 * the clock: without limit if its time is implausible, only while the board settles otherwise.
 */
export function corrected(metadata: FaceMetadata, now: Moment): FaceMetadata | undefined {
  const { captured, clock } = metadata;
  if (!clock || !isProvisional(metadata)) return metadata;
  const isWrong = !isPlausible(captured);
  const agoMs = now.monotonicMs - clock.monotonicMs;
  const sameBoot = clock.bootId === now.bootId && agoMs > -RUNS_DIFFER_MS;
  if (!isWrong && !sameBoot) return metadata;
  if (isWrong && !isPlausible(now.wallMs)) return undefined;
  if (now.settling) return undefined;
  if (!isWrong && now.synchronised !== "yes") return metadata;
  // A face from before this boot: it was captured before the boot, and nothing else is known.
  const takenMs = now.wallMs - (sameBoot ? Math.max(0, agoMs) : now.monotonicMs);
  const byMs = Math.round(takenMs - Date.parse(captured));
  if (Math.abs(byMs) < MIN_CORRECTION_MS) return metadata;
  return applyCorrection(metadata, { from: captured, byMs, synchronised: now.synchronised, exact: sameBoot });
}

/**
 * The bytes to send a face with for the first time: the same, or those of the face with corrected times. Nothing when
 * the face has to wait for the clock; see `corrected`.
 */
export function finalizeFace(
  bytes: Uint8Array<ArrayBuffer>,
  now: Moment,
): Uint8Array<ArrayBuffer> | undefined {
  const { metadata } = readFace(bytes);
  if (!metadata) return bytes;
  const final = corrected(metadata, now);
  if (!final) return undefined;
  return final === metadata ? bytes : writeFace(decodePng(bytes), final).bytes;
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
