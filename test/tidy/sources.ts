/** The project's own files, each read once. */
import { join, relative } from "node:path";
import { ROOT } from "../../lib/testing/files.ts";

/** A file of the project. */
export interface Source {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly text: string;
}

/** Results of builds, downloads and runs, which are not part of the project. */
const FOREIGN = /^(\.git|dist|node_modules)$/;
/** Files that hold text. */
const TEXT = /\.(ts|md|sh|py|js|css|html|yaml|yml|json|conf|service)$|\/[a-z_]+$|^(haarlem|Dockerfile)$/;

/** The paths of the files with text, and of all folders and other files. */
export const PATHS: ReadonlySet<string> = new Set(await Array.fromAsync(pathsIn(ROOT)));

/** The files with text below the project's folder, `CHANGELOG.md` and decision records included. */
export const SOURCES: readonly Source[] = await Array.fromAsync(sourcesOf(PATHS));

/** The TypeScript sources in these folders. */
export function typeScript(...folders: string[]): Source[] {
  return SOURCES.filter(({ path }) =>
    path.endsWith(".ts") && folders.some((one) => path.startsWith(`${one}/`))
  );
}

export const isTest = ({ path }: Source) => /_test\.ts$/.test(path) || path.startsWith("lib/testing/");

async function* sourcesOf(paths: Iterable<string>): AsyncGenerator<Source> {
  for (const path of paths) {
    if (!TEXT.test(path) || !Deno.statSync(join(ROOT, path)).isFile) continue;
    yield { path, text: await Deno.readTextFile(join(ROOT, path)) };
  }
}

async function* pathsIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (FOREIGN.test(name)) continue;
    const path = join(folder, name);
    yield relative(ROOT, path);
    if (isDirectory) yield* pathsIn(path);
  }
}
