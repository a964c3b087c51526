/** A store in a folder. Metadata is not kept apart: it is in the pictures. */
import { dirname, join } from "node:path";
import { flushFolder, writeFlushed } from "../durable.ts";
import { messageOf, UsageError } from "../errors.ts";
import type { ObjectFacts, Store, StoredObject } from "./store.ts";

/** Opens the store in `folder`, which is made when the first object is written. */
export function openFolderStore(folder: string): Store {
  return new FolderStore(folder);
}

class FolderStore implements Store {
  constructor(readonly name: string) {}

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

  async get(key: string, _options: { signal: AbortSignal }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await Deno.readFile(join(this.name, key));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory) {
        return undefined;
      }
      throw error;
    }
  }

  async *list(
    { prefix = "", after = "", signal }: { prefix?: string; after?: string; signal: AbortSignal },
  ): AsyncIterable<StoredObject> {
    yield* this.#walk("", prefix, after, signal);
  }

  async folders({ prefix = "" }: { prefix?: string; signal: AbortSignal }): Promise<string[]> {
    const below = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const entries = await readSorted(join(this.name, below));
    return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => `${below}${name}/`)
      .filter((folder) => folder.startsWith(prefix));
  }

  async *#walk(
    below: string,
    prefix: string,
    after: string,
    signal: AbortSignal,
  ): AsyncIterable<StoredObject> {
    for (const { name, isDirectory } of await readSorted(join(this.name, below))) {
      signal.throwIfAborted();
      const key = below + name + (isDirectory ? "/" : "");
      const mayHold = key.startsWith(prefix) || (isDirectory && prefix.startsWith(key));
      if (!mayHold || key.endsWith(".tmp")) continue;
      if (isDirectory) {
        if (key > after || after.startsWith(key)) yield* this.#walk(key, prefix, after, signal);
      } else if (key > after) {
        const stat = await Deno.stat(join(this.name, key)).catch(() => undefined);
        if (stat) yield { key, bytes: stat.size, writtenMs: stat.mtime?.getTime() ?? 0 };
      }
    }
  }
}

/** Entries in the order in which their keys sort: a folder counts with its trailing slash. */
async function readSorted(folder: string): Promise<Deno.DirEntry[]> {
  const sortName = ({ name, isDirectory }: Deno.DirEntry) => isDirectory ? `${name}/` : name;
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.sort((a, b) => sortName(a) < sortName(b) ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
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
