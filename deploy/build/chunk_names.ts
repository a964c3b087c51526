/**
 * Names of chunks that depend on their content only. `deno bundle` names a chunk by a hash of its modules' paths, which
 * differs between checkouts and between values of DENO_DIR.
 */
import { join } from "node:path";

/** A chunk's name as the bundler writes it: `chunk-2AGFS2AY.js`, `mqtt_bus-O5NUTQGC.js`. */
const NAME = /\b([\w.-]+)-([A-Z0-9]{8})\.js\b/g;
const HASH_LENGTH = 8;
/** A difference in a chunk reaches the names of those that import it one level deeper in each round. */
const ROUNDS = 8;

/** Renames the chunks in a folder of bundles, and every import of them. The texts keep their lengths. */
export async function nameByContent(folder: string): Promise<void> {
  const texts = new Map<string, string>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && name.endsWith(".js")) texts.set(name, await Deno.readTextFile(join(folder, name)));
  }
  const names = await namesByContent(texts);
  const renamed = (text: string) => text.replaceAll(NAME, (name) => names.get(name) ?? name);
  for (const name of texts.keys()) await Deno.remove(join(folder, name));
  for (const [name, text] of texts) await Deno.writeTextFile(join(folder, renamed(name)), renamed(text));
}

/** The new name of each chunk, by its old one. Throws when two would be the same. */
export async function namesByContent(texts: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const chunks = [...texts.keys()].filter((name) => new RegExp(`^${NAME.source}$`).test(name));
  let hashes = new Map(chunks.map((name) => [name, "X".repeat(HASH_LENGTH)]));
  for (let round = 0; round < ROUNDS; round++) {
    hashes = new Map(
      await Promise.all(chunks.map(async (name): Promise<[string, string]> => {
        const text = texts.get(name)!.replaceAll(NAME, (other) => hashes.get(other) ?? other);
        const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
        return [name, new Uint8Array(digest).toHex().toUpperCase().slice(0, HASH_LENGTH)];
      })),
    );
  }
  const names = new Map(
    chunks.map((name) => [name, name.replace(NAME, (_, stem) => `${stem}-${hashes.get(name)}.js`)]),
  );
  if (new Set(names.values()).size < names.size) {
    throw new Error("cannot name the chunks of a bundle: two have the same content");
  }
  return names;
}
