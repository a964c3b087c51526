/** A store in a folder. Metadata is not kept apart: it is in the pictures. */
import { dirname, join } from "node:path";
import { flushFolder, writeFlushed } from "../durable.ts";
import { messageOf, UsageError } from "../errors.ts";
import { FolderListing } from "./folder_listing.ts";
import { MAX_OBJECT_BYTES, type ObjectFacts, type Store, type StoredObject } from "./store.ts";

/** What a folder store can be told. */
export interface FolderOptions {
  /** Told once of each folder in it that cannot be read. */
  readonly onPassedOver?: (folder: string, reason: string) => void;
}

/** Opens the store in `folder`, which is made when the first object is written. */
export function openFolderStore(folder: string, options: FolderOptions = {}): Store {
  return new FolderStore(folder, options);
}

class FolderStore implements Store {
  readonly #listing: FolderListing;

  constructor(readonly name: string, { onPassedOver }: FolderOptions) {
    this.#listing = new FolderListing(name, onPassedOver);
  }

  async check(_options: { signal: AbortSignal }): Promise<void> {
    try {
      await Deno.mkdir(this.name, { recursive: true });
    } catch (error) {
      // Deno adds advice of its own, which is not for users of a program.
      const reason = messageOf(error).split(/, run again|: mkdir/)[0];
      throw new UsageError(`cannot store in the folder "${this.name}": ${reason}`, "the path of a folder");
    }
  }

  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    _facts: ObjectFacts,
    { ifAbsent = false }: { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<boolean> {
    const path = join(this.name, key);
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    let isRenamed = false;
    try {
      await writeNew(temporary, bytes);
      if (ifAbsent) {
        if (!await isLinked(temporary, path)) return false;
      } else {
        await Deno.rename(temporary, path);
        isRenamed = true;
      }
    } finally {
      if (!isRenamed) await Deno.remove(temporary).catch(() => {});
    }
    await flushFolder(path);
    return true;
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

  fewFolders(options: { prefix?: string; signal: AbortSignal }): Promise<string[]> {
    return this.#listing.folders(options);
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

/** Writes a file that is not there yet; its folder may not be there either, but mostly is. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const write = () => writeFlushed(path, bytes, { createNew: true });
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await Deno.mkdir(dirname(path), { recursive: true });
    await write();
  }
}
