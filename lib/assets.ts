/** The files that come with the programs: cascades, kernels, the page of the gallery. */
import { ConfigError, messageOf } from "./errors.ts";

/** The project's folder. The bundle of a program or a thread lies below `lib/`, as this file does. */
const ROOT = import.meta.url.slice(0, import.meta.url.lastIndexOf("/lib/") + 1);

/** The location of a file that comes with the programs; `path` starts at the project's folder. */
export function asset(path: string): URL {
  return new URL(path, ROOT);
}

/** Reads such a file synchronously. Throws a ConfigError when it is missing or must not be read. */
export function readAsset(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(asset(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      // The files of an executable have paths below the folder for temporary files; Deno guards some folders.
      throw new ConfigError(
        `not allowed to read the program's own files in "${asset("").pathname}"`,
        "set TMPDIR, or move a clone, to a folder outside /dev, /proc and /sys",
      );
    }
    throw new ConfigError(
      `cannot read "${path}", which comes with Haarlem: ${messageOf(error)}`,
      "install Haarlem again",
    );
  }
}
