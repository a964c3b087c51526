/**
 * `deno bundle` names the parts of a bundle by a hash of the paths of its modules: they differ from checkout to checkout
 * and from DENO_DIR to DENO_DIR, what is in the parts does not. Here they are named by what is in them.
 */
import { join } from "node:path";

/** As the bundler names a part: `chunk-2AGFS2AY.js`, `mqtt_bus-O5NUTQGC.js`. */
const NAME = /\b([\w.-]+)-([A-Z0-9]{8})\.js\b/g;
const HASH_LENGTH = 8;
/** Parts that differ only in what they import get different names after as many rounds as the import is deep. */
const ROUNDS = 8;

/** Renames the parts in a folder of bundles, and every mention of them. The texts keep their lengths. */
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

/** The new name of each part, by its old one. Throws when two would be the same. */
export async function namesByContent(texts: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const parts = [...texts.keys()].filter((name) => new RegExp(`^${NAME.source}$`).test(name));
  let hashes = new Map(parts.map((name) => [name, "X".repeat(HASH_LENGTH)]));
  for (let round = 0; round < ROUNDS; round++) {
    hashes = new Map(
      await Promise.all(parts.map(async (name): Promise<[string, string]> => {
        const text = texts.get(name)!.replaceAll(NAME, (other) => hashes.get(other) ?? other);
        const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
        return [name, new Uint8Array(digest).toHex().toUpperCase().slice(0, HASH_LENGTH)];
      })),
    );
  }
  const names = new Map(
    parts.map((name) => [name, name.replace(NAME, (_, stem) => `${stem}-${hashes.get(name)}.js`)]),
  );
  if (new Set(names.values()).size < names.size) throw new Error("two parts of a bundle are the same");
  return names;
}
