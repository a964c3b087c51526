/** The files that come with the programs. */
import { messageOf, UsageError } from "../errors.ts";

/**
 * Where a file lies that comes with the programs, by its path in the project. Bundles keep that layout: whatever asks
 * is two folders deep there too, so the same holds in an executable.
 */
export function asset(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

/** Reads such a file. Throws a UsageError when it has gone missing or may not be read. */
export async function readAsset(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(asset(path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The same, while everything waits. */
export function readAssetSync(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(asset(path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What is inside an executable has paths below the folder for temporary files, and some places are guarded by Deno. */
function unreadable(path: string, error: unknown): UsageError {
  return error instanceof Deno.errors.NotCapable
    ? new UsageError(
      `may not read its own files in "${asset("").pathname}"`,
      "TMPDIR, or for a clone another folder, outside /dev, /proc and /sys",
    )
    : new UsageError(
      `cannot read "${path}", which comes with Haarlem: ${messageOf(error)}`,
      "install it anew",
    );
}
