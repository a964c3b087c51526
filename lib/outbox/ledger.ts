/** What was given up, so that every gap in the numbers has a name: one JSON line each, flushed to disk. */

/** A face that will never be stored. */
export interface LedgerEntry {
  readonly sequence: number;
  readonly id: string;
  readonly reason: string;
}

/** An append-only file of entries. */
export class Ledger {
  #unwritten: string[] = [];
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
    try {
      const lines = this.#unwritten;
      const file = await Deno.open(this.path, { append: true, create: true });
      try {
        const bytes = new TextEncoder().encode(lines.join(""));
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
        await file.syncData();
        this.#unwritten = [];
      } finally {
        file.close();
      }
    } catch {
      // Kept in #unwritten.
    }
  }
}
