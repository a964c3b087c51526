/** The files that come with the programs. */
import { ConfigError, messageOf } from "../errors.ts";

/**
 * Where a file lies that comes with the programs, by its path in the project. Bundles keep that layout: whatever asks
 * is two folders deep there too, so the same holds in an executable.
 */
export function asset(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

/** Reads such a file, while everything waits. Throws a ConfigError when it has gone missing or may not be read. */
export function readAsset(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(asset(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      // What is inside an executable has paths below the folder for temporary files; Deno guards some places.
      throw new ConfigError(
        `may not read its own files in "${asset("").pathname}"`,
        "set TMPDIR, or move a clone, to a folder outside /dev, /proc and /sys",
      );
    }
    throw new ConfigError(
      `cannot read "${path}", which comes with Haarlem: ${messageOf(error)}`,
      "install Haarlem anew",
    );
  }
}
