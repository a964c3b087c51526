/**
 * The numbers of the faces: an epoch, drawn once with the state folder, and a sequence in it that has no gaps and
 * never gives a number twice, also over kills and power cuts. The outbox names its files by number; the file
 * `sequence` holds the highest number whose file is gone. A start goes on behind the larger of the two.
 */
import { join } from "node:path";
import { readOrMake, writeText } from "./state_folder.ts";

/** The numbers of one state folder. */
export class Numbers {
  /** The highest number given out, the highest one that a face was kept or refused with, and the one on disk. */
  #given: number;
  #used: number;
  #recorded: number;
  #recording: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    readonly epoch: string,
    recorded: number,
    highestKept: number,
  ) {
    this.#recorded = recorded;
    this.#given = this.#used = Math.max(recorded, highestKept);
  }

  /** @param highestKept the highest number of a face that waits. Throws when a file is damaged. */
  static async open(folder: string, highestKept: number): Promise<Numbers> {
    const path = join(folder, "sequence");
    const epoch = await readOrMake(join(folder, "epoch"), newEpoch, /^[\w-]{1,64}$/);
    const recorded = Number(await readOrMake(path, () => "0", /^\d{1,15}$/));
    return new Numbers(path, epoch, recorded, highestKept);
  }

  /**
   * The number for the next face. Only when the process ends before the face is kept or refused, so that nobody has
   * ever seen the number, the next start gives it out again and leaves no gap.
   */
  next(): number {
    return ++this.#given;
  }

  /** Notes that a face is known by this number. */
  use(sequence: number): void {
    this.#used = Math.max(this.#used, sequence);
  }

  /** Makes sure, as far as the disk allows, that this number is remembered without its file. */
  async outlive(sequence: number): Promise<void> {
    if (sequence > this.#recorded) await this.record();
  }

  /** Writes the highest number down. One after the other: all write to the same temporary file. */
  async record(): Promise<void> {
    await (this.#recording = this.#recording.then(async () => {
      const used = this.#used;
      if (used <= this.#recorded) return;
      try {
        await writeText(this.path, String(used));
        this.#recorded = used;
      } catch {
        // A full disk. The number stays unrecorded, so the next removal tries again.
      }
    }));
  }
}

function newEpoch(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
