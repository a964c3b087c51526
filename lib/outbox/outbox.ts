/**
 * The faces that wait for their receipt. A face that `add` has returned for survives a kill and a power cut; it leaves
 * only by its receipt, by a refusal or by the outbox's limits, and the last two are written to the ledger.
 *
 *     STATE/epoch, STATE/sequence    numbers.ts
 *     STATE/outbox/                  face_files.ts
 *     STATE/ledger.jsonl             ledger.ts: what was given up
 *     STATE/spare/                   spare_files.ts: space that is held back
 *     STATE/damaged/                 state_folder.ts: what could not be used
 *
 * A disk that cannot be written keeps no face from being sent: faces are kept in memory then, up to a limit, and get
 * their files when the disk can be written again.
 */
import { DISK, type Disk } from "../durable_file.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { delay } from "../async/delay.ts";
import { DiskTrouble } from "./disk_trouble.ts";
import { FaceFiles } from "./face_files.ts";
import { FaceKeeper, type NewFace } from "./face_keeper.ts";
import { Ledger } from "./ledger.ts";
import { Numbers } from "./numbers.ts";
import { beginEpoch, readState, type StateParts } from "./read_state.ts";
import { SpareFiles } from "./spare_files.ts";
import { type Damage, StateFolder } from "./state_folder.ts";
import { type WaitingFace, WaitingFaces } from "./waiting_faces.ts";

export type { WaitingFace } from "./waiting_faces.ts";

/** How much may wait. Beyond a limit the oldest face that is not on its way is given up. */
export interface OutboxLimits {
  readonly maxFaces: number;
  readonly maxBytes: number;
  /** The same for the faces that a disk does not take. */
  readonly memoryFaces?: number;
  readonly memoryBytes?: number;
}

/** What the owner of an outbox may know. */
export interface OutboxOptions {
  readonly disk?: Disk;
  /** Told of everything in the state folder that could not be used and was set aside. */
  readonly onDamage?: (damage: Damage) => void;
  /** Called with the reason each time that the disk cannot be written, and without one when it can be again. */
  readonly onTrouble?: (reason?: string) => void;
}

/** An outbox, owned by one process at a time. */
export class Outbox implements AsyncDisposable {
  readonly #waiting = new WaitingFaces();
  readonly #parts: StateParts;
  readonly #disk: Disk;
  readonly #memory: { readonly faces: number; readonly bytes: number };
  readonly #trouble: DiskTrouble;
  readonly #keeper: FaceKeeper;
  /** Whether the state folder was read. */
  #isRead = false;
  #recovering: Promise<void> = Promise.resolve();
  /** Whether a face was sent, so that it may be stored: it gives way after all others. */
  isOnItsWay: (id: string) => boolean = () => false;

  private constructor(folder: string, private readonly limits: OutboxLimits, options: OutboxOptions) {
    const { disk = DISK, onDamage, onTrouble } = options;
    this.#disk = disk;
    this.#memory = { faces: limits.memoryFaces ?? 500, bytes: limits.memoryBytes ?? 32 * 2 ** 20 };
    this.#trouble = new DiskTrouble((reason) => onTrouble?.(reason));
    const state = new StateFolder(folder, disk, (damage) => {
      // A face is given up under its number.
      if (!damage.name.startsWith("outbox/")) {
        void ledger.note({ damaged: damage.name, reason: damage.reason });
      }
      onDamage?.(damage);
    });
    const ledger = new Ledger(state.pathOf("ledger.jsonl"), disk);
    const numbers = new Numbers(state, disk, this.#memory.faces);
    const [files, spares] = [new FaceFiles(state, disk), new SpareFiles(state, disk)];
    this.#parts = { state, files, numbers, ledger, spares };
    this.#keeper = new FaceKeeper(this.#waiting, this.#parts, this.#trouble);
  }

  /**
   * Opens the outbox in a state folder, which is made if it is missing. Without a disk that can be read or written it
   * opens all the same, in memory. Throws a ConfigError when another process has the folder and a FatalError when the path
   * leads through a file.
   */
  static async open(folder: string, limits: OutboxLimits, options: OutboxOptions = {}): Promise<Outbox> {
    const outbox = new Outbox(folder, limits, options);
    try {
      await outbox.#read();
    } catch (error) {
      if (!outbox.#isRead) outbox.#parts.state[Symbol.dispose]();
      if (error instanceof ConfigError || error instanceof FatalError) throw error;
      outbox.#trouble.began(error);
    }
    return outbox;
  }

  /** How many faces wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** How many of them are in memory only. */
  get inMemory(): number {
    return this.#waiting.inMemory.faces;
  }

  /** Whether this face waits. */
  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** The faces that wait, oldest first. */
  waiting(): IterableIterator<WaitingFace> {
    return this.#waiting.values();
  }

  /** How many faces were given up since the start, without those that turned out to be stored. */
  get evicted(): number {
    return this.#parts.ledger.givenUp;
  }

  /** The epoch of the next number; together they name a face for ever. */
  get epoch(): string {
    return this.#parts.numbers.epoch;
  }

  /** The number for the next face, given out once. */
  nextSequence(): number {
    return this.#parts.numbers.next();
  }

  /**
   * Keeps a face until its receipt comes: in a file, or in memory where the disk does not take it. A face whose number
   * the disk could not remember gets another number. Resolves to false when the face had to be given up. An
   * `provisional` face has to be settled before it is sent.
   */
  async add(
    id: string,
    sequence: number,
    bytes: Uint8Array<ArrayBuffer>,
    { provisional = false, epoch = this.epoch }: { provisional?: boolean; epoch?: string } = {},
  ): Promise<boolean> {
    if (this.has(id)) return true;
    if (bytes.length > this.limits.maxBytes) {
      await this.reject(id, sequence, "larger than the outbox", { epoch });
      return false;
    }
    while (this.#isOverLimit(bytes.length)) await this.#evictFirst("outbox full");
    const face = { id, epoch, sequence, bytes: bytes.length, provisional };
    if (this.#isRead && await this.#keeper.addFile(face, bytes)) return true;
    return await this.#addInMemory(face, bytes);
  }

  /** Writes down that a face was given up before it was ever kept. */
  async reject(id: string, sequence: number, reason: string, { epoch = this.epoch } = {}): Promise<void> {
    await this.#parts.numbers.persist({ epoch, sequence });
    await this.#parts.ledger.record({ epoch, sequence, id, reason });
  }

  /** The bytes of a face that waits, or nothing when it has left; one whose file is gone or damaged is given up. */
  async read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const face = this.#waiting.get(id);
    if (!face || face.file === undefined) return face?.data;
    try {
      const bytes = await this.#parts.files.read(face.file, id);
      if (bytes) return bytes;
      await this.#parts.files.setAside(face.file, "damaged content").catch(() => {});
      await this.evict(id, "its file in the outbox is damaged"); // No receipt could ever be for it.
    } catch (error) {
      const isForeign = error instanceof Deno.errors.PermissionDenied;
      if (!isForeign && !(error instanceof Deno.errors.NotFound)) throw error;
      if (isForeign) await this.#parts.files.setAside(face.file, "no permission to read it").catch(() => {});
      await this.evict(id, `its file in the outbox ${isForeign ? "is another user's" : "has vanished"}`);
    }
    return undefined;
  }

  /** Whether this face waits and was never sent, so that it may be written anew. */
  isProvisional(id: string): boolean {
    return this.#waiting.get(id)?.provisional ?? false;
  }

  /**
   * Makes an provisional face final before it is sent for the first time: as it is, or written anew with these bytes.
   * However it ends, the face is there once: a new file that is complete wins over the provisional one. Resolves to the
   * face's identity from now on, or to nothing when it has left meanwhile. Throws when it cannot be written.
   */
  async finalize(id: string, bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    const face = this.#waiting.get(id);
    if (!face?.provisional) return face?.id;
    return await this.#keeper.finalize(face, bytes);
  }

  /** Lets a face go that is stored. Returns false when it did not wait here. */
  async remove(id: string): Promise<boolean> {
    const face = this.#waiting.remove(id);
    if (face) await this.#keeper.erase(face);
    await this.#parts.ledger.correct(id);
    return face !== undefined;
  }

  /** Lets a face go that never can be stored, and writes down why. */
  async evict(id: string, reason: string): Promise<boolean> {
    const sent = this.isOnItsWay(id);
    const face = this.#waiting.remove(id);
    if (!face) return false;
    const { epoch, sequence } = face;
    await this.#parts.ledger.record({ epoch, sequence, id, reason, ...(sent && { sent }) });
    await this.#keeper.erase(face);
    return true;
  }

  /** Holds space back, and tries to recover from trouble with the disk, at this interval, until the signal is aborted. */
  async tend({ signal, everyMs = 5_000 }: { signal: AbortSignal; everyMs?: number }): Promise<void> {
    while (!signal.aborted) {
      if (this.#isRead && this.#trouble.reason === undefined) await this.#parts.spares.fill();
      await delay(everyMs, { signal });
      if (!signal.aborted) await this.recover();
    }
  }

  /** Writes what the disk did not take before, as far as it takes it now. */
  recover(): Promise<void> {
    return this.#recovering = this.#recovering.then(() => this.#recover());
  }

  async #recover(): Promise<void> {
    const { numbers, ledger, state } = this.#parts;
    const isWell = this.#isRead && numbers.durable && this.#trouble.reason === undefined;
    if (isWell && this.#keeper.isUpToDate && ledger.unwritten === 0) return;
    this.#trouble.tryAgain();
    try {
      if (!this.#isRead) await this.#read();
      else if (numbers.epochOnDisk === undefined) await beginEpoch(this.#waiting, this.#parts);
      if (!await numbers.record()) throw numbers.failure;
      if (!await this.#keeper.catchUp()) return;
      if (!await ledger.flush()) throw ledger.failure;
      await this.#trouble.probe(this.#disk, state.pathOf("probe.tmp"));
    } catch (error) {
      this.#trouble.began(error);
    }
  }

  /** Closes the outbox. Faces that are still in memory only, and so are lost, are written to the ledger. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.recover();
    for (const face of Array.from(this.#waiting.values())) {
      if (face.file === undefined) await this.evict(face.id, "only in memory when the program stopped");
    }
    await this.#parts.numbers.record();
    await this.#parts.ledger.flush();
    this.#parts.state[Symbol.dispose]();
  }

  /** Reads the state folder, and begins a new epoch where the numbers cannot go on. */
  async #read(): Promise<void> {
    for (const face of await readState(this.#parts)) this.#waiting.add(face);
    this.#isRead = true;
    const { numbers } = this.#parts;
    if (numbers.epochOnDisk === undefined) await beginEpoch(this.#waiting, this.#parts);
    if (!numbers.durable) throw numbers.failure;
  }

  #isOverLimit(moreBytes: number): boolean {
    const { size, bytes } = this.#waiting;
    return size > 0 && (size >= this.limits.maxFaces || bytes + moreBytes > this.limits.maxBytes);
  }

  /** Gives a face up in favour of another one. */
  async #evictFirst(reason: string, { inMemory = false } = {}): Promise<void> {
    const face = this.#waiting.first({ isOnItsWay: this.isOnItsWay, inMemory });
    if (face) await this.evict(face.id, reason);
  }

  /** Keeps a face in memory. Returns false when it had to be given up. */
  async #addInMemory(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const reason = `not written: ${this.#trouble.reason}`;
    if (bytes.length > this.#memory.bytes) {
      await this.reject(face.id, face.sequence, reason, face);
      return false;
    }
    const kept = await this.#keeper.numberInMemory(face, bytes);
    this.#waiting.add(kept);
    if (this.#isOverMemory() && this.#trouble.isFull) {
      // A face that leaves a full disk makes room for this one, unless another program is quicker.
      await this.#evictFirst(reason);
      if (this.has(kept.id)) await this.#keeper.moveToFile(kept);
    }
    while (this.#isOverMemory()) await this.#evictFirst(reason, { inMemory: true });
    return this.has(kept.id);
  }

  #isOverMemory(): boolean {
    const { faces, bytes } = this.#waiting.inMemory;
    return faces > this.#memory.faces || bytes > this.#memory.bytes;
  }
}
