/**
 * The faces that wait for their receipt. Once `add` has returned, a face survives a kill and a power cut. It leaves the
 * outbox by its receipt, by a rejection or by a limit of the outbox; the last two are recorded in the ledger.
 *
 *     STATE/epoch, STATE/sequence    numbers.ts
 *     STATE/outbox/                  face_files.ts
 *     STATE/ledger.jsonl             ledger.ts: evicted faces
 *     STATE/spare/                   spare_files.ts: reserved space
 *     STATE/damaged/                 state_folder.ts: entries that could not be used
 *
 * A disk that cannot be written does not stop the sending: faces stay in memory then, up to a limit, and are written to
 * files when the disk can be written again.
 */
import { DISK, type Disk } from "../durable_file.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { delay } from "../async/delay.ts";
import { DiskFailure } from "./disk_failure.ts";
import { FaceFiles } from "./face_files.ts";
import { FaceKeeper, type KeptAs, type NewFace } from "./face_keeper.ts";
import { Ledger } from "./ledger.ts";
import { Numbers } from "./numbers.ts";
import type { OutboxLimits, OutboxOptions } from "./outbox_options.ts";
import { beginEpoch, readState, type StateParts } from "./read_state.ts";
import { SpareFiles } from "./spare_files.ts";
import { StateFolder } from "./state_folder.ts";
import { type WaitingFace, WaitingFaces, type WaitingLoad } from "./waiting_faces.ts";

export type { WaitingFace } from "./waiting_faces.ts";

/** An outbox, owned by one process at a time. */
export class Outbox implements AsyncDisposable {
  readonly #waiting = new WaitingFaces();
  readonly #parts: StateParts;
  readonly #disk: Disk;
  readonly #memory: { readonly faces: number; readonly bytes: number };
  readonly #failure: DiskFailure;
  readonly #keeper: FaceKeeper;
  /** Whether the state folder was read. */
  #isRead = false;
  #recovering: Promise<void> = Promise.resolve();
  /** Whether a face was sent, so that it may be stored: it is evicted after all others. */
  wasSent: (id: string) => boolean = () => false;

  private constructor(folder: string, private readonly limits: OutboxLimits, options: OutboxOptions) {
    const { disk = DISK, onDamage, onDiskFailure } = options;
    this.#disk = disk;
    this.#memory = { faces: limits.memoryFaces ?? 500, bytes: limits.memoryBytes ?? 32 * 2 ** 20 };
    this.#failure = new DiskFailure((reason) => onDiskFailure?.(reason));
    const state = new StateFolder(folder, disk, (damage) => {
      // Faces are recorded with their numbers.
      if (!damage.name.startsWith("outbox/")) {
        void ledger.note({ damaged: damage.name, reason: damage.reason });
      }
      onDamage?.(damage);
    });
    const ledger = new Ledger(state.pathOf("ledger.jsonl"), disk);
    const numbers = new Numbers(state, disk, this.#memory.faces);
    const [files, spares] = [new FaceFiles(state, disk), new SpareFiles(state, disk)];
    this.#parts = { state, files, numbers, ledger, spares };
    this.#keeper = new FaceKeeper(this.#waiting, this.#parts, this.#failure);
  }

  /**
   * Opens the outbox in a state folder, which is created if it is missing. When the disk cannot be read or written, the
   * outbox opens in memory. Throws a ConfigError when another process has locked the folder and a FatalError when the
   * path leads through a file.
   */
  static async open(folder: string, limits: OutboxLimits, options: OutboxOptions = {}): Promise<Outbox> {
    const outbox = new Outbox(folder, limits, options);
    try {
      await outbox.#read();
    } catch (error) {
      if (!outbox.#isRead) outbox.#parts.state[Symbol.dispose]();
      if (error instanceof ConfigError || error instanceof FatalError) throw error;
      outbox.#failure.failed(error);
    }
    return outbox;
  }

  /** How many faces wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Number, size and ages of the waiting faces. */
  get load(): WaitingLoad {
    return this.#waiting;
  }

  /** How many faces are in memory only. */
  get inMemory(): number {
    return this.#waiting.inMemory.faces;
  }

  /** Whether a face waits. */
  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** The waiting faces, oldest first. */
  waiting(): IterableIterator<WaitingFace> {
    return this.#waiting.values();
  }

  /** How many faces were evicted or rejected since the start, without those whose receipt came later. */
  get evicted(): number {
    return this.#parts.ledger.evicted;
  }

  /** The same with them. */
  get evictions(): number {
    return this.#parts.ledger.evictions;
  }

  /** The epoch of the next number. Epoch and number identify a face permanently. */
  get epoch(): string {
    return this.#parts.numbers.epoch;
  }

  /** Assigns the number of the next face. */
  nextSequence(): number {
    return this.#parts.numbers.next();
  }

  /**
   * Keeps a face until its receipt comes: in a file, or in memory while the disk cannot be written. A face whose number
   * cannot be recorded gets another number. Resolves to false when the face was rejected or evicted. A `provisional`
   * face has to be finalized before it is sent. `ageMs` is the time since its capture, milliseconds.
   */
  async add(
    id: string,
    sequence: number,
    bytes: Uint8Array<ArrayBuffer>,
    { provisional = false, epoch = this.epoch, ageMs = 0 }: KeptAs = {},
  ): Promise<boolean> {
    if (this.has(id)) return true;
    if (bytes.length > this.limits.maxBytes) {
      await this.reject(id, sequence, "larger than the outbox", { epoch });
      return false;
    }
    while (this.#isOverLimit(bytes.length)) await this.#evictFirst("outbox full");
    const capturedMs = performance.now() - ageMs;
    const face = { id, epoch, sequence, bytes: bytes.length, capturedMs, provisional };
    if (this.#isRead && await this.#keeper.addFile(face, bytes)) return true;
    return await this.#addInMemory(face, bytes);
  }

  /** Records a face that never enters the outbox. */
  async reject(id: string, sequence: number, reason: string, { epoch = this.epoch } = {}): Promise<void> {
    await this.#parts.numbers.persist({ epoch, sequence });
    await this.#parts.ledger.record({ epoch, sequence, id, reason });
  }

  /** The bytes of a waiting face; nothing when it has left. A face whose file is missing or damaged is evicted. */
  async read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const face = this.#waiting.get(id);
    if (!face || face.file === undefined) return face?.data;
    try {
      const bytes = await this.#parts.files.read(face.file, id);
      if (bytes) return bytes;
      await this.#parts.files.setAside(face.file, "damaged content").catch(() => {});
      await this.evict(id, "its file in the outbox is damaged"); // No receipt can match these bytes.
    } catch (error) {
      const isForeign = error instanceof Deno.errors.PermissionDenied;
      if (!isForeign && !(error instanceof Deno.errors.NotFound)) throw error;
      if (isForeign) await this.#parts.files.setAside(face.file, "no permission to read it").catch(() => {});
      await this.evict(id, `its file in the outbox ${isForeign ? "is another user's" : "has vanished"}`);
    }
    return undefined;
  }

  /** Whether a face waits and was never sent, so that its bytes may change. */
  isProvisional(id: string): boolean {
    return this.#waiting.get(id)?.provisional ?? false;
  }

  /**
   * Finalizes a provisional face before it is sent for the first time: it has these bytes from now on. Also after a kill
   * the face exists once, since a complete final file replaces the provisional one. Resolves to the final identity, or
   * to nothing when the face has left meanwhile. Throws when the disk cannot be written.
   */
  async finalize(id: string, bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    const face = this.#waiting.get(id);
    if (!face?.provisional) return face?.id;
    return await this.#keeper.finalize(face, bytes);
  }

  /** Removes a face that is stored. Returns false when it did not wait here. */
  async remove(id: string): Promise<boolean> {
    const face = this.#waiting.remove(id);
    if (face) await this.#keeper.erase(face);
    await this.#parts.ledger.correct(id);
    return face !== undefined;
  }

  /** Removes a face that is not stored, and records why. Returns false when it did not wait here. */
  async evict(id: string, reason: string): Promise<boolean> {
    const sent = this.wasSent(id);
    const face = this.#waiting.remove(id);
    if (!face) return false;
    const { epoch, sequence } = face;
    await this.#parts.ledger.record({ epoch, sequence, id, reason, ...(sent && { sent }) });
    await this.#keeper.erase(face);
    return true;
  }

  /** Reserves space, and recovers from failures of the disk, at this interval until the signal is aborted. */
  async tend({ signal, everyMs = 5_000 }: { signal: AbortSignal; everyMs?: number }): Promise<void> {
    while (!signal.aborted) {
      if (this.#isRead && this.#failure.reason === undefined) await this.#parts.spares.fill();
      await delay(everyMs, { signal });
      if (!signal.aborted) await this.recover();
    }
  }

  /** Repeats the writes that failed, as far as the disk can be written now. */
  recover(): Promise<void> {
    return this.#recovering = this.#recovering.then(() => this.#recover());
  }

  async #recover(): Promise<void> {
    const { numbers, ledger, state } = this.#parts;
    const isHealthy = this.#isRead && numbers.durable && this.#failure.reason === undefined;
    if (isHealthy && this.#keeper.isUpToDate && ledger.unwritten === 0) return;
    this.#failure.tryAgain();
    try {
      if (!this.#isRead) await this.#read();
      else if (numbers.epochOnDisk === undefined) await beginEpoch(this.#waiting, this.#parts);
      if (!await numbers.record()) throw numbers.failure;
      if (!await this.#keeper.catchUp()) return;
      if (!await ledger.flush()) throw ledger.failure;
      await this.#failure.probe(this.#disk, state.pathOf("probe.tmp"));
    } catch (error) {
      this.#failure.failed(error);
    }
  }

  /** Closes the outbox. Faces that are in memory only are lost, and recorded in the ledger. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.recover();
    for (const face of Array.from(this.#waiting.values())) {
      if (face.file === undefined) await this.evict(face.id, "only in memory when the program stopped");
    }
    await this.#parts.numbers.record();
    await this.#parts.ledger.flush();
    this.#parts.state[Symbol.dispose]();
  }

  /** Reads the state folder, and begins a new epoch where the numbers cannot continue. */
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

  /** Evicts one face to make room for another one. */
  async #evictFirst(reason: string, { inMemory = false } = {}): Promise<void> {
    const face = this.#waiting.firstToEvict({ wasSent: this.wasSent, inMemory });
    if (face) await this.evict(face.id, reason);
  }

  /** Keeps a face in memory. Returns false when it was rejected or evicted. */
  async #addInMemory(face: NewFace, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const reason = `not written: ${this.#failure.reason}`;
    if (bytes.length > this.#memory.bytes) {
      await this.reject(face.id, face.sequence, reason, face);
      return false;
    }
    const kept = await this.#keeper.numberInMemory(face, bytes);
    this.#waiting.add(kept);
    if (this.#isOverMemory() && this.#failure.isFull) {
      // Evicting a face makes space on a full disk for this one, unless another program takes it first.
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
