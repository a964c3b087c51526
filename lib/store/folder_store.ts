/** A store in a folder. Metadata is not kept apart: it is in the pictures. */
import { dirname, join } from "node:path";
import { diskMessage, flushFolder, writeFlushed } from "../durable_file.ts";
import { ConfigError, messageOf, RejectedMessageError } from "../errors.ts";
import { FolderListing } from "./folder_listing.ts";
import { MAX_OBJECT_BYTES, type ObjectInfo, type Store, type StoredObject, StoreError } from "./store.ts";

/** What a folder store can be told. */
export interface FolderOptions {
  /** Told once of each folder in it that cannot be read. */
  readonly onPassedOver?: (folder: string, reason: string) => void;
}

const NO_FACTS: ObjectInfo = { contentType: "text/plain", metadata: {} };

/** Opens the store in `folder`, which is made when the first object is written. */
export function openFolderStore(folder: string, options: FolderOptions = {}): Store {
  return new FolderStore(folder, options);
}

/** Our temporary files, whichever process left them. */
const TEMPORARY = /\.(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|lock)\.tmp$/;

class FolderStore implements Store {
  /** Whether the folder was there: when it is gone later, a disk was unplugged. */
  #wasThere = false;
  /** Whether a file can have two names here; exFAT, FAT and many network shares cannot. */
  #canLink = true;

  readonly #listing: FolderListing;

  constructor(readonly name: string, { onPassedOver }: FolderOptions) {
    this.#listing = new FolderListing(name, onPassedOver);
  }

  async check(_options: { signal: AbortSignal }): Promise<void> {
    try {
      await Deno.mkdir(this.name, { recursive: true, mode: 0o700 });
    } catch (error) {
      // Deno adds advice of its own, which is not for users of a program.
      const reason = messageOf(error).split(/, run again|: mkdir/)[0];
      throw new ConfigError(
        `cannot store in the folder "${this.name}": ${reason}`,
        "give the path of a folder",
      );
    }
    this.#wasThere = true;
    await removeTemporaries(this.name);
  }

  async tryOut(options: { signal: AbortSignal }): Promise<void> {
    const key = ".haarlem-trial";
    await this.put(key, new TextEncoder().encode("Haarlem was here.\n"), NO_FACTS, options);
    await Deno.remove(join(this.name, key)).catch(() => {});
  }

  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    _facts: ObjectInfo,
    { ifAbsent = false }: { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<boolean> {
    const path = join(this.name, key);
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      await this.#writeNew(temporary, bytes);
      if (!ifAbsent) await Deno.rename(temporary, path);
      else if (!await this.#isNamed(temporary, path)) return false;
      await flushed(path);
      return true;
    } catch (error) {
      throw explained(error, this.name, key);
    } finally {
      await Deno.remove(temporary).catch(() => {});
    }
  }

  async size(key: string, _options: { signal: AbortSignal }): Promise<number | undefined> {
    try {
      const { isFile, size } = await Deno.stat(join(this.name, key));
      return isFile ? size : 0; // A folder has this name: it is taken.
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw explained(error, this.name, key);
    }
  }

  get(
    key: string,
    { maxBytes = MAX_OBJECT_BYTES }: { signal: AbortSignal; maxBytes?: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#listing.read(key, { maxBytes });
  }

  list(options: { prefix?: string; after?: string; signal: AbortSignal }): AsyncIterable<StoredObject> {
    return this.#listing.list(options);
  }

  folders(options: { prefix?: string; signal: AbortSignal }): Promise<string[]> {
    return this.#listing.folders(options);
  }

  fewNames(options: { prefix?: string; signal: AbortSignal }): Promise<string[]> {
    return this.#listing.names(options);
  }

  /** Gives a complete file its name, unless that name is taken: then it is false. */
  async #isNamed(file: string, name: string): Promise<boolean> {
    if (this.#canLink) {
      try {
        return await isLinked(file, name);
      } catch (error) {
        if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(codeOf(error))) throw error;
        this.#canLink = false;
      }
    }
    return await isRenamed(file, name);
  }

  /** Writes a file that is not there yet; its folder may not be there either, but mostly is. */
  async #writeNew(path: string, bytes: Uint8Array): Promise<void> {
    const write = () => writeFlushed(path, bytes, { createNew: true, mode: 0o600 });
    try {
      await write();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (this.#wasThere && !await isThere(this.name)) {
        throw new StoreError(`the folder "${this.name}" is gone`, "store", "ENOENT");
      }
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await write();
    }
    this.#wasThere = true;
  }
}

/** Gives a file a second name, unless that name is taken: then it is false. */
async function isLinked(file: string, name: string): Promise<boolean> {
  try {
    await Deno.link(file, name);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** The same, in a store where a file cannot have two names: whoever makes the lock file may look and rename. */
async function isRenamed(file: string, name: string): Promise<boolean> {
  const lock = `${name}.lock.tmp`;
  (await Deno.open(lock, { write: true, createNew: true, mode: 0o600 })).close();
  try {
    if (await isThere(name)) return false;
    await Deno.rename(file, name);
    return true;
  } finally {
    await Deno.remove(lock);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Makes a new name outlive a power cut, where the file system has a way to. */
async function flushed(path: string): Promise<void> {
  await flushFolder(path).catch((error) => {
    if (!["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"].includes(codeOf(error))) throw error;
  });
}

/** Clears away what processes that were killed have left. One that still writes finds out, and writes again. */
async function removeTemporaries(folder: string): Promise<void> {
  try {
    for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await removeTemporaries(path);
      else if (isFile && TEMPORARY.test(name)) await Deno.remove(path).catch(() => {});
    }
  } catch {
    // A folder that is not ours to read holds nothing of ours.
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? "";
}

/** What the file system says, and whether it says it of the store or of this one name. */
function explained(error: unknown, folder: string, key: string): Error {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  // Deno adds the path, which may be that of a temporary file.
  const reason = diskMessage(error);
  const ofKey = `cannot write "${key}" in the folder "${folder}": ${reason}`;
  if (code === "ENAMETOOLONG") return new RejectedMessageError(ofKey);
  if (["EINVAL", "EISDIR", "ENOTDIR", "EFBIG", "EILSEQ"].includes(code)) {
    return new StoreError(ofKey, "object", code);
  }
  return new StoreError(
    `cannot write in the folder "${folder}": ${reason}`,
    "store",
    code || (error as Error).name,
    undefined,
    error,
  );
}
