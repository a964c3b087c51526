/** The folders that the demo makes before it starts the programs. */
import { diskMessage } from "../durable_file.ts";
import { FatalError } from "../errors.ts";

/** Makes a folder with its parents. Throws an error of the system when it cannot, or when no file can be written in it. */
export async function writableFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  await Deno.remove(await Deno.makeTempFile({ dir: path, prefix: ".trial-", suffix: ".tmp" }));
}

/**
 * The result of `make`, which makes a folder.
 * @param what the folder as the error names it. @param setting what sets its place.
 * @throws FatalError when the folder cannot be made.
 */
export async function makeFolder<T>(what: string, setting: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new FatalError(
      `cannot make ${what}: ${diskMessage(error)}`,
      `set ${setting} to a folder that this user can write`,
    );
  }
}
