/**
 * The faces that wait for their receipt, one file each. A face that `add` has returned for survives a kill and a
 * power cut; it leaves only by its receipt, by a refusal or by the outbox's limits, and the last two are written
 * to the ledger.
 *
 *     STATE/epoch                         drawn once: 16 hex digits
 *     STATE/sequence                      the highest number whose file is gone
 *     STATE/outbox/000000000042-SHA256    a face; the number orders it
 *                            ….unsettled  a face that was never sent, and may be written anew before it is
 *     STATE/ledger.jsonl                  what was given up, one JSON line each
 */
import { join } from "node:path";
import { Failure, messageOf, UsageError } from "../errors.ts";
import { identity } from "../face/face_file.ts";
import { flushFolder, writeDurably } from "../durable.ts";
import { Ledger } from "./ledger.ts";
import { Numbers } from "./numbers.ts";
import { lockFolder } from "./state_folder.ts";

const UNSETTLED = ".unsettled";
const FILE_NAME = /^(\d{12})-([0-9a-f]{64})(\.unsettled)?$/;

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
  /** Never sent so far: until it is settled its bytes, and so its identity, may change. */
  readonly unsettled: boolean;
}

/** An outbox on disk, owned by one process at a time. */
export class Outbox implements AsyncDisposable {
  /** By number, oldest first. */
  readonly #waiting = new Map<number, WaitingFace>();
  readonly #numbers = new Map<string, number>();
  #waitingBytes = 0;

  private constructor(
    private readonly folder: string,
    private readonly limits: OutboxLimits,
    private readonly lock: Deno.FsFile,
    private readonly numbers: Numbers,
    private readonly ledger: Ledger,
    waiting: readonly WaitingFace[],
  ) {
    for (const face of waiting) this.#remember(face);
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
      const waiting = await readWaiting(join(folder, "outbox"));
      const numbers = await Numbers.open(folder, waiting.at(-1)?.sequence ?? 0);
      const ledger = new Ledger(join(folder, "ledger.jsonl"), numbers.epoch);
      return new Outbox(folder, limits, lock, numbers, ledger, waiting);
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
    return this.#numbers.has(id);
  }

  /** The faces that wait, oldest first. */
  waiting(): IterableIterator<WaitingFace> {
    return this.#waiting.values();
  }

  /** How many faces were given up since the start. */
  get givenUp(): number {
    return this.ledger.entries;
  }

  /** Drawn once with the folder; together with the sequence it names a face for ever. */
  get epoch(): string {
    return this.numbers.epoch;
  }

  /** The number for the next face, given out once. */
  nextSequence(): number {
    return this.numbers.next();
  }

  /**
   * Keeps a face until its receipt comes. Resolves to false when it had to be given up: it is larger than the
   * outbox, or nothing more can be written, even after older faces gave way to it on a full disk. An `unsettled`
   * face has to be settled before it is sent.
   */
  async add(
    id: string,
    sequence: number,
    bytes: Uint8Array,
    { unsettled = false }: { unsettled?: boolean } = {},
  ): Promise<boolean> {
    if (this.has(id)) return true;
    if (bytes.length > this.limits.maxBytes) {
      await this.refuse(id, sequence, "larger than the outbox");
      return false;
    }
    while (this.#overLimit(bytes.length)) await this.#giveUpOldest("outbox full");
    const face = { id, sequence, bytes: bytes.length, unsettled };
    for (;;) {
      try {
        await writeDurably(this.#pathOf(face), bytes);
        this.#remember(face);
        this.numbers.use(sequence);
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
    this.numbers.use(sequence);
    await this.numbers.record();
    await this.ledger.record({ sequence, id, reason });
  }

  /** The bytes of a face that waits, or nothing when it has left; one whose file is gone or damaged is given up. */
  async read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const face = this.#find(id);
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

  /** Whether this face waits and was never sent, so that it may be written anew. */
  isUnsettled(id: string): boolean {
    return this.#find(id)?.unsettled ?? false;
  }

  /**
   * Makes an unsettled face final before it is sent for the first time: as it is, or written anew with these bytes.
   * However it ends, the face is there once: a new file that is complete wins over the unsettled one. Resolves to
   * the face's identity from now on, or to nothing when it has left meanwhile: on a full disk the oldest gives way.
   * Throws when it cannot be written for another reason.
   */
  async settle(id: string, bytes: Uint8Array): Promise<string | undefined> {
    const face = this.#find(id);
    if (!face?.unsettled) return face?.id;
    const final = { ...face, id: identity(bytes), bytes: bytes.length, unsettled: false };
    const [from, to] = [this.#pathOf(face), this.#pathOf(final)];
    try {
      if (final.id === id) await Deno.rename(from, to);
      else await writeDurably(to, bytes);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // There has to be room for one face twice, or none could ever be sent.
      await this.#giveUpOldest(`disk full: ${messageOf(error)}`);
      return await this.settle(id, bytes);
    }
    if (this.#find(id) !== face) return void await Deno.remove(to).catch(ignoreMissing); // Given up meanwhile.
    this.#replace(face, final);
    await Deno.remove(from).catch(ignoreMissing);
    await flushFolder(to);
    return final.id;
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
    await this.numbers.record();
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
    await this.numbers.outlive(face.sequence);
    await Deno.remove(this.#pathOf(face)).catch(ignoreMissing);
    // On a full disk there is room for it only now.
    await this.numbers.outlive(face.sequence);
  }

  #find(id: string): WaitingFace | undefined {
    return this.#waiting.get(this.#numbers.get(id) ?? -1);
  }

  #forget(id: string): WaitingFace | undefined {
    const face = this.#find(id);
    if (!face) return undefined;
    this.#numbers.delete(id);
    this.#waiting.delete(face.sequence);
    this.#waitingBytes -= face.bytes;
    return face;
  }

  #remember(face: WaitingFace): void {
    this.#numbers.set(face.id, face.sequence);
    this.#waiting.set(face.sequence, face);
    this.#waitingBytes += face.bytes;
  }

  /** In the same place in the order. */
  #replace(face: WaitingFace, by: WaitingFace): void {
    this.#numbers.delete(face.id);
    this.#waitingBytes -= face.bytes;
    this.#remember(by);
  }

  #pathOf({ id, sequence, unsettled }: WaitingFace): string {
    const name = `${String(sequence).padStart(12, "0")}-${id}${unsettled ? UNSETTLED : ""}`;
    return join(this.folder, "outbox", name);
  }
}

/** The faces in the folder by number. What a crash left half-done is cleared away. */
async function readWaiting(folder: string): Promise<WaitingFace[]> {
  const faces = new Map<number, WaitingFace>();
  for await (const { name } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (name.endsWith(".tmp")) await Deno.remove(path);
    const found = FILE_NAME.exec(name);
    if (!found) continue;
    const [, number, id, ending] = found;
    const sequence = Number(number);
    const face = { id, sequence, bytes: (await Deno.stat(path)).size, unsettled: ending !== undefined };
    const other = faces.get(sequence);
    // One of two under the same number was settled, and the process ended before it had removed the other.
    if (!other || other.unsettled) faces.set(sequence, face);
    const superseded = [face, other].find((face) => face?.unsettled);
    if (other && superseded) await Deno.remove(join(folder, `${number}-${superseded.id}${UNSETTLED}`));
  }
  return Array.from(faces.values()).sort((a, b) => a.sequence - b.sequence);
}

function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as { code?: string }).code ?? "");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
