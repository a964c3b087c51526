/**
 * The numbers of the faces: a random epoch for each state folder, and a sequence in it that has no gaps and assigns no
 * number twice, in spite of kills, power cuts and full disks.
 *
 *     STATE/epoch       16 hex digits
 *     STATE/sequence    the highest number of any face that has no file in the outbox any more;
 *                       on a full disk also `in memory: 37-39,41`, the numbers of the faces without a file
 *
 * `sequence` is overwritten in place, in space that is reserved at the start, so that it can be written on a full disk.
 * Where even that fails, for example on a read-only disk, faces get a random epoch of this run of the program.
 */
import { randomBytes } from "node:crypto";
import type { Disk } from "../durable_file.ts";
import type { StateFolder } from "./state_folder.ts";

/** File names hold 12 digits. */
const MAX_SEQUENCE = 999_999_999_999;
/** The largest number that is read from a state folder; a larger one is damage. */
const MAX_USED = MAX_SEQUENCE - 1_000_000_000;
/** The maximum of the limit of faces in memory. */
export const MAX_IN_MEMORY = 10_000;
const SEQUENCE_FILE = /^(\d{1,12})(?:\nin memory: (\d[\d,-]*))?$/;
const BLOCK_BYTES = 4_096;

/** What identifies a face permanently. */
export interface FaceNumber {
  readonly epoch: string;
  readonly sequence: number;
}

/** The numbers of one state folder. Before `resume` or `begin` every number is one of this run's epoch. */
export class Numbers {
  #epoch?: string;
  /** The highest number assigned, and the highest one of a face that was added or rejected. */
  #assigned = 0;
  #used = 0;
  /** Numbers of the faces without a file, and the text of `sequence` on the disk. */
  readonly #inMemory = new Set<number>();
  #recorded = "";
  #recording: Promise<void> = Promise.resolve();
  /** Whether the last write of numbers succeeded. */
  #durable = false;
  /** Why a number could not be recorded. */
  failure: unknown;
  readonly #ofThisRun = { epoch: newEpoch(), assigned: 0 };

  /** @param maxInMemory maximum number of faces without a file: space is reserved for their numbers. */
  constructor(
    private readonly state: StateFolder,
    private readonly disk: Disk,
    private readonly maxInMemory: number,
  ) {}

  /** The epoch of the next number. */
  get epoch(): string {
    return this.#durable ? this.#epoch! : this.#ofThisRun.epoch;
  }

  /** The epoch of the state folder; absent before `resume` or `begin`. */
  get epochOnDisk(): string | undefined {
    return this.#epoch;
  }

  /** Whether the disk records numbers. */
  get durable(): boolean {
    return this.#durable;
  }

  /**
   * Reads the epoch and the highest number of an earlier start; each is absent when its file is missing or damaged.
   * `inMemory` are the numbers of the faces that had no file when that program ended.
   */
  async read(): Promise<{ epoch?: string; used?: number; inMemory: number[] }> {
    const epoch = await this.state.readSmall("epoch", /^[\w-]{1,64}$/, BLOCK_BYTES);
    const text = await this.state.readSmall("sequence", SEQUENCE_FILE, 2 * this.#fileBytes() + 2 ** 20);
    const [, used, ranges = ""] = SEQUENCE_FILE.exec(text ?? "") ?? [];
    const isPlausible = used !== undefined && Number(used) <= MAX_USED;
    return { epoch, used: isPlausible ? Number(used) : undefined, inMemory: parseRanges(ranges) };
  }

  /** Continues after the highest number of an earlier start. */
  async resume(epoch: string, used: number): Promise<void> {
    this.#epoch = epoch;
    this.#assigned = this.#used = used;
    await this.#reserve();
  }

  /** Begins a new epoch whose first number follows `used`. Throws when the disk cannot be written. */
  async begin(used: number): Promise<void> {
    const epoch = newEpoch();
    this.#assigned = this.#used = used;
    // The old epoch must never stand beside the new number: after a kill a number would be assigned twice.
    await this.disk.remove(this.state.pathOf("epoch"));
    await this.#writeFile();
    await this.disk.write(this.state.pathOf("epoch"), new TextEncoder().encode(`${epoch}\n`));
    this.#epoch = epoch;
    this.#durable = true;
  }

  /**
   * Assigns the number of the next face. When the process ends before the face is added or rejected, the next start
   * assigns the number again, so that there is no gap.
   */
  next(): number {
    return this.#durable ? ++this.#assigned : ++this.#ofThisRun.assigned;
  }

  /** Assigns a number in this run's epoch, for a face whose number cannot be recorded. */
  ofThisRun(): FaceNumber {
    return { epoch: this.#ofThisRun.epoch, sequence: ++this.#ofThisRun.assigned };
  }

  /** Records that a face with a file has this number. The disk is written in the background. */
  markUsed(number: FaceNumber): void {
    if (!this.#isOurs(number)) return;
    this.#used = Math.max(this.#used, number.sequence);
    void this.record();
  }

  /** Records the number of a face without a file. Returns false when the disk cannot be written. */
  async hold(number: FaceNumber): Promise<boolean> {
    if (!this.#isOurs(number)) return true; // Of this run's epoch, or of an earlier one.
    const { sequence } = number;
    const used = this.#used;
    this.#used = Math.max(used, sequence);
    this.#inMemory.add(sequence);
    if (await this.record()) return true;
    this.#inMemory.delete(sequence);
    return false;
  }

  /** The face with this number has a file now, or has left the outbox. */
  release(number: FaceNumber): void {
    if (this.#isOurs(number) && this.#inMemory.delete(number.sequence)) void this.record();
  }

  /** Records a number whose file will be removed. Returns false when the disk cannot be written. */
  async persist(number: FaceNumber): Promise<boolean> {
    if (!this.#isOurs(number)) return true;
    this.#used = Math.max(this.#used, number.sequence);
    return await this.record();
  }

  /** Writes the current numbers. Returns whether the disk has them. */
  async record(): Promise<boolean> {
    if (this.#epoch === undefined) return false;
    await (this.#recording = this.#recording.then(async () => {
      const text = this.#text();
      if (text === this.#recorded && this.#durable) return;
      try {
        await this.disk.overwrite(this.state.pathOf("sequence"), 0, this.#block(text));
        [this.#recorded, this.#durable] = [text, true];
      } catch (error) {
        this.failure = error;
        this.#durable = error instanceof Deno.errors.NotFound && await this.#writeAgain();
      }
    }));
    return this.#durable;
  }

  /** Writes both files again after another program has removed them. */
  async #writeAgain(): Promise<boolean> {
    try {
      await this.#writeFile();
      await this.disk.write(this.state.pathOf("epoch"), new TextEncoder().encode(`${this.#epoch}\n`));
      return true;
    } catch {
      return false;
    }
  }

  /** Reserves the space that the file may need later, and finds out whether the disk can be written. */
  async #reserve(): Promise<void> {
    try {
      await this.#writeFile();
      this.#durable = true;
    } catch {
      await this.record(); // On a full disk the space may be reserved already.
    }
  }

  async #writeFile(): Promise<void> {
    const text = this.#text();
    await this.disk.write(this.state.pathOf("sequence"), this.#block(text));
    this.#recorded = text;
  }

  #isOurs({ epoch }: FaceNumber): boolean {
    return epoch === this.#epoch;
  }

  #text(): string {
    const numbers = Array.from(this.#inMemory).sort((a, b) => a - b);
    return numbers.length === 0 ? `${this.#used}` : `${this.#used}\nin memory: ${formatRanges(numbers)}`;
  }

  #fileBytes(): number {
    const longest = `${MAX_SEQUENCE}\nin memory: `.length + `${MAX_SEQUENCE},`.length * this.maxInMemory;
    return Math.ceil((longest + 1) / BLOCK_BYTES) * BLOCK_BYTES;
  }

  #block(text: string): Uint8Array {
    return new TextEncoder().encode(text.padEnd(this.#fileBytes(), "\n"));
  }
}

/** `[37, 38, 39, 41]` -> `37-39,41`. */
function formatRanges(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join(",");
}

/** Parses what `formatRanges` wrote, at most MAX_IN_MEMORY numbers: a damaged range could be huge. */
function parseRanges(text: string): number[] {
  const numbers: number[] = [];
  for (const range of text.split(",").filter(Boolean)) {
    const [first, last = first] = range.split("-").map(Number);
    for (let number = first; number <= last && numbers.length < MAX_IN_MEMORY; number++) numbers.push(number);
  }
  return numbers;
}

function newEpoch(): string {
  return randomBytes(8).toString("hex");
}
