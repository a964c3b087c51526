/** What was given up, so that every gap in the numbers has a name: one JSON line each, flushed to disk. */

/** A face that will never be stored. */
export interface LedgerEntry {
  readonly sequence: number;
  readonly id: string;
  readonly reason: string;
}

/** More entries than this are not kept in memory while the disk is full; the oldest ones are lost then. */
const MAX_UNWRITTEN = 10_000;

/** A ledger larger than this is put aside as `….old`, in the place of the one before. */
const MAX_BYTES = 64 * 2 ** 20;

/** An append-only file of entries. */
export class Ledger {
  #unwritten: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #entries = 0;

  constructor(private readonly path: string, private readonly epoch: string) {}

  /** How many entries were made since the start. */
  get entries(): number {
    return this.#entries;
  }

  /** Writes an entry down. On a full disk it is kept in memory and written with the next one. */
  async record(entry: LedgerEntry): Promise<void> {
    this.#entries++;
    this.#unwritten.push(
      JSON.stringify({ time: new Date().toISOString(), epoch: this.epoch, ...entry }) + "\n",
    );
    await this.flush();
  }

  /** Writes down what a full disk has kept back, as far as it can. */
  async flush(): Promise<void> {
    await (this.#writing = this.#writing.then(() => this.#write()));
  }

  async #write(): Promise<void> {
    const lines = this.#unwritten;
    if (lines.length === 0) return;
    this.#unwritten = [];
    try {
      await append(this.path, lines.join(""));
    } catch {
      this.#unwritten = [...lines, ...this.#unwritten].slice(-MAX_UNWRITTEN);
    }
  }
}

/** Appends lines, all of them or nothing, and on a line of their own whatever a power cut has left before them. */
async function append(path: string, lines: string): Promise<void> {
  const { size: present } = await Deno.stat(path).catch(() => ({ size: 0 }));
  if (present > MAX_BYTES) await Deno.rename(path, `${path}.old`);
  const file = await Deno.open(path, { read: true, append: true, create: true, mode: 0o600 });
  try {
    const size = await file.seek(0, Deno.SeekMode.End);
    const last = new Uint8Array(1);
    if (size > 0) {
      await file.seek(-1, Deno.SeekMode.End);
      await file.read(last);
    }
    const torn = size > 0 && last[0] !== "\n".charCodeAt(0);
    const bytes = new TextEncoder().encode((torn ? "\n" : "") + lines);
    try {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.syncData();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
  } finally {
    file.close();
  }
}
