/**
 * The record of evicted faces, so that every gap in the numbers is explained: one JSON line each, flushed to disk.
 *
 *     {"time", "epoch", "sequence", "id", "reason"}                  a face was evicted and had never been sent
 *     {"time", "epoch", "sequence", "id", "reason", "sent": true}    a face was evicted that had been sent: it may be stored
 *     {"time", "epoch", "sequence", "id", "stored": true}            the receipt of an evicted face came: it is stored
 *     {"time", "epoch", "damaged", "reason"}                         a file of the state folder was set aside
 *     {"time", "epoch", "began"}                                     a new epoch starts at this number
 *     {"time", "reason"}                                             lines were lost
 *
 * The file ends in spare line feeds. New lines overwrite them, so that they need no new space on a full disk.
 */
import { DISK, type Disk, ignoreMissing } from "../durable_file.ts";
import { RecentMap } from "../recent_map.ts";

/** A face that left the outbox without its receipt. */
export interface LedgerEntry {
  readonly epoch: string;
  readonly sequence: number;
  /** Absent when only the number is known. */
  readonly id?: string;
  readonly reason: string;
  /** The face was sent, or may have been sent: it may be stored. */
  readonly sent?: boolean;
}

type LineFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Lines in memory while the disk cannot be written; beyond it the oldest are lost, and counted. */
const MAX_UNWRITTEN = 10_000;
const LINES_AT_ONCE = 100;
/** Evicted faces that a late receipt can correct. */
const MAX_CORRECTABLE = 10_000;
/** A larger ledger is renamed to `….old`, which replaces the previous one. */
const MAX_BYTES = 64 * 2 ** 20;
/** Space for some 250 lines. It is extended again when half of it is used. */
const SPARE_BYTES = 64 * 2 ** 10;
/** How much of the end of an existing ledger is read, for late receipts. */
const TAIL_BYTES = 2 ** 20;

const LINE_FEED = "\n".charCodeAt(0);

/** An append-only file of lines. */
export class Ledger {
  readonly #unwritten: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  /** By identity; `counted` when the face was evicted since the start. */
  readonly #correctable = new RecentMap<string, { epoch: string; sequence: number; counted: boolean }>(
    MAX_CORRECTABLE,
  );
  #evictions = 0;
  #stored = 0;
  #lost = 0;
  /** Why lines could not be written. */
  failure: unknown;
  /** Size of the file after the last write, and where its lines end. */
  #size = -1;
  #end = 0;

  constructor(private readonly path: string, private readonly disk: Disk = DISK) {}

  /** How many faces were evicted since the start, without those whose receipt came later. */
  get evicted(): number {
    return this.#evictions - this.#stored;
  }

  /** How many faces were evicted since the start. */
  get evictions(): number {
    return this.#evictions;
  }

  /** Lines in memory, to be written when the disk can be. */
  get unwritten(): number {
    return this.#unwritten.length;
  }

  /** Whether the file holds no line of JSON at all. Single lines that a power cut has torn are no damage. */
  async isDamaged(): Promise<boolean> {
    const lines = (await readTail(this.path).catch(() => "")).split("\n").filter(Boolean);
    return lines.length > 0 && !lines.some(isObject);
  }

  /** Reads the entries that a late receipt may correct, and reserves space for new lines as far as the disk allows. */
  async open(): Promise<void> {
    const text = await readTail(this.path).catch(() => "");
    for (const line of text.split("\n")) this.#recall(line);
    this.#writing = this.#writing.then(() => this.#append("")).catch((error) => void (this.failure = error));
    await this.flush();
  }

  /** Records an evicted face. While the disk cannot be written the line is kept in memory. */
  async record(entry: LedgerEntry): Promise<void> {
    this.#evictions++;
    if (entry.id !== undefined) this.#remember(entry.id, { ...entry, counted: true });
    await this.note({ ...entry });
  }

  /** Records that an evicted face is stored. Returns false when no such face is known. */
  async correct(id: string): Promise<boolean> {
    const face = this.#correctable.get(id);
    if (!face) return false;
    this.#correctable.delete(id);
    if (face.counted) this.#stored++;
    await this.note({ epoch: face.epoch, sequence: face.sequence, id, stored: true });
    return true;
  }

  /** Writes any line. */
  async note(entry: LineFields): Promise<void> {
    this.#unwritten.push(line(entry));
    await this.flush();
  }

  /** Writes the lines that could not be written so far. Returns whether none is left. */
  async flush(): Promise<boolean> {
    await (this.#writing = this.#writing.then(() => this.#write()));
    return this.#unwritten.length === 0;
  }

  /** Writes lines in order until the disk fails. */
  async #write(): Promise<void> {
    try {
      if (this.#lost > 0) {
        await this.#append(line({ reason: `${this.#lost} lines did not fit in memory` }));
        this.#lost = 0;
      }
      while (this.#unwritten.length > 0) {
        const lines = this.#unwritten.slice(0, LINES_AT_ONCE);
        await this.#append(lines.join(""));
        this.#unwritten.splice(0, lines.length);
      }
    } catch (error) {
      this.failure = error;
      const tooMany = Math.max(0, this.#unwritten.length - MAX_UNWRITTEN);
      this.#unwritten.splice(0, tooMany);
      this.#lost += tooMany;
    }
  }

  /** Writes all of the lines or none: over spare line feeds, after adding some if there are too few. */
  async #append(lines: string): Promise<void> {
    const bytes = new TextEncoder().encode(lines);
    await this.#locate();
    if (this.#end > MAX_BYTES) {
      await this.disk.rename(this.path, `${this.path}.old`).catch(() => {});
      await this.#locate();
    }
    const needed = this.#end + bytes.length;
    if (this.#size - needed < SPARE_BYTES / 2) {
      await this.#extend(needed + SPARE_BYTES).catch(async () => {
        if (this.#size < needed) await this.#extend(needed); // A full disk: no new spare space.
      });
    }
    if (bytes.length === 0) return;
    await this.disk.overwrite(this.path, this.#end, bytes);
    this.#end += bytes.length;
  }

  /** Finds the end of the lines at the start, and after another program changed the file. */
  async #locate(): Promise<void> {
    const size = await sizeOf(this.path);
    if (size === undefined) {
      await this.disk.write(this.path, new Uint8Array(SPARE_BYTES).fill(LINE_FEED));
      [this.#size, this.#end] = [SPARE_BYTES, 0];
    } else if (size !== this.#size) {
      this.#end = await endOfLines(this.path, size);
      this.#size = size;
    }
  }

  /** Adds line feeds up to a size, all of them or none. */
  async #extend(size: number): Promise<void> {
    try {
      await this.disk.overwrite(this.path, this.#size, new Uint8Array(size - this.#size).fill(LINE_FEED));
      this.#size = size;
    } catch (error) {
      await Deno.truncate(this.path, this.#size).catch(() => this.#size = -1);
      throw error;
    }
  }

  /** Takes in a line of an earlier start. A damaged line is ignored. */
  #recall(line: string): void {
    try {
      const { epoch, sequence, id, reason, stored } = JSON.parse(line);
      if (stored) this.#correctable.delete(id);
      else if (typeof id === "string" && typeof reason === "string") {
        this.#remember(id, { epoch, sequence, counted: false });
      }
    } catch {
      // Damaged.
    }
  }

  #remember(id: string, face: { epoch: string; sequence: number; counted: boolean }): void {
    this.#correctable.set(id, { epoch: face.epoch, sequence: face.sequence, counted: face.counted });
  }
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

function line(entry: LineFields): string {
  return JSON.stringify({ time: new Date().toISOString(), ...entry }) + "\n";
}

/** The size of a file; nothing when there is none. Throws for anything else: opening a pipe could block without limit. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new Error(`"${path}" is not a file`);
    return size;
  } catch (error) {
    return ignoreMissing(error) as undefined;
  }
}

/** The last lines of a file. */
async function readTail(path: string): Promise<string> {
  if (!await sizeOf(path)) return "";
  const file = await Deno.open(path, { read: true });
  try {
    const end = await lastByte(file, (await file.stat()).size) + 1;
    const bytes = new Uint8Array(Math.min(TAIL_BYTES, end));
    await readAt(file, end - bytes.length, bytes);
    return new TextDecoder().decode(bytes);
  } finally {
    file.close();
  }
}

/** The offset of the next line: after the last line and its line feed, also where a power cut has torn that off. */
async function endOfLines(path: string, size: number): Promise<number> {
  const file = await Deno.open(path, { read: true });
  try {
    const last = await lastByte(file, size);
    return last < 0 ? 0 : last + 2;
  } finally {
    file.close();
  }
}

/** The offset of the last byte that is not a line feed; -1 when there is none. */
async function lastByte(file: Deno.FsFile, size: number): Promise<number> {
  const block = new Uint8Array(SPARE_BYTES);
  for (let end = size; end > 0; end -= block.length) {
    const start = Math.max(0, end - block.length);
    const part = block.subarray(0, end - start);
    await readAt(file, start, part);
    const at = part.findLastIndex((byte) => byte !== LINE_FEED);
    if (at >= 0) return start + at;
  }
  return -1;
}

async function readAt(file: Deno.FsFile, at: number, into: Uint8Array): Promise<void> {
  await file.seek(at, Deno.SeekMode.Start);
  for (let got = 0; got < into.length;) {
    const read = await file.read(into.subarray(got));
    if (read === null) return;
    got += read;
  }
}
