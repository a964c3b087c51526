/**
 * Keeps the bytes of each waiting face: in a file, or in memory while the disk cannot be written. Except for `finalize`
 * nothing throws because of the disk: a failed write is reported to `failure`, and `catchUp` repeats it later.
 */
import { isDiskFull } from "../durable_file.ts";
import { identity, readFace, writeFace } from "../face/face_file.ts";
import { decodePng } from "../image/png.ts";
import type { DiskFailure } from "./disk_failure.ts";
import { nameOf } from "./face_files.ts";
import type { FaceNumber } from "./numbers.ts";
import type { StateParts } from "./read_state.ts";
import type { WaitingFace, WaitingFaces } from "./waiting_faces.ts";

/** A face that is in neither a file nor memory yet. */
export type NewFace = Omit<WaitingFace, "file" | "data">;

/** What a face is kept with, see `Outbox.add`. */
export interface KeptAs {
  readonly provisional?: boolean;
  readonly epoch?: string;
  readonly ageMs?: number;
}

/** The bytes of the waiting faces. */
export class FaceKeeper {
  /** Files of faces that have left the outbox, which could not be removed. */
  readonly #leftovers = new Map<string, FaceNumber>();

  /** Faces whose files are being written. */
  readonly #moving = new Set<WaitingFace>();

  constructor(
    private readonly waiting: WaitingFaces,
    private readonly parts: StateParts,
    private readonly failure: DiskFailure,
  ) {}

  /** Whether `catchUp` has nothing to do. */
  get isUpToDate(): boolean {
    return this.#leftovers.size === 0 && this.waiting.inMemory.faces === 0;
  }

  /** Writes a new face to a file. Returns false when the disk cannot be written. */
  async addFile(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const file = await this.#write(face, bytes);
    if (file === undefined) return false;
    this.waiting.add({ ...face, file });
    this.parts.numbers.markUsed(face);
    return true;
  }

  /**
   * Prepares a new face that is kept in memory: records its number, so that no other face gets it. When the disk cannot
   * record the number, the face gets another one, in an epoch of this run of the program.
   */
  async numberInMemory(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<WaitingFace> {
    const { numbers, ledger } = this.parts;
    if (await numbers.hold(face)) return { ...face, data: bytes };
    this.failure.failed(numbers.failure);
    const { epoch, sequence } = numbers.ofThisRun();
    const data = renumbered(bytes, { epoch, sequence });
    const reason = `the disk cannot record this number; the face has number ${sequence} of epoch ${epoch}`;
    await ledger.note({ epoch: face.epoch, sequence: face.sequence, id: face.id, reason });
    return { ...face, id: identity(data), epoch, sequence, bytes: data.length, data };
  }

  /** Writes a face in memory to a file. Returns false when the disk cannot be written. */
  async moveToFile(face: WaitingFace): Promise<boolean> {
    const { data, ...others } = face;
    if (data === undefined || this.#moving.has(face)) return true;
    this.#moving.add(face); // Two writers of one file would remove each other's temporary file.
    const file = await this.#write(face, data).finally(() => this.#moving.delete(face));
    if (file === undefined) return false;
    if (this.waiting.replace(face, { ...others, file })) this.parts.numbers.release(face);
    else await this.#remove(file, face); // Its receipt came while it was written.
    return true;
  }

  /**
   * Replaces a provisional face by its final bytes. Returns the final identity; nothing when the face has left
   * meanwhile. Throws when the disk cannot be written.
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
      this.failure.failed(error, bytes.length);
      if (!isDiskFull(error)) throw error;
      return await this.#finalizeOnFullDisk(face, final, bytes) ? final.id : undefined;
    }
    const isThere = this.waiting.replace(face, { ...final, file });
    if (!isThere || !isSame) await this.erase(isThere ? face : { ...final, file });
    return isThere ? final.id : undefined;
  }

  /** Without space for both files the provisional one is removed first; in between the face is in memory. */
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

  /** Removes what is kept of a face that has left the outbox. */
  async erase(face: WaitingFace): Promise<void> {
    if (face.file === undefined) this.parts.numbers.release(face);
    else await this.#remove(face.file, face);
  }

  /** Repeats what failed before. Returns false as soon as the disk fails again. */
  async catchUp(): Promise<boolean> {
    for (const [file, number] of this.#leftovers) if (!await this.#remove(file, number)) return false;
    for (const face of Array.from(this.waiting.values())) if (!await this.moveToFile(face)) return false;
    return true;
  }

  /** Writes a face and returns its file's name; nothing when the disk cannot be written, or failed a moment ago. */
  async #write(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    const { numbers, files, spares } = this.parts;
    const file = nameOf(face, numbers.epochOnDisk);
    if (this.failure.mayTry) {
      try {
        await files.write(file, bytes);
        return file;
      } catch (error) {
        this.failure.failed(error, bytes.length);
      }
    }
    return this.failure.isFull && await spares.take(files.pathOf(file), bytes) ? file : undefined;
  }

  /** Removes a file, now or in `catchUp`. */
  async #remove(file: string, number: FaceNumber): Promise<boolean> {
    const { numbers, files } = this.parts;
    try {
      // The highest number must be recorded before its file is removed: the next start would assign it again.
      if (!await numbers.persist(number)) throw numbers.failure;
      await files.remove(file);
    } catch (error) {
      this.#leftovers.set(file, number);
      this.failure.failed(error);
      return false;
    }
    this.#leftovers.delete(file);
    this.failure.tryAgain();
    return true;
  }
}

/** The same face under another number. A picture without metadata carries none and stays as it is. */
function renumbered(bytes: Uint8Array<ArrayBuffer>, number: FaceNumber): Uint8Array<ArrayBuffer> {
  try {
    const { metadata } = readFace(bytes);
    return metadata ? writeFace(decodePng(bytes), { ...metadata, ...number }).bytes : bytes;
  } catch {
    return bytes;
  }
}
