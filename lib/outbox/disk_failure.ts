/** The failure of the disk of a state folder, from the first failed write until the disk can be written again. */
import { type Disk, diskMessage, isDiskFull, isReadOnly } from "../durable_file.ts";

/** Time without writes after a failed one, unless a file was removed from the disk. */
const RETRY_MS = 1_000;
/** The failure is over when a file of this size can be written, or of the size of the write that failed. */
const PROBE_BYTES = 64 * 2 ** 10;

/** Whether a disk can be written now, and why not. */
export class DiskFailure {
  #reason?: string;
  #isFull = false;
  #failedMs = 0;
  #bytes = PROBE_BYTES;

  /** @param onFailure called with the reason of every failed write, and without one when the failure is over. */
  constructor(private readonly onFailure: (reason?: string) => void) {}

  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether removing files helps. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Whether a write is to be attempted now. */
  get mayTry(): boolean {
    return this.#reason === undefined || performance.now() - this.#failedMs >= RETRY_MS;
  }

  /** A write failed. */
  failed(error: unknown, bytes = 0): void {
    this.#isFull = isDiskFull(error);
    const what = this.#isFull ? "full" : isReadOnly(error) ? "read-only" : "not writable";
    this.#reason = `the disk is ${what}: ${diskMessage(error)}`;
    this.#failedMs = performance.now();
    this.#bytes = Math.max(this.#bytes, bytes);
    this.onFailure(this.#reason);
  }

  /** Allows the next write at once, for example since a file was removed. */
  tryAgain(): void {
    this.#failedMs = -Infinity;
  }

  /** Ends the failure by writing a file of the size that could not be written. Throws when that fails. */
  async probe(disk: Disk, path: string): Promise<void> {
    if (this.#reason === undefined) return;
    await disk.write(path, new Uint8Array(this.#bytes));
    await disk.remove(path);
    this.#reason = undefined;
    this.#bytes = PROBE_BYTES;
    this.onFailure();
  }
}
