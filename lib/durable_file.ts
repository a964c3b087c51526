/** Files that survive a crash and a power cut, created with the narrowest permissions whatever the umask is. */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "./errors.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** The ending of a file that is being written, and that a crash may leave behind. */
const TEMPORARY = ".tmp";

/** Every change that a program makes on a disk. Tests put a faulty disk in its place. */
export interface Disk {
  /** Writes a whole file, or nothing: {@link writeDurably}. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Writes over bytes of a file that exists, and flushes them. Takes no new space on most file systems. */
  overwrite(path: string, at: number, bytes: Uint8Array): Promise<void>;
  /** Turns a file into another one, of at most its size, without new space: written over, cut, flushed, renamed. */
  reuse(from: string, to: string, bytes: Uint8Array): Promise<void>;
  /** Renames a file or folder and flushes the folder. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or an empty folder. A file that does not exist is no error. */
  remove(path: string): Promise<void>;
  /** Makes a folder and its parents, readable by this user alone. A folder that exists is no error. */
  makeFolder(path: string): Promise<void>;
}

/** The disk of this machine. */
export const DISK: Disk = {
  write: writeDurably,
  async overwrite(path, at, bytes) {
    const file = await Deno.open(path, { write: true });
    try {
      await file.seek(at, Deno.SeekMode.Start);
      await writeAll(file, bytes);
      await file.syncData();
    } finally {
      file.close();
    }
  },
  async reuse(from, to, bytes) {
    const file = await Deno.open(from, { write: true });
    try {
      if ((await file.stat()).size < bytes.length) throw new Error(`"${from}" is too small`);
      await writeAll(file, bytes);
      await file.truncate(bytes.length);
      await file.syncData();
    } finally {
      file.close();
    }
    await this.rename(from, to);
  },
  async rename(from, to) {
    await Deno.rename(from, to);
    await flushFolder(to);
  },
  async remove(path) {
    await Deno.remove(path).catch(ignoreMissing);
  },
  async makeFolder(path) {
    await Deno.mkdir(path, { recursive: true, mode: FOLDER_MODE });
  },
};

/**
 * Writes a file so that after a crash or a power cut either all of it is there or nothing: a temporary file beside
 * it, its data flushed, renamed, and the folder flushed. Leaves neither file behind when it throws.
 */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = path + TEMPORARY;
  let written = temporary;
  try {
    await createFlushed(temporary, bytes);
    await Deno.rename(temporary, path);
    written = path;
    await flushFolder(path);
  } catch (error) {
    await Deno.remove(written).catch(() => {});
    throw error;
  }
}

/** Creates a file. What a crash has left in its place is removed: it would keep its permissions, a link its target. */
async function createFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const create = () => writeFlushed(path, bytes, { createNew: true, mode: FILE_MODE });
  await create().catch(async (error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    await Deno.remove(path);
    await create();
  });
}

/** Removes the temporary files that a crash has left in a folder. Never throws: they only take space. */
export async function removeTemporaries(folder: string): Promise<void> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory && name.endsWith(TEMPORARY)) await Deno.remove(`${folder}/${name}`).catch(() => {});
    }
  } catch {
    // The folder cannot be read. Whoever needs it finds that out and says so.
  }
}

/** Writes a file and makes its data, not yet its name, outlive a power cut. */
export async function writeFlushed(path: string, bytes: Uint8Array, how: Deno.OpenOptions): Promise<void> {
  const file = await Deno.open(path, { write: true, ...how });
  try {
    await writeAll(file, bytes);
    await file.syncData();
  } finally {
    file.close();
  }
}

/** Makes what was renamed and removed in the folder of `path` outlive a power cut, where the file system can do so. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await Deno.open(dirname(path), { read: true });
  try {
    await folder.sync();
  } catch (error) {
    if (!["EINVAL", "ENOTSUP", "EOPNOTSUPP"].includes(codeOf(error))) throw error; // SMB, some FUSE.
  } finally {
    folder.close();
  }
}

/** How much space this user can still take on the disk of a file or folder. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Whether a write failed for want of space, so that removing something helps. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(codeOf(error));
}

/** Whether a write failed because the disk is mounted read-only, as the kernel does with a failing one. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === "EROFS";
}

/** The error's name in errno(3), such as `ENOSPC`. */
function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}

/** What a disk says is wrong, without the path and the call, so that the same trouble is the same text. */
export function diskMessage(error: unknown): string {
  return messageOf(error).replace(/(\(os error \d+\)).*/s, "$1");
}

/** Passes over a file that does not exist. */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}
