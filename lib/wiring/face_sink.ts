/**
 * The interface of a sink: where a detector delivers its faces. Three files implement it; face_sink_test.ts runs the
 * contract on each of them.
 *
 *     outbox_sink.ts   to a broker; each face is kept until its receipt arrives
 *     plain_sink.ts    to a broker, once; a face that the broker does not take is lost
 *     folder_sink.ts   into a folder
 */
import type { Bus } from "../bus/bus.ts";
import type { BoardClock } from "../clock/board_clock.ts";
import type { FaceFile } from "../face/face.ts";
import type { Health } from "../health/health.ts";
import type { Log } from "../log.ts";

/** Numbers faces. Epoch and sequence together identify a face permanently. */
export interface FaceNumbers {
  /** The epoch of the next number. */
  readonly epoch: string;
  /** Returns the next number of the epoch: 1, 2, 3, … */
  nextSequence(): number;
}

/**
 * Takes faces that carry its numbers. It adds how many were delivered, wait or were lost to the metrics of the program.
 * Disposal ends the delivery of faces that still wait.
 */
export interface FaceSink extends AsyncDisposable {
  /** Numbers the faces. */
  readonly numbers: FaceNumbers;
  /**
   * Takes one face. Resolves when the face is kept (outbox, folder) or was sent (plain). A broker or a disk that fails
   * is logged and retried, and does not reject: beyond the limits of the sink, faces are evicted and counted. Rejects
   * when the sink cannot work any longer.
   */
  deliver(face: FaceFile): Promise<void>;
  /** Where the faces went, as the end of a sentence: `in faces/2026-11-26`, `to cloud.example:8883`. */
  readonly place: string;
  /** Resolves when no face waits, or on abort. Rejects when the sink cannot work any longer. */
  drained(options: { signal: AbortSignal }): Promise<void>;
}

/** What a sink gets from its program. */
export interface SinkContext {
  /** Aborted when the program is to stop. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: Pick<BoardClock, "now" | "onChange">;
  readonly health: Health;
  /** Opens the connection to the broker. `onUp` and `onDown` are called when it is made and when it breaks. */
  readonly openBus: (changes?: { onUp?: () => void; onDown?: () => void }) => Promise<Bus>;
}

/** The numbers of a sink without a state folder: every start begins a new epoch. */
export function newNumbers(): FaceNumbers {
  let sequence = 0;
  return { epoch: crypto.randomUUID().replaceAll("-", "").slice(0, 16), nextSequence: () => ++sequence };
}
