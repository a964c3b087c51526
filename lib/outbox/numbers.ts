/**
 * The numbers of the faces: an epoch, drawn once with the state folder, and a sequence in it that has no gaps and
 * never gives a number twice, also over kills, power cuts and full disks.
 *
 *     STATE/epoch       16 hex digits
 *     STATE/sequence    the highest number that a face was kept with, as far as no file in the outbox tells it;
 *                       on a full disk also `in memory: 37-39,41`, the numbers of faces that have no file
 *
 * `sequence` is written over in place, in space that it has from the start, so that a full disk does not matter.
 * Where even that fails (a read-only disk, say) faces get an epoch that is drawn for this run of the program.
 */
import { randomBytes } from "node:crypto";
import type { Disk } from "../durable_file.ts";
import type { StateFolder } from "./state_folder.ts";

/** File names have room for 12 digits. */
const MAX_SEQUENCE = 999_999_999_999;
/** The largest number that an earlier start may have left; a larger one is damage. */
const MAX_USED = MAX_SEQUENCE - 1_000_000_000;
/** The largest limit of faces in memory. */
export const MAX_IN_MEMORY = 10_000;
const SEQUENCE_FILE = /^(\d{1,12})(?:\nin memory: (\d[\d,-]*))?$/;
const BLOCK_BYTES = 4_096;

/** What names a face for ever. */
export interface FaceNumber {
  readonly epoch: string;
  readonly sequence: number;
}

/** The numbers of one state folder. Usable at once; before `open` every number is of this run's own epoch. */
export class Numbers {
  #epoch?: string;
  /** The highest number given out, and the highest one that a face was kept or refused with. */
  #given = 0;
  #used = 0;
  /** Numbers of faces that have no file, and what stands on the disk. */
  readonly #inMemory = new Set<number>();
  #recorded = "";
  #recording: Promise<void> = Promise.resolve();
  /** Whether the disk remembers numbers, as far as it is known. */
  #durable = false;
  /** Why the disk did not remember a number. */
  failure: unknown;
  readonly #ofThisRun = { epoch: newEpoch(), given: 0 };

  /** @param maxInMemory how many faces may have no file: there is space for so many numbers. */
  constructor(
    private readonly state: StateFolder,
    private readonly disk: Disk,
    private readonly maxInMemory: number,
  ) {}

  /** The epoch of the next number. */
  get epoch(): string {
    return this.#durable ? this.#epoch! : this.#ofThisRun.epoch;
  }

  /** The epoch of the state folder, once it is read or begun. */
  get epochOnDisk(): string | undefined {
    return this.#epoch;
  }

  /** Whether numbers are remembered by the disk. */
  get durable(): boolean {
    return this.#durable;
  }

  /**
   * Reads what an earlier start has left, or nothing when there is none or it was damaged. The second case needs
   * `begin`. `inMemory` are the numbers of faces that had no file when that program ended.
   */
  async read(): Promise<{ epoch?: string; used?: number; inMemory: number[] }> {
    const epoch = await this.state.readSmall("epoch", /^[\w-]{1,64}$/, BLOCK_BYTES);
    const text = await this.state.readSmall("sequence", SEQUENCE_FILE, 2 * this.#fileBytes() + 2 ** 20);
    const [, used, ranges = ""] = SEQUENCE_FILE.exec(text ?? "") ?? [];
    const isPossible = used !== undefined && Number(used) <= MAX_USED;
    return { epoch, used: isPossible ? Number(used) : undefined, inMemory: parseRanges(ranges) };
  }

  /** Goes on behind the highest number of an earlier start. */
  async resume(epoch: string, used: number): Promise<void> {
    this.#epoch = epoch;
    this.#given = this.#used = used;
    await this.#reserve();
  }

  /** Begins a new epoch behind a number. Throws when the disk does not allow it. */
  async begin(used: number): Promise<void> {
    const epoch = newEpoch();
    this.#given = this.#used = used;
    // Never the old epoch beside the new number, whenever the process ends: a number would be given out twice.
    await this.disk.remove(this.state.pathOf("epoch"));
    await this.#writeAnew();
    await this.disk.write(this.state.pathOf("epoch"), new TextEncoder().encode(`${epoch}\n`));
    this.#epoch = epoch;
    this.#durable = true;
  }

  /**
   * The number for the next face. Only when the process ends before the face is kept or refused, so that nobody has
   * ever seen the number, the next start gives it out again and leaves no gap.
   */
  next(): number {
    return this.#durable ? ++this.#given : ++this.#ofThisRun.given;
  }

  /** A number of this run's own epoch, for a face whose number would not be remembered. */
  ofThisRun(): FaceNumber {
    return { epoch: this.#ofThisRun.epoch, sequence: ++this.#ofThisRun.given };
  }

  /** Records that a face with a file has this number; the disk is written in the background. */
  markUsed(number: FaceNumber): void {
    if (!this.#isOurs(number)) return;
    this.#used = Math.max(this.#used, number.sequence);
    void this.record();
  }

  /** Makes the disk remember the number of a face that has no file. Returns false when it does not. */
  async hold(number: FaceNumber): Promise<boolean> {
    if (!this.#isOurs(number)) return true; // This run's own, or written down long ago.
    const { sequence } = number;
    const used = this.#used;
    this.#used = Math.max(used, sequence);
    this.#inMemory.add(sequence);
    if (await this.record()) return true;
    this.#inMemory.delete(sequence);
    return false;
  }

  /** The face with this number has a file now, or has left. */
  release(number: FaceNumber): void {
    if (this.#isOurs(number) && this.#inMemory.delete(number.sequence)) void this.record();
  }

  /** Makes sure that this number is remembered without its file. Returns false when the disk does not allow it. */
  async persist(number: FaceNumber): Promise<boolean> {
    if (!this.#isOurs(number)) return true;
    this.#used = Math.max(this.#used, number.sequence);
    return await this.record();
  }

  /** Writes the numbers down as they are by then. Returns whether the disk has them. */
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

  /** Somebody has removed the files. */
  async #writeAgain(): Promise<boolean> {
    try {
      await this.#writeAnew();
      await this.disk.write(this.state.pathOf("epoch"), new TextEncoder().encode(`${this.#epoch}\n`));
      return true;
    } catch {
      return false;
    }
  }

  /** Gives the file the space that it may need later, and finds out whether the disk can be written. */
  async #reserve(): Promise<void> {
    try {
      await this.#writeAnew();
      this.#durable = true;
    } catch {
      await this.record(); // A full disk. It may have its space already.
    }
  }

  async #writeAnew(): Promise<void> {
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

/** What `formatRanges` wrote. A damaged range could be endless: it is cut. */
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
