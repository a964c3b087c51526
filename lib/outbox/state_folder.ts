/** The folder that a detector keeps its state in: whose it is, and the small files in it. */
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import { atMost } from "../retry.ts";
import { writeDurably } from "../durable.ts";

const LOCK_WAIT_MS = 1_000;

/**
 * Takes the folder for this process; the operating system gives it back however the process ends.
 * Throws a UsageError when another process has it.
 */
export async function lockFolder(folder: string): Promise<Deno.FsFile> {
  const file = await Deno.open(join(folder, "lock"), { create: true, write: true });
  let locked = false;
  let failure: unknown;
  const locking = file.lock(true).then(() => locked = true, (error) => failure = error);
  await atMost(LOCK_WAIT_MS, locking);
  if (locked) return file;
  locking.finally(() => file.close()); // A lock that comes too late is given back.
  if (failure) throw failure;
  throw new UsageError(
    `the state folder "${folder}" is in use by another detector`,
    "--state DIR, one per camera",
  );
}

/** The text of a small file, which is made when there is none. Throws when it does not look as it should. */
export async function readOrMake(path: string, make: () => string, pattern: RegExp): Promise<string> {
  try {
    const text = (await Deno.readTextFile(path)).trim();
    if (pattern.test(text)) return text;
    throw new Error(`the file "${path}" is damaged`); // A number made up could be one that was used.
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const made = make();
  await writeText(path, made);
  return made;
}

/** Writes a small file durably. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeDurably(path, new TextEncoder().encode(`${text}\n`));
}
