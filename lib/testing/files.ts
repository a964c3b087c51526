/** The project's folder and its files. For tests and benchmarks. */
import { join } from "node:path";

/** The folder of the project. */
export const ROOT = join(import.meta.dirname!, "../..");

/** The path of a file of the project: `inProject("deploy/install")`. */
export function inProject(...path: string[]): string {
  return join(ROOT, ...path);
}

/** The text of a file of the project. */
export function projectFile(path: string): Promise<string> {
  return Deno.readTextFile(inProject(path));
}

/** Whether a file or a folder exists; a symbolic link without its target does not. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The paths of all files in a folder and the folders in it. A folder in it that vanishes meanwhile has none. */
export async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (!isDirectory) yield path;
    else for (const inside of await unlessGone(Array.fromAsync(filesIn(path))) ?? []) yield inside;
  }
}

/** What a running program may have removed: undefined when the file or folder does not exist any more. */
export async function unlessGone<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
