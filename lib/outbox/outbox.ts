/**
 * The faces that wait for their receipt, one file each. A face that `add` has returned for survives a kill and a
 * power cut; it leaves only by its receipt, by a refusal or by the outbox's limits, and the last two are written
 * to the ledger.
 *
 *     STATE/epoch                         drawn once: 16 hex digits
 *     STATE/sequence                      a number that was given out, never behind the files by more than one start
 *     STATE/outbox/000000000042-SHA256    a face; the number orders it
 *     STATE/ledger.jsonl                  what was given up, one JSON line each
 */
import { join } from "node:path";
import { Failure, messageOf, UsageError } from "../errors.ts";
import { identity } from "../face/face_file.ts";
import { atMost } from "../retry.ts";
import { writeDurably } from "./durable.ts";
import { Ledger } from "./ledger.ts";

/** How much may wait. When a limit is passed the oldest face gives way. */
export interface OutboxLimits {
  readonly maxFaces: number;
  readonly maxBytes: number;
}

/** A face that waits. */
export interface WaitingFace {
  /** SHA-256 of the face's bytes. */
  readonly id: string;
  readonly sequence: number;
  readonly bytes: number;
}

const LOCK_WAIT_MS = 1_000;

/** An outbox on disk, owned by one process at a time. */
export class Outbox implements AsyncDisposable {
  readonly #waiting = new Map<string, WaitingFace>();
  #waitingBytes = 0;
  /** The highest number given out, the highest one that a face was kept or refused with, and the one on disk. */
  #sequence: number;
  #usedSequence: number;
  #recordedSequence: number;
  #recording: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly limits: OutboxLimits,
    private readonly lock: Deno.FsFile,
    private readonly ledger: Ledger,
    /** Drawn once with the folder. */
    readonly epoch: string,
    recordedSequence: number,
    waiting: readonly WaitingFace[],
  ) {
    for (const face of waiting) this.#remember(face);
    this.#recordedSequence = recordedSequence;
    this.#sequence = this.#usedSequence = Math.max(recordedSequence, waiting.at(-1)?.sequence ?? 0);
  }

  /**
   * Opens the outbox in a state folder, which is made if it is missing.
   * Throws a UsageError when another process has it open and a Failure when the folder cannot be used.
   */
  static async open(folder: string, limits: OutboxLimits): Promise<Outbox> {
    let lock: Deno.FsFile | undefined;
    try {
      await Deno.mkdir(join(folder, "outbox"), { recursive: true, mode: 0o700 });
      lock = await lockFolder(folder);
      const epoch = await readOrMake(join(folder, "epoch"), newEpoch, /^[\w-]{1,64}$/);
      const sequence = Number(await readOrMake(join(folder, "sequence"), () => "0", /^\d{1,15}$/));
      const ledger = new Ledger(join(folder, "ledger.jsonl"), epoch);
      return new Outbox(
        folder,
        limits,
        lock,
        ledger,
        epoch,
        sequence,
        await readWaiting(join(folder, "outbox")),
      );
    } catch (error) {
      lock?.close();
      if (error instanceof UsageError) throw error;
      throw new Failure(`cannot use the state folder "${folder}": ${messageOf(error)}`, "--state DIR");
    }
  }

  /** How many faces wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether this face waits. */
  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** The faces that wait, oldest first. */
  waiting(): IterableIterator<WaitingFace> {
    return this.#waiting.values();
  }

  /** How many faces were given up since the start. */
  get givenUp(): number {
    return this.ledger.entries;
  }

  /**
   * The number for the next face. Given out once; only when the process ends before the face is kept or refused,
   * so that nobody has ever seen the number, the next start gives it out again and leaves no gap.
   */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /**
   * Keeps a face until its receipt comes. Resolves to false when it had to be given up: it is larger than the
   * outbox, or nothing more can be written, even after older faces gave way to it on a full disk.
   */
  async add(id: string, sequence: number, bytes: Uint8Array): Promise<boolean> {
    if (this.#waiting.has(id)) return true;
    if (bytes.length > this.limits.maxBytes) {
      await this.refuse(id, sequence, "larger than the outbox");
      return false;
    }
    while (this.#overLimit(bytes.length)) await this.#giveUpOldest("outbox full");
    for (;;) {
      try {
        await writeDurably(this.#pathOf({ id, sequence }), bytes);
        this.#remember({ id, sequence, bytes: bytes.length });
        this.#usedSequence = Math.max(this.#usedSequence, sequence);
        return true;
      } catch (error) {
        if (this.#waiting.size === 0 || !isDiskFull(error)) {
          await this.refuse(id, sequence, `not written: ${messageOf(error)}`);
          return false;
        }
        await this.#giveUpOldest(`disk full: ${messageOf(error)}`);
      }
    }
  }

  /** Writes down that a face was given up before it was ever kept. */
  async refuse(id: string, sequence: number, reason: string): Promise<void> {
    this.#usedSequence = Math.max(this.#usedSequence, sequence);
    await this.#recordSequence();
    await this.ledger.record({ sequence, id, reason });
  }

  /** The bytes of a face that waits, or nothing when it has left; one whose file is gone or damaged is given up. */
  async read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const face = this.#waiting.get(id);
    if (!face) return undefined;
    try {
      const bytes = await Deno.readFile(this.#pathOf(face));
      if (identity(bytes) === id) return bytes;
      await this.giveUp(id, "its file in the outbox is damaged"); // No receipt could ever be for it.
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      await this.giveUp(id, "its file has vanished from the outbox");
    }
    return undefined;
  }

  /** Lets a face go that is stored. Returns false when it did not wait here. */
  async remove(id: string): Promise<boolean> {
    const face = this.#forget(id);
    if (face) await this.#erase(face);
    return face !== undefined;
  }

  /** Lets a face go that never can be stored, and writes down why. */
  async giveUp(id: string, reason: string): Promise<boolean> {
    const face = this.#forget(id);
    if (!face) return false;
    await this.ledger.record({ sequence: face.sequence, id, reason });
    await this.#erase(face);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recordSequence();
    await this.ledger.flush();
    this.lock.close();
  }

  #overLimit(moreBytes: number): boolean {
    const { maxFaces, maxBytes } = this.limits;
    return this.#waiting.size > 0 &&
      (this.#waiting.size >= maxFaces || this.#waitingBytes + moreBytes > maxBytes);
  }

  async #giveUpOldest(reason: string): Promise<void> {
    const { value: oldest } = this.#waiting.values().next();
    if (oldest) await this.giveUp(oldest.id, reason);
  }

  /** Deletes the file of a face that has left. */
  async #erase(face: WaitingFace): Promise<void> {
    // The highest number must outlive its file, or the next start would give it out again.
    if (face.sequence > this.#recordedSequence) await this.#recordSequence();
    await Deno.remove(this.#pathOf(face)).catch(ignoreMissing);
    // On a full disk there is room for it only now.
    if (face.sequence > this.#recordedSequence) await this.#recordSequence();
  }

  /** One after the other: all write to the same temporary file. */
  async #recordSequence(): Promise<void> {
    await (this.#recording = this.#recording.then(async () => {
      const sequence = this.#usedSequence;
      if (sequence <= this.#recordedSequence) return;
      try {
        await writeDurably(join(this.folder, "sequence"), new TextEncoder().encode(`${sequence}\n`));
        this.#recordedSequence = sequence;
      } catch {
        // A full disk. The number stays unrecorded, so the next removal tries again.
      }
    }));
  }

  #forget(id: string): WaitingFace | undefined {
    const face = this.#waiting.get(id);
    if (!face) return undefined;
    this.#waiting.delete(id);
    this.#waitingBytes -= face.bytes;
    return face;
  }

  #remember(face: WaitingFace): void {
    this.#waiting.set(face.id, face);
    this.#waitingBytes += face.bytes;
  }

  #pathOf({ id, sequence }: { id: string; sequence: number }): string {
    return join(this.folder, "outbox", `${String(sequence).padStart(12, "0")}-${id}`);
  }
}

/** Takes the folder for this process; the operating system gives it back however the process ends. */
async function lockFolder(folder: string): Promise<Deno.FsFile> {
  const file = await Deno.open(join(folder, "lock"), { create: true, write: true });
  let locked = false;
  let failure: unknown;
  const locking = file.lock(true).then(() => locked = true, (error) => failure = error);
  await atMost(LOCK_WAIT_MS, locking);
  if (locked) return file;
  locking.finally(() => file.close()); // A lock that comes too late is given back.
  if (failure) throw failure;
  throw new UsageError(
    `the state folder "${folder}" is in use by another detector`,
    "--state DIR, one per camera",
  );
}

/** The faces in the folder by number. What a crash left half-written is removed. */
async function readWaiting(folder: string): Promise<WaitingFace[]> {
  const faces: WaitingFace[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const found = /^(\d{12})-([0-9a-f]{64})$/.exec(name);
    const path = join(folder, name);
    if (found) faces.push({ id: found[2], sequence: Number(found[1]), bytes: (await Deno.stat(path)).size });
    else if (name.endsWith(".tmp")) await Deno.remove(path);
  }
  return faces.sort((a, b) => a.sequence - b.sequence);
}

async function readOrMake(path: string, make: () => string, pattern: RegExp): Promise<string> {
  try {
    const text = (await Deno.readTextFile(path)).trim();
    if (pattern.test(text)) return text;
    throw new Error(`the file "${path}" is damaged`); // A number made up could be one that was used.
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const made = make();
  await writeDurably(path, new TextEncoder().encode(`${made}\n`));
  return made;
}

function newEpoch(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as { code?: string }).code ?? "");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
