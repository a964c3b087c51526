/** What an outbox is opened with: its limits, and what it reports to. */
import type { Disk } from "../durable_file.ts";
import type { Damage } from "./state_folder.ts";

/** Limits of the waiting faces. Beyond a limit the oldest face that was not sent is evicted. */
export interface OutboxLimits {
  readonly maxFaces: number;
  readonly maxBytes: number;
  /** Limits of the faces in memory while the disk cannot be written. */
  readonly memoryFaces?: number;
  readonly memoryBytes?: number;
}

/** What an outbox may be given. */
export interface OutboxOptions {
  readonly disk?: Disk;
  /** Called for every entry of the state folder that was set aside. */
  readonly onDamage?: (damage: Damage) => void;
  /** Called with the reason of every failed write, and without one when the disk can be written again. */
  readonly onDiskFailure?: (reason?: string) => void;
}
