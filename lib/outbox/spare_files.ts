/**
 * Reserved disk space. On a full disk a face is written over a spare file, which then becomes the face's file, so that
 * the face survives a kill and a power cut on a full disk too.
 *
 *     STATE/spare/0 … 15    zeros
 */
import { type Disk, freeBytes } from "../durable_file.ts";
import type { StateFolder } from "./state_folder.ts";

const FOLDER = "spare";
/** A larger face stays in memory while the disk is full. */
const SPARE_BYTES = 128 * 2 ** 10;
/** The default limit of faces in flight. */
const MAX_SPARES = 16;
/** Maximum part of the free space that is reserved. */
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

  /** Writes spare files, as far as there is space. Never throws: without spare files faces stay in memory. */
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
      // The disk is full, or its free space is unknown.
    }
  }

  /** Writes a face over a spare file. Returns false when no spare file is large enough. */
  async take(path: string, bytes: Uint8Array): Promise<boolean> {
    if (bytes.length > SPARE_BYTES) return false;
    for (const name of this.#names) {
      this.#names.delete(name);
      try {
        await this.disk.reuse(this.#pathOf(name), path, bytes);
        return true;
      } catch {
        // Removed by another program, or truncated by a kill. `fill` writes a new one.
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
