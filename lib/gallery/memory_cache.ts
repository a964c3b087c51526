/** Bytes by name in memory, up to a limit; beyond it those that were used longest ago are forgotten. */

/** Keeps small files: in memory, or in a folder (cache_folder.ts). */
export interface ByteCache {
  /** The bytes of a name; undefined when there are none. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

/** A cache that ends with the program. */
export class MemoryCache implements ByteCache {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  #bytes = 0;

  constructor(private readonly options: { readonly maxBytes: number }) {}

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = this.#files.get(name);
    if (bytes) await this.write(name, bytes); // It is the last one to be forgotten now.
    return bytes;
  }

  async remove(name: string): Promise<void> {
    this.#bytes -= this.#files.get(name)?.length ?? 0;
    this.#files.delete(name);
  }

  async write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#bytes += bytes.length - (this.#files.get(name)?.length ?? 0);
    this.#files.delete(name);
    this.#files.set(name, bytes);
    for (const [oldest, { length }] of this.#files) {
      if (this.#bytes <= this.options.maxBytes) return;
      this.#files.delete(oldest);
      this.#bytes -= length;
    }
  }
}
