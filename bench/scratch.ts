/** Output folders of measured programs. */
import { filesIn } from "../lib/testing/files.ts";

/**
 * Creates folders and removes them at the end of the benchmark. ext4 does not reuse the inode of a removed file for a while
 * and skips each such inode when it creates a file. So a run after the removal of many files would take up to milliseconds
 * longer per file.
 */
export class Scratch implements AsyncDisposable {
  readonly #folders: string[] = [];

  async folder(): Promise<string> {
    const folder = await Deno.makeTempDir({ prefix: "bench-" });
    this.#folders.push(folder);
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const folder of this.#folders) await Deno.remove(folder, { recursive: true });
  }
}

/** Truncates all files in a folder: this frees their space and keeps their inodes. */
export async function emptyFiles(folder: string): Promise<void> {
  for await (const path of filesIn(folder)) await Deno.truncate(path);
}
