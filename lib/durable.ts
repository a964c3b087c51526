/** Files that outlive a crash and a power cut. */
import { dirname } from "node:path";

/**
 * Writes a file so that after a crash or a power cut either all of it is there or nothing: a temporary file beside
 * it, its data flushed, renamed, and the folder flushed. Leaves no temporary file behind when it throws.
 */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFlushed(temporary, bytes, { create: true, truncate: true, mode: 0o600 });
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await flushFolder(path);
}

/** Writes a file and makes its data, not yet its name, outlive a power cut. */
export async function writeFlushed(path: string, bytes: Uint8Array, how: Deno.OpenOptions): Promise<void> {
  const file = await Deno.open(path, { write: true, ...how });
  try {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.syncData();
  } finally {
    file.close();
  }
}

/** Makes what was renamed and removed in the folder of `path` outlive a power cut. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await Deno.open(dirname(path), { read: true });
  try {
    await folder.sync();
  } finally {
    folder.close();
  }
}
