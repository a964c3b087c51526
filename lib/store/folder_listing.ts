/**
 * What is in a folder store, read with care: such a folder may be the root of a disk that others use too, or of one that
 * is pulled out. Only regular files count; links are never followed; a FIFO is never waited for.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FatalError, messageOf, RejectedMessageError } from "../errors.ts";
import { isSystemName } from "../face/system_names.ts";
import { DiskAnswers } from "./disk_answers.ts";
import type { StoredObject } from "./store.ts";

/** Deno reads a folder as a whole, so its size on the disk limits what that takes: this is about a million files. */
const MAX_FOLDER_BYTES = 64 * 2 ** 20;
/** No path that the saver makes is as deep. */
const MAX_DEPTH = 32;
/** Names of folders that did not change are kept, up to so many in all: about 30 MB. */
const MAX_KEPT_NAMES = 300_000;
/** What Deno adds to what the system says, which is not for users of a program. */
const ADVICE = /, run again|: (?:stat|lstat|readdir) /;
/** At most so many unreadable folders are reported. */
const MAX_TOLD = 100;
/** How many files are examined at once. */
const BATCH = 64;
/** A change so soon after another may not show in a folder's time of change; on FAT, which counts by twos, later. */
const FINE_TICK_MS = 20;
const COARSE_TICK_MS = 2_000;

/** The names in a folder as they sort as keys: a folder's ends in `/`. */
interface Names {
  readonly names: readonly string[];
  readonly changedMs: number;
  readonly readMs: number;
}

/** Lists and reads a folder store. */
export class FolderListing {
  readonly #kept = new Map<string, Names>();
  /** The folder itself when it last held anything. */
  #full?: { readonly dev: number; readonly ino: number | null };

  readonly #answers: DiskAnswers;

  readonly #told = new Set<string>();

  /** @param onPassedOver is told once of a folder that cannot be read. */
  constructor(
    private readonly root: string,
    private readonly onPassedOver?: (folder: string, reason: string) => void,
  ) {
    this.#answers = new DiskAnswers(root);
  }

  /** Objects whose key begins with `prefix` and sorts after `after`, in ascending order of keys. */
  async *list(
    { prefix = "", after = "", signal }: { prefix?: string; after?: string; signal: AbortSignal },
  ): AsyncIterable<StoredObject> {
    yield* this.#walk("", await this.#rootNames(), { prefix, after, signal });
  }

  /** The folders directly below `prefix`, each with its trailing `/`, ascending. */
  async folders(options: { prefix?: string }): Promise<string[]> {
    return (await this.names(options)).filter((name) => name.endsWith("/"));
  }

  /** The folders, each with its trailing `/`, and files directly below `prefix`, ascending. */
  async names({ prefix = "" }: { prefix?: string }): Promise<string[]> {
    const below = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const root = await this.#rootNames();
    const names = below === "" ? root : await this.#namesBelow(below);
    return names.map((name) => below + name).filter((name) => name.startsWith(prefix));
  }

  /**
   * The bytes of a regular file in the folder itself, or nothing when there is none. Throws a RejectedMessageError when it is larger
   * than `maxBytes`.
   */
  async read(key: string, { maxBytes }: { maxBytes: number }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = join(this.root, key);
    try {
      return await this.#answers.of(async () => {
        const folders = [this.root, dirname(path)].map((folder) => Deno.realPath(folder));
        const [realRoot, realFolder] = await Promise.all(folders);
        if (realFolder !== join(realRoot, dirname(key))) return undefined; // a link led elsewhere
        return await readRegularFile(path, maxBytes);
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
    options: { prefix: string; after: string; signal: AbortSignal },
  ): AsyncGenerator<StoredObject> {
    const { prefix, after, signal } = options;
    let files: string[] = [];
    for (const name of names) {
      signal.throwIfAborted();
      const key = below + name;
      if (!name.endsWith("/")) {
        if (key > after && key.startsWith(prefix) && !key.endsWith(".tmp")) files.push(key);
        if (files.length < BATCH) continue;
      }
      yield* await this.#objects(files);
      files = [];
      if (!name.endsWith("/") || !mayHold(key, options)) continue;
      yield* this.#walk(key, await this.#namesBelow(key), options);
    }
    yield* await this.#objects(files);
  }

  /** The regular files among these. */
  async #objects(keys: readonly string[]): Promise<StoredObject[]> {
    const look = (key: string) => Deno.lstat(join(this.root, key)).catch(() => undefined);
    const stats = await this.#answers.of(() => Promise.all(keys.map(look)));
    return keys.flatMap((key, index) => {
      const stat = stats[index];
      return stat?.isFile ? [{ key, bytes: stat.size, writtenMs: stat.mtime?.getTime() ?? 0 }] : [];
    });
  }

  /** The names in the store's own folder. Throws when that is not there, or not the one that it was. */
  async #rootNames(): Promise<readonly string[]> {
    let names: readonly string[];
    let stat: Deno.FileInfo;
    try {
      stat = await this.#answers.of(() => Deno.stat(this.root));
      names = await this.#names("");
    } catch (error) {
      if (error instanceof FatalError) throw error;
      const missing = error instanceof Deno.errors.NotFound;
      throw new FatalError(
        missing
          ? `there is no folder "${this.root}"`
          : `cannot read the folder "${this.root}": ${messageOf(error).split(ADVICE)[0]}`,
        missing
          ? "make the folder, or mount the disk that it is on"
          : "give this program the right to read it",
      );
    }
    // The bare mount point of a disk that was pulled out is a folder too, and empty.
    if (names.length > 0) this.#full = { dev: stat.dev, ino: stat.ino };
    else if (this.#full && (this.#full.dev !== stat.dev || this.#full.ino !== stat.ino)) {
      throw new FatalError(
        `the folder "${this.root}" is another one than before, and empty`,
        "mount the disk that it was on, or start this program again",
      );
    }
    return names;
  }

  /** The names in a folder of the store; none when it cannot be read while the store itself can. */
  async #namesBelow(below: string): Promise<readonly string[]> {
    try {
      return below.split("/").length > MAX_DEPTH ? [] : await this.#names(below);
    } catch (error) {
      await this.#rootNames();
      if (!this.#told.has(below) && this.#told.size < MAX_TOLD) {
        this.#told.add(below);
        this.onPassedOver?.(join(this.root, below), messageOf(error).split(ADVICE)[0]);
      }
      return [];
    }
  }

  async #names(below: string): Promise<readonly string[]> {
    const path = join(this.root, below);
    const look = below === "" ? Deno.stat : Deno.lstat;
    const { isDirectory, mtime, size } = await this.#answers.of(() => look(path));
    if (!isDirectory) throw new Deno.errors.NotADirectory(`"${path}" is no folder`);
    if (size > MAX_FOLDER_BYTES) throw new Error(`too many files in "${path}"`);
    const changedMs = mtime?.getTime() ?? NaN;
    const kept = this.#kept.get(below);
    this.#kept.delete(below);
    const tickMs = changedMs % 1000 === 0 ? COARSE_TICK_MS : FINE_TICK_MS;
    const isSame = kept?.changedMs === changedMs && kept.readMs > changedMs + tickMs;
    const names = isSame ? kept : await this.#answers.of(() => readNames(path, changedMs));
    this.#kept.set(below, names);
    this.#forget();
    return names.names;
  }

  /** Lets go of what was not asked for the longest. */
  #forget(): void {
    let count = 0;
    for (const { names } of this.#kept.values()) count += names.length;
    for (const [below, { names }] of this.#kept) {
      if (count <= MAX_KEPT_NAMES) return;
      this.#kept.delete(below);
      count -= names.length;
    }
  }
}

/** Whether objects that are asked for may be in this folder. */
function mayHold(folder: string, { prefix, after }: { prefix: string; after: string }): boolean {
  const fits = folder.startsWith(prefix) || prefix.startsWith(folder);
  return fits && (folder > after || after.startsWith(folder));
}

async function readNames(path: string, changedMs: number): Promise<Names> {
  const readMs = Date.now();
  const names: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(path)) {
    if ((isDirectory || isFile) && !isSystemName(name)) names.push(isDirectory ? `${name}/` : name);
  }
  return { names: names.sort(), changedMs, readMs };
}

async function readRegularFile(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return undefined;
    if (stat.size > maxBytes) {
      throw new RejectedMessageError(`a file of ${stat.size} bytes: more than ${maxBytes}`);
    }
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length === bytes.length ? bytes : bytes.slice(0, length);
  } finally {
    await file.close();
  }
}

/** No such file, no such folder, a folder, a link, or something that cannot be opened for reading, such as a socket. */
function isAbsent(error: unknown): boolean {
  const { code } = error as { code?: string };
  return error instanceof Deno.errors.NotFound ||
    ["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENXIO", "ENAMETOOLONG"].includes(code ?? "");
}
