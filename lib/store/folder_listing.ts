/**
 * Lists and reads a folder store. The folder may be the root of a disk that other programs use too, or of a disk that is
 * unplugged. Only regular files count; links are never followed; a pipe never blocks.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { diskMessage } from "../durable_file.ts";
import { FatalError, RejectedMessageError } from "../errors.ts";
import { isSystemName } from "../face/system_names.ts";
import { DiskTimeout } from "./disk_timeout.ts";
import type { ListOptions, StoredObject } from "./store.ts";

/** Maximum size of a folder on the disk, about a million files: Deno reads a folder as a whole. */
const MAX_FOLDER_BYTES = 64 * 2 ** 20;
/** Maximum depth of folders; the saver's keys are less deep. Deeper folders are skipped. */
const MAX_DEPTH = 32;
/** Maximum number of names that are cached, for folders that do not change: about 30 MB. */
const MAX_CACHED_NAMES = 300_000;
/** Maximum number of unreadable folders that are reported. */
const MAX_REPORTED = 100;
/** How many files are examined at once. */
const BATCH = 64;
/** The resolution of a folder's modification time: a second change within it is not visible. FAT counts in 2 s. */
const FINE_TICK_MS = 20;
const COARSE_TICK_MS = 2_000;
/** A folder that changed longer ago has not changed now, although a file server's clock may differ from ours. */
const MAX_SKEW_MS = 24 * 3_600_000;

/** The names in a folder, sorted as keys: a folder's name ends in `/`. */
interface Names {
  readonly names: readonly string[];
  readonly changedMs: number;
  /** When `changedMs` was first seen: a monotonic time, since it is the time of a file server's clock. */
  readonly seenMs: number;
  /** Whether a later change has another `changedMs`. */
  readonly isFinal: boolean;
}

/** Lists and reads a folder store. */
export class FolderListing {
  readonly #cache = new Map<string, Names>();
  /** The folder itself when it last had entries. */
  #lastFull?: { readonly dev: number; readonly ino: number | null };

  readonly #timeout: DiskTimeout;
  readonly #reported = new Set<string>();

  /** @param onUnreadable called once for each folder that cannot be read. */
  constructor(
    private readonly root: string,
    private readonly onUnreadable?: (folder: string, reason: string) => void,
  ) {
    this.#timeout = new DiskTimeout(root);
  }

  /** Objects whose key begins with `prefix` and sorts after `after`, in ascending order of keys. */
  async *list(
    { prefix = "", after = "", signal, onSkipped }: ListOptions,
  ): AsyncIterable<StoredObject> {
    yield* this.#walk("", await this.#rootNames(), { prefix, after, signal, onSkipped });
  }

  /** The folders, each with its trailing `/`, and files directly below `prefix`, ascending. */
  async fewNames(
    { prefix = "", delimiter = "/" }: { prefix?: string; delimiter?: string },
  ): Promise<string[]> {
    const below = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const root = await this.#rootNames();
    const names = below === "" ? root : await this.#namesBelow(below);
    const rest = prefix.slice(below.length);
    const found: string[] = [];
    for (const name of names) {
      if (!name.startsWith(rest)) continue;
      const end = name.indexOf(delimiter, rest.length) + 1;
      const cut = below + (end > 0 ? name.slice(0, end) : name);
      if (cut !== found.at(-1)) found.push(cut);
    }
    return found;
  }

  /**
   * The bytes of a regular file in the store, or nothing when there is none. Throws a RejectedMessageError when it is
   * larger than `maxBytes`.
   */
  read(key: string, { maxBytes }: { maxBytes: number }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#open(key, (path) =>
      readRegularFile(path, (size) => {
        if (size <= maxBytes) return { from: 0, bytes: size };
        throw new RejectedMessageError(`a file of ${size} bytes: more than ${maxBytes}`);
      }));
  }

  /** The first or the last bytes of a regular file in the store; nothing when there is none. */
  readPart(
    key: string,
    { at, bytes }: { at: "start" | "end"; bytes: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#open(key, (path) =>
      readRegularFile(path, (size) => ({
        from: at === "start" ? 0 : Math.max(0, size - bytes),
        bytes: Math.min(bytes, size),
      })));
  }

  /** Reads a file whose path leads through no link below the store's folder. */
  async #open(
    key: string,
    read: (path: string) => Promise<Uint8Array<ArrayBuffer> | undefined>,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = join(this.root, key);
    try {
      return await this.#timeout.run(async () => {
        const folders = [this.root, dirname(path)].map((folder) => Deno.realPath(folder));
        const [realRoot, realFolder] = await Promise.all(folders);
        return realFolder === join(realRoot, dirname(key)) ? await read(path) : undefined;
      });
    } catch (error) {
      if (!isAbsent(error)) throw error;
      await this.#rootNames();
      return undefined;
    }
  }

  async *#walk(
    below: string,
    names: readonly string[],
    options: ListOptions & { readonly prefix: string; readonly after: string },
  ): AsyncGenerator<StoredObject> {
    const { prefix, after, signal, onSkipped } = options;
    let files: string[] = [];
    for (const name of names) {
      signal.throwIfAborted();
      const key = below + name;
      if (!name.endsWith("/")) {
        if (key > after && key.startsWith(prefix) && !key.endsWith(".tmp")) files.push(key);
        if (files.length < BATCH) continue;
      }
      yield* await this.#objects(files, onSkipped);
      files = [];
      if (!name.endsWith("/") || !mayHold(key, options)) continue;
      yield* this.#walk(key, await this.#namesBelow(key, onSkipped), options);
    }
    yield* await this.#objects(files, onSkipped);
  }

  /** The regular files among these. */
  async #objects(
    keys: readonly string[],
    onSkipped: ListOptions["onSkipped"],
  ): Promise<StoredObject[]> {
    const look = (key: string) =>
      Deno.lstat(join(this.root, key)).catch((error) => {
        // A folder that may be read but not searched gives the names of its files and nothing else.
        if (error instanceof Deno.errors.PermissionDenied) {
          this.#report(key.slice(0, key.lastIndexOf("/") + 1), error, onSkipped);
        }
      });
    const stats = await this.#timeout.run(() => Promise.all(keys.map(look)));
    return keys.flatMap((key, index) => {
      const stat = stats[index];
      return stat?.isFile ? [{ key, bytes: stat.size, writtenMs: stat.mtime?.getTime() ?? 0 }] : [];
    });
  }

  /** The names in the root folder. Throws when it is missing, or another folder than before. */
  async #rootNames(): Promise<readonly string[]> {
    let names: readonly string[];
    let stat: Deno.FileInfo;
    try {
      stat = await this.#timeout.run(() => Deno.stat(this.root));
      names = await this.#names("");
    } catch (error) {
      if (error instanceof FatalError) throw error;
      throw notRead(this.root, error);
    }
    // The mount point of an unplugged disk is an empty folder.
    if (names.length > 0) this.#lastFull = { dev: stat.dev, ino: stat.ino };
    else if (this.#lastFull && (this.#lastFull.dev !== stat.dev || this.#lastFull.ino !== stat.ino)) {
      throw new FatalError(
        `the folder "${this.root}" is another one than before, and empty`,
        "mount its disk, or restart this program",
      );
    }
    return names;
  }

  /** The names in a folder of the store; none when it cannot be read although the root can. */
  async #namesBelow(below: string, onSkipped?: ListOptions["onSkipped"]): Promise<readonly string[]> {
    try {
      return below.split("/").length > MAX_DEPTH ? [] : await this.#names(below);
    } catch (error) {
      await this.#rootNames();
      this.#report(below, error, onSkipped);
      return [];
    }
  }

  /** Reports a folder that cannot be read: once, and to each listing. */
  #report(below: string, error: unknown, onSkipped: ListOptions["onSkipped"]): void {
    onSkipped?.(below, diskMessage(error));
    if (this.#reported.has(below) || this.#reported.size >= MAX_REPORTED) return;
    this.#reported.add(below);
    this.onUnreadable?.(join(this.root, below), diskMessage(error));
  }

  async #names(below: string): Promise<readonly string[]> {
    const path = join(this.root, below);
    const look = below === "" ? Deno.stat : Deno.lstat;
    const { isDirectory, mtime, size } = await this.#timeout.run(() => look(path));
    if (!isDirectory) throw new Deno.errors.NotADirectory("it is not a folder");
    if (size > MAX_FOLDER_BYTES) throw new Error(`too many files in "${path}"`);
    const changedMs = mtime?.getTime() ?? NaN;
    const cached = this.#cache.get(below);
    this.#cache.delete(below);
    const isSame = cached?.changedMs === changedMs;
    const names = isSame && cached.isFinal
      ? cached
      : await this.#timeout.run(() => readNames(path, changedMs, isSame ? cached.seenMs : undefined));
    this.#cache.set(below, names);
    this.#shrinkCache();
    return names.names;
  }

  /** Removes the least recently used folders beyond the limit. */
  #shrinkCache(): void {
    let count = 0;
    for (const { names } of this.#cache.values()) count += names.length;
    for (const [below, { names }] of this.#cache) {
      if (count <= MAX_CACHED_NAMES) return;
      this.#cache.delete(below);
      count -= names.length;
    }
  }
}

/** The error for the store's own folder, which cannot be read. */
function notRead(folder: string, error: unknown): FatalError {
  if (error instanceof Deno.errors.NotFound) {
    return new FatalError(`there is no folder "${folder}"`, "create the folder, or mount its disk");
  }
  return new FatalError(
    `cannot read the folder "${folder}": ${diskMessage(error)}`,
    error instanceof Deno.errors.PermissionDenied
      ? "let this user read the folder and search it, with chmod u+rx or chown"
      : "give the path of a folder",
  );
}

/** Whether this folder may hold objects of the listing. */
function mayHold(folder: string, { prefix, after }: { prefix: string; after: string }): boolean {
  const fits = folder.startsWith(prefix) || prefix.startsWith(folder);
  return fits && (folder > after || after.startsWith(folder));
}

async function readNames(path: string, changedMs: number, firstSeenMs?: number): Promise<Names> {
  const readMs = performance.now();
  const seenMs = firstSeenMs ?? readMs;
  const tickMs = changedMs % 1000 === 0 ? COARSE_TICK_MS : FINE_TICK_MS;
  const isFinal = readMs > seenMs + tickMs || Date.now() > changedMs + MAX_SKEW_MS;
  const names: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(path)) {
    if ((isDirectory || isFile) && !isSystemName(name)) names.push(isDirectory ? `${name}/` : name);
  }
  return { names: names.sort(), changedMs, seenMs, isFinal };
}

/** Reads a part of a regular file, which `partOf` chooses by the file's size; nothing when it is no regular file. */
async function readRegularFile(
  path: string,
  partOf: (size: number) => { from: number; bytes: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return undefined;
    const part = partOf(stat.size);
    const bytes = new Uint8Array(part.bytes);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, part.from + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length === bytes.length ? bytes : bytes.slice(0, length);
  } finally {
    await file.close();
  }
}

/** Whether the error means that there is no regular file: nothing, a folder, a link, a socket. */
function isAbsent(error: unknown): boolean {
  const { code } = error as { code?: string };
  return error instanceof Deno.errors.NotFound ||
    ["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENXIO", "ENAMETOOLONG"].includes(code ?? "");
}
