/** A store in a folder. Metadata of an object is not stored: it is in the picture. */
import { dirname, join } from "node:path";
import { diskMessage, flushFolder, writeFlushed } from "../durable_file.ts";
import { ConfigError, RejectedMessageError } from "../errors.ts";
import { printable } from "../printable.ts";
import { FolderListing } from "./folder_listing.ts";
import {
  type ListOptions,
  MAX_OBJECT_BYTES,
  type ObjectInfo,
  type PartOptions,
  type Store,
  type StoredObject,
  StoreError,
  TRIAL,
} from "./store.ts";

/** Options of a folder store. */
export interface FolderOptions {
  /** Called once for each folder in it that cannot be read. */
  readonly onUnreadable?: (folder: string, reason: string) => void;
  /** Gives the store its `delete`. */
  readonly mayDelete?: boolean;
}

/** Opens the store in `folder`, which is created with the first object. */
export function openFolderStore(folder: string, options: FolderOptions = {}): Store {
  return new FolderStore(folder, options);
}

/** Names of the temporary files of this store. */
const TEMPORARY = /\.(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|lock)\.tmp$/;

class FolderStore implements Store {
  /** Whether the folder existed: when it is missing later, a disk was unplugged. */
  #existed = false;
  /** Whether the file system has hard links; exFAT, FAT and many network shares have none. */
  #canLink = true;

  readonly #listing: FolderListing;
  readonly delete?: Store["delete"];

  constructor(readonly name: string, { onUnreadable, mayDelete }: FolderOptions) {
    this.#listing = new FolderListing(name, onUnreadable);
    if (mayDelete) this.delete = (key) => this.#delete(key);
  }

  async check(options: { signal: AbortSignal }): Promise<void> {
    try {
      await Deno.mkdir(this.name, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw notCreated(this.name, error);
    }
    this.#existed = true;
    await removeTemporaries(this.name);
    await this.tryOut(options);
  }

  async tryOut(options: { signal: AbortSignal }): Promise<void> {
    await this.put(TRIAL.key, TRIAL.bytes, TRIAL.info, options);
    await Deno.remove(join(this.name, TRIAL.key)).catch(() => {});
  }

  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    _info: ObjectInfo,
    { ifAbsent = false }: { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<boolean> {
    const path = join(this.name, key);
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      await this.#writeNew(temporary, bytes);
      if (!ifAbsent) await Deno.rename(temporary, path);
      else if (!await this.#claimName(temporary, path)) return false;
      await flushFolder(path);
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
      return isFile ? size : 0; // A folder with this name: the key is taken.
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

  part(key: string, options: PartOptions): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#listing.readPart(key, options);
  }

  list(options: ListOptions): AsyncIterable<StoredObject> {
    return this.#listing.list(options);
  }

  fewNames(options: { prefix?: string; delimiter?: string; signal: AbortSignal }): Promise<string[]> {
    return this.#listing.fewNames(options);
  }

  async #delete(key: string): Promise<void> {
    const path = join(this.name, key);
    try {
      // Deno.remove() would also remove an empty folder or a link, and what a link leads to is not of this store.
      const [root, folder] = await Promise.all([this.name, dirname(path)].map((name) => Deno.realPath(name)));
      const isBelow = folder === join(root, dirname(key)) && `${folder}/`.startsWith(`${root}/`);
      if (!isBelow || !(await Deno.lstat(path)).isFile) {
        throw new StoreError(`"${key}" is no file of the folder "${this.name}"`, "object", "EISDIR");
      }
      await Deno.remove(path);
      await flushFolder(path);
      await removeEmpty(folder, root);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound && await exists(this.name)) return;
      if (error instanceof Deno.errors.PermissionDenied) {
        throw new StoreError(`not allowed to delete in the folder "${this.name}"`, "store", "EACCES", 403);
      }
      throw explained(error, this.name, key);
    }
  }

  /** Gives a complete file its final name. Returns false when the name is taken. */
  async #claimName(file: string, name: string): Promise<boolean> {
    if (this.#canLink) {
      try {
        return await link(file, name);
      } catch (error) {
        if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(codeOf(error))) throw error;
        this.#canLink = false;
      }
    }
    return await renameLocked(file, name);
  }

  /** Writes a new file. Its folder may be missing, but mostly exists. */
  async #writeNew(path: string, bytes: Uint8Array): Promise<void> {
    const write = () => writeFlushed(path, bytes, { createNew: true, mode: 0o600 });
    try {
      await write();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (this.#existed && !await exists(this.name)) {
        throw new StoreError(`the folder "${this.name}" is gone`, "store", "ENOENT");
      }
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await write();
    }
    this.#existed = true;
  }
}

/** Gives a file a second name. Returns false when the name is taken. */
async function link(file: string, name: string): Promise<boolean> {
  try {
    await Deno.link(file, name);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** Renames a file where there are no hard links, under a lock file. Returns false when the name is taken. */
async function renameLocked(file: string, name: string): Promise<boolean> {
  const lock = `${name}.lock.tmp`;
  (await Deno.open(lock, { write: true, createNew: true, mode: 0o600 })).close();
  try {
    if (await exists(name)) return false;
    await Deno.rename(file, name);
    return true;
  } finally {
    await Deno.remove(lock);
  }
}

/** Removes a folder and those above it, up to `root`, where they are empty: as in a bucket, a folder ends with its last object. */
async function removeEmpty(folder: string, root: string): Promise<void> {
  for (let path = folder; path !== root; path = dirname(path)) {
    const isRemoved = await Deno.remove(path).then(() => true, () => false);
    if (!isRemoved) return;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes the temporary files of killed processes. A process that is still writing one writes it again. */
async function removeTemporaries(folder: string): Promise<void> {
  try {
    for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await removeTemporaries(path);
      else if (isFile && TEMPORARY.test(name)) await Deno.remove(path).catch(() => {});
    }
  } catch {
    // A folder that cannot be read has no temporary files of this store.
  }
}

/** The error for a folder that does not exist and cannot be created. */
function notCreated(folder: string, error: unknown): ConfigError {
  const [reason, hint] = error instanceof Deno.errors.AlreadyExists
    ? ["it is not a folder", "give the path of a folder"]
    : error instanceof Deno.errors.PermissionDenied
    ? [
      diskMessage(error),
      "create the folder as root and give it to this user with chown, or give another folder",
    ]
    : [diskMessage(error), "give the path of a folder"];
  return new ConfigError(`cannot store in the folder "${printable(folder)}": ${reason}`, hint);
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? "";
}

/** An error of the file system as an error of the store or of this one object. */
function explained(error: unknown, folder: string, key: string): Error {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  // Without the path, which may be that of a temporary file.
  const reason = diskMessage(error);
  const ofKey = `cannot write "${key}" in the folder "${folder}": ${reason}`;
  if (code === "ENAMETOOLONG") return new RejectedMessageError(ofKey, "store");
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
