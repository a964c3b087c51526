import { type Disk, diskMessage, isDiskFull, isReadOnly } from "../durable_file.ts";

/** A disk that failed is left alone for this long, unless a file was removed from it. */
const RETRY_MS = 1_000;
/** The trouble is over when the disk takes a file of this size, or of the size that it did not take. */
const PROBE_BYTES = 64 * 2 ** 10;

/** Why a disk cannot be written now, from the first failure until it was written again. */
export class DiskTrouble {
  #reason?: string;
  #isFull = false;
  #failedMs = 0;
  #bytes = PROBE_BYTES;

  /** @param onTrouble called with the reason of every failure, and without one when the trouble is over. */
  constructor(private readonly onTrouble: (reason?: string) => void) {}

  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether removing files helps. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Whether a write may work now. */
  get mayTry(): boolean {
    return this.#reason === undefined || performance.now() - this.#failedMs >= RETRY_MS;
  }

  /** Something could not be written. */
  began(error: unknown, bytes = 0): void {
    this.#isFull = isDiskFull(error);
    const what = this.#isFull ? "full" : isReadOnly(error) ? "read-only" : "not writable";
    this.#reason = `the disk is ${what}: ${diskMessage(error)}`;
    this.#failedMs = performance.now();
    this.#bytes = Math.max(this.#bytes, bytes);
    this.onTrouble(this.#reason);
  }

  /** Lets the next write be tried at once: a file was removed, say, so that there is room for another one. */
  tryAgain(): void {
    this.#failedMs = -Infinity;
  }

  /** Ends the trouble when the disk takes a file of the size that it did not take. Throws when it does not. */
  async probe(disk: Disk, path: string): Promise<void> {
    if (this.#reason === undefined) return;
    await disk.write(path, new Uint8Array(this.#bytes));
    await disk.remove(path);
    this.#reason = undefined;
    this.#bytes = PROBE_BYTES;
    this.onTrouble();
  }
}
