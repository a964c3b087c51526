/** Files that survive a crash and a power cut, created with the narrowest permissions whatever the umask is. */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "./errors.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** Suffix of a file while it is written. A crash may leave such a file behind. */
const TEMPORARY = ".tmp";

/** Every operation that changes a disk. Tests replace it by a faulty disk. Each method rejects with the system's error. */
export interface Disk {
  /** Writes a whole file or nothing: see {@link writeDurably}. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes of an existing file from offset `at` and flushes them. Most file systems need no new space. */
  overwrite(path: string, at: number, bytes: Uint8Array): Promise<void>;
  /**
   * Replaces `to` by `from` with new content, without new space: overwrites, truncates, flushes, renames. Rejects when
   * `from` is smaller than `bytes`.
   */
  reuse(from: string, to: string, bytes: Uint8Array): Promise<void>;
  /** Renames a file or folder, replacing `to`, and flushes the folder of `to`. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or an empty folder. A missing file is no error. */
  remove(path: string): Promise<void>;
  /** Makes a folder and its parents with mode 0700. An existing folder is no error. */
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
 * Writes a file with mode 0600 so that a crash or a power cut leaves either all of it or nothing: writes a temporary
 * file beside it, flushes the data, renames the file and flushes the folder. Leaves neither file behind when it throws.
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

/**
 * Creates a file. A leftover of a crash is removed first: an existing file would keep its permissions, and a link would
 * redirect the write.
 */
async function createFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const create = () => writeFlushed(path, bytes, { createNew: true, mode: FILE_MODE });
  await create().catch(async (error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    await Deno.remove(path);
    await create();
  });
}

/** Removes the temporary files that a crash left in a folder. Never throws: they only take space. */
export async function removeTemporaries(folder: string): Promise<void> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory && name.endsWith(TEMPORARY)) await Deno.remove(`${folder}/${name}`).catch(() => {});
    }
  } catch {
    // The folder cannot be read. The next operation that needs it reports this.
  }
}

/** Writes a file and flushes its data. Its name survives a power cut only after {@link flushFolder}. */
export async function writeFlushed(path: string, bytes: Uint8Array, how: Deno.OpenOptions): Promise<void> {
  const file = await Deno.open(path, { write: true, ...how });
  try {
    await writeAll(file, bytes);
    await file.syncData();
  } finally {
    file.close();
  }
}

/**
 * Flushes the folder of `path`, so that renames and removals in it survive a power cut. Does nothing where the file system
 * does not support it.
 */
export async function flushFolder(path: string): Promise<void> {
  const folder = await Deno.open(dirname(path), { read: true });
  try {
    await folder.sync();
  } catch (error) {
    if (!["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"].includes(codeOf(error))) throw error; // SMB, some FUSE.
  } finally {
    folder.close();
  }
}

/** The free space for this user on the disk of a file or folder, in bytes. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Whether a write failed for lack of space or quota, so that removing a file helps. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(codeOf(error));
}

/** Whether a write failed because the disk is mounted read-only. The kernel remounts a failing disk that way. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === "EROFS";
}

/** The error's name in errno(3), such as `ENOSPC`. */
function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}

/**
 * The message of a disk error without path and call, so that one fault always has one text. Without Deno's advice about
 * its flags, which the users of a program cannot set.
 */
export function diskMessage(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "Deno denies programs access to it";
  return messageOf(error).replace(/(\(os error \d+\)).*/s, "$1");
}

/** Throws every error except that of a missing file. */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}
