/**
 * Space that the outbox holds back on the disk. On a full disk a face is written over a spare file, which then becomes
 * the face's file: so it survives a kill and a power cut there too.
 *
 *     STATE/spare/0 … 15    zeros
 */
import { type Disk, freeBytes } from "../durable_file.ts";
import type { StateFolder } from "./state_folder.ts";

const FOLDER = "spare";
/** A larger face is kept in memory. */
const SPARE_BYTES = 128 * 2 ** 10;
/** As many as are on their way at a time by default. */
const MAX_SPARES = 16;
/** Of the space that is free this part at most is held back. */
const MAX_PART = 1 / 8;

/** The spare files of one state folder. */
export class SpareFiles {
  #names = new Set<string>();

  constructor(private readonly state: StateFolder, private readonly disk: Disk) {}

  /** Finds the spare files of an earlier start. */
  async open(): Promise<void> {
    await this.state.folder(FOLDER);
    for await (const { name, isFile } of Deno.readDir(this.#pathOf())) {
      if (isFile && isSpare(name)) this.#names.add(name);
    }
  }

  /** Makes spare files, as far as there is space. Never throws: without them faces are kept in memory. */
  async fill(): Promise<void> {
    try {
      const space = (await freeBytes(this.state.path) + this.#names.size * SPARE_BYTES) * MAX_PART;
      const wanted = Math.min(MAX_SPARES, Math.floor(space / SPARE_BYTES));
      for (let number = 0; number < MAX_SPARES && this.#names.size < wanted; number++) {
        const name = String(number);
        if (this.#names.has(name)) continue;
        await this.disk.write(this.#pathOf(name), new Uint8Array(SPARE_BYTES));
        this.#names.add(name);
      }
    } catch {
      // The disk is full, or does not say how much is free.
    }
  }

  /** Writes a face in the space of a spare file. Returns false when there is none that is large enough. */
  async take(path: string, bytes: Uint8Array): Promise<boolean> {
    if (bytes.length > SPARE_BYTES) return false;
    for (const name of this.#names) {
      this.#names.delete(name);
      try {
        await this.disk.reuse(this.#pathOf(name), path, bytes);
        return true;
      } catch {
        // Somebody has removed it, or it was cut when a process was killed. `fill` makes another one.
      }
    }
    return false;
  }

  #pathOf(name = ""): string {
    return this.state.pathOf(FOLDER, name);
  }
}

function isSpare(name: string): boolean {
  return /^\d{1,2}$/.test(name) && Number(name) < MAX_SPARES;
}
