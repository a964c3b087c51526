/**
 * A folder of files that may be lost: everything in it can be made again. Its size is limited; beyond the limit the files
 * that were used longest ago are removed. No method throws: a disk that fails or is full makes the gallery slower.
 */
import { join } from "node:path";
import { diskMessage, removeTemporaries } from "../durable_file.ts";

/** Maximum number of files, besides their bytes. */
const MAX_FILES = 100_000;

/** Options of {@link CacheFolder}. */
export interface CacheOptions {
  readonly maxBytes: number;
  /** Called with the reason when a write fails, once until a write succeeds. */
  readonly onFailure?: (reason: string) => void;
}

/** The files of one folder, by name. */
export class CacheFolder {
  /** Sizes by name, those used longest ago first. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #opened?: Promise<void>;
  #hasFailed = false;
  readonly #temporaries = `.${crypto.randomUUID().slice(0, 8)}.tmp`;

  constructor(private readonly path: string, private readonly options: CacheOptions) {}

  /** The size of all files in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes of a file; undefined when there is none. */
  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    await this.#open();
    if (!this.#sizes.has(name)) return undefined;
    try {
      const bytes = await Deno.readFile(join(this.path, name));
      this.#note(name, bytes.length);
      return bytes;
    } catch {
      this.#forget(name);
      return undefined;
    }
  }

  /** A file as a stream; undefined when there is none. */
  async stream(name: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
    await this.#open();
    if (!this.#sizes.has(name)) return undefined;
    try {
      return (await Deno.open(join(this.path, name))).readable;
    } catch {
      this.#forget(name);
      return undefined;
    }
  }

  /** Writes a file, whole or not at all. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.options.maxBytes) return;
    await this.#open();
    const temporary = join(this.path, name + this.#temporaries);
    await this.#try(async () => {
      await Deno.writeFile(temporary, bytes, { mode: 0o600 });
      await Deno.rename(temporary, join(this.path, name));
      this.#note(name, bytes.length);
    });
  }

  /** Adds bytes to the end of a file, which is created if needed. */
  async append(name: string, bytes: Uint8Array): Promise<void> {
    await this.#open();
    await this.#try(async () => {
      await Deno.writeFile(join(this.path, name), bytes, { mode: 0o600, append: true });
      this.#note(name, (this.#sizes.get(name) ?? 0) + bytes.length);
    });
  }

  async remove(name: string): Promise<void> {
    await this.#open();
    this.#forget(name);
    await Deno.remove(join(this.path, name)).catch(() => {});
  }

  /** Reads the names once. A folder that is missing is created by the first write. */
  #open(): Promise<void> {
    return this.#opened ??= this.#list().catch(() => {});
  }

  async #list(): Promise<void> {
    await removeTemporaries(this.path);
    const found: { name: string; size: number; usedMs: number }[] = [];
    for await (const { name, isFile } of Deno.readDir(this.path)) {
      if (!isFile) continue;
      const { size, mtime } = await Deno.lstat(join(this.path, name));
      found.push({ name, size, usedMs: mtime?.getTime() ?? 0 });
    }
    for (const { name, size } of found.sort((a, b) => a.usedMs - b.usedMs)) this.#note(name, size);
  }

  async #try(write: () => Promise<void>): Promise<void> {
    try {
      await write().catch(async (error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
        await write();
      });
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.options.onFailure?.(diskMessage(error));
      this.#hasFailed = true;
    }
  }

  /** Records the use of a file, and removes others beyond the limits. */
  #note(name: string, size: number): void {
    this.#forget(name);
    this.#sizes.set(name, size);
    this.#bytes += size;
    for (const oldest of this.#sizes.keys()) {
      if (this.#bytes <= this.options.maxBytes && this.#sizes.size <= MAX_FILES) return;
      this.#forget(oldest);
      void Deno.remove(join(this.path, oldest)).catch(() => {});
    }
  }

  #forget(name: string): void {
    this.#bytes -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
  }
}
