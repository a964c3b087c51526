/**
 * Keeps each face that waits in a file, or in memory while the disk does not take it, and lets it go from there.
 * But for `settle` nothing throws because of the disk: what failed is told to `trouble` and done later by `catchUp`.
 */
import { isDiskFull } from "../durable_file.ts";
import { identity } from "../face/face_file.ts";
import type { DiskTrouble } from "./disk_trouble.ts";
import { nameOf } from "./face_files.ts";
import type { FaceNumber } from "./numbers.ts";
import type { StateParts } from "./read_state.ts";
import { renumbered } from "./renumber.ts";
import type { WaitingFace, WaitingFaces } from "./waiting_faces.ts";

/** A face that has no place yet. */
export type NewFace = Omit<WaitingFace, "file" | "data">;

/** The bytes of the faces that wait. */
export class FaceKeeper {
  /** Files of faces that have left, which the disk does not let go. */
  readonly #leftovers = new Map<string, FaceNumber>();

  /** Faces that get their files now. */
  readonly #moving = new Set<WaitingFace>();

  constructor(
    private readonly waiting: WaitingFaces,
    private readonly parts: StateParts,
    private readonly trouble: DiskTrouble,
  ) {}

  /** Whether nothing is left for `catchUp`. */
  get isUpToDate(): boolean {
    return this.#leftovers.size === 0 && this.waiting.inMemory.faces === 0;
  }

  /** Keeps a new face in a file. Returns false when the disk does not take it. */
  async addFile(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const file = await this.#write(face, bytes);
    if (file === undefined) return false;
    this.waiting.add({ ...face, file });
    this.parts.numbers.markUsed(face);
    return true;
  }

  /**
   * Makes sure that the number of a new face, which is kept in memory, is not given out again. A face whose number the
   * disk cannot remember gets another one, of an epoch that belongs to this run of the program.
   */
  async numberInMemory(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<WaitingFace> {
    const { numbers, ledger } = this.parts;
    if (await numbers.hold(face)) return { ...face, data: bytes };
    this.trouble.began(numbers.failure);
    const { epoch, sequence } = numbers.ofThisRun();
    const data = renumbered(bytes, { epoch, sequence });
    const reason = `the disk cannot remember this number; the face has number ${sequence} of epoch ${epoch}`;
    await ledger.note({ epoch: face.epoch, sequence: face.sequence, id: face.id, reason });
    return { ...face, id: identity(data), epoch, sequence, bytes: data.length, data };
  }

  /** Gives a face in memory its file. Returns false when the disk does not take it. */
  async moveToFile(face: WaitingFace): Promise<boolean> {
    const { data, ...others } = face;
    if (data === undefined || this.#moving.has(face)) return true;
    this.#moving.add(face); // Two writers of one file would take it from each other.
    const file = await this.#write(face, data).finally(() => this.#moving.delete(face));
    if (file === undefined) return false;
    if (this.waiting.replace(face, { ...others, file })) this.parts.numbers.release(face);
    else await this.#remove(file, face); // Its receipt came meanwhile.
    return true;
  }

  /**
   * Keeps an provisional face with these bytes from now on. Returns its identity by then; nothing when it has left
   * meanwhile. Throws when it cannot be written.
   */
  async finalize(face: WaitingFace, bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    const { file: from, data: _, ...others } = face;
    const final = { ...others, id: identity(bytes), bytes: bytes.length, provisional: false };
    if (from === undefined) {
      return this.waiting.replace(face, { ...final, data: bytes }) ? final.id : undefined;
    }
    const file = nameOf(final, this.parts.numbers.epochOnDisk);
    const isSame = final.id === face.id;
    try {
      await (isSame ? this.parts.files.rename(from, file) : this.parts.files.write(file, bytes));
    } catch (error) {
      this.trouble.began(error, bytes.length);
      if (!isDiskFull(error)) throw error;
      return await this.#finalizeOnFullDisk(face, final, bytes) ? final.id : undefined;
    }
    const isThere = this.waiting.replace(face, { ...final, file });
    if (!isThere || !isSame) await this.erase(isThere ? face : { ...final, file });
    return isThere ? final.id : undefined;
  }

  /** There is no room for the face twice: its file goes first, and in between the face is in memory. */
  async #finalizeOnFullDisk(
    face: WaitingFace,
    by: NewFace,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<boolean> {
    if (!await this.parts.numbers.hold(by)) throw this.parts.numbers.failure;
    const inMemory = { ...by, data: bytes };
    if (!this.waiting.replace(face, inMemory)) return false;
    await this.erase(face);
    await this.moveToFile(inMemory);
    return true;
  }

  /** Lets go of what is kept of a face that has left. */
  async erase(face: WaitingFace): Promise<void> {
    if (face.file === undefined) this.parts.numbers.release(face);
    else await this.#remove(face.file, face);
  }

  /** Does what failed before. Returns false as soon as the disk fails again. */
  async catchUp(): Promise<boolean> {
    for (const [file, number] of this.#leftovers) if (!await this.#remove(file, number)) return false;
    for (const face of Array.from(this.waiting.values())) if (!await this.moveToFile(face)) return false;
    return true;
  }

  /** Writes a face and returns its file's name; nothing when the disk does not take it, or just failed. */
  async #write(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    const { numbers, files, spares } = this.parts;
    const file = nameOf(face, numbers.epochOnDisk);
    if (this.trouble.mayTry) {
      try {
        await files.write(file, bytes);
        return file;
      } catch (error) {
        this.trouble.began(error, bytes.length);
      }
    }
    return this.trouble.isFull && await spares.take(files.pathOf(file), bytes) ? file : undefined;
  }

  /** Removes a file, now or when the disk can be written again. */
  async #remove(file: string, number: FaceNumber): Promise<boolean> {
    const { numbers, files } = this.parts;
    try {
      // The highest number must outlive its file, or the next start would give it out again.
      if (!await numbers.persist(number)) throw numbers.failure;
      await files.remove(file);
    } catch (error) {
      this.#leftovers.set(file, number);
      this.trouble.began(error);
      return false;
    }
    this.#leftovers.delete(file);
    this.trouble.tryAgain();
    return true;
  }
}
