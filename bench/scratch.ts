/** Folders that programs write into while they are measured. */
import { filesIn } from "../lib/testing/files.ts";

/**
 * Removes what was written only at the end. ext4 does not give the inode of a removed file to a new one for a while and
 * steps over each such inode when it makes a file: a run that follows the removal of another one's files would pay up to
 * milliseconds for each of its own.
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

/** Cuts all files in a folder to nothing: their room is free, their inodes are not. */
export async function emptyFiles(folder: string): Promise<void> {
  for await (const path of filesIn(folder)) await Deno.truncate(path);
}
