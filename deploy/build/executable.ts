/**
 * Makes one executable: the program and its threads are bundled into a folder that has the layout of the project, its
 * assets and the packages that cannot be bundled are put there, and `deno compile` wraps the folder. A bundle is a
 * quarter of the size of what it bundles. Nothing that depends on the machine gets into the folder: the same commit
 * gives the same executable.
 */
import { dirname, join } from "node:path";
import { nameByContent } from "./chunk_names.ts";
import { run } from "./run.ts";
import { closureOf, type UsedPackage } from "./packages.ts";
import { type PermissionSet, union } from "./permissions.ts";
import { NEVER_LOADED, type Recipe, type Target } from "./recipes.ts";
import { runtimeFile } from "./runtime.ts";

const ROOT = join(import.meta.dirname!, "../..");
/** Every bundle lies two folders deep, as lib/assets.ts has it. */
const MAIN_FOLDER = "lib/program";
/** `deno bundle --minify` of older ones breaks packages of the CommonJS kind. */
const MINIFIES_FROM = [2, 8];

/** What all executables of a build have in common. */
export interface BuildOptions {
  readonly version: string;
  readonly commit: string;
  /** The time that every file inside bears, in seconds since 1970. */
  readonly epoch: number;
  /** The Deno that compiles. */
  readonly compiler: string;
  /** Its runtime, which goes into executables, or a folder with `denort-x86_64` and `denort-aarch64`; else fetched. */
  readonly runtimes: string | undefined;
}

/** Bundles a program into `stage`, once for all targets. */
export async function bundle(
  recipe: Recipe,
  packages: readonly UsedPackage[],
  stage: string,
  { version, commit, epoch }: BuildOptions,
): Promise<void> {
  await bundleModule(recipe.entry, join(stage, MAIN_FOLDER), recipe.packages);
  for (const thread of recipe.threads) {
    await bundleModule(thread, join(stage, dirname(thread)), recipe.packages);
    // The thread is started by the name it has in the source.
    const bundled = join(stage, thread.replace(/\.ts$/, ".js"));
    await Deno.rename(bundled, join(stage, thread));
  }
  for (const asset of recipe.assets) await copy(join(ROOT, asset), join(stage, asset));
  for (const used of closureOf(recipe.packages, packages)) await vendor(used, stage);
  await Deno.writeTextFile(join(stage, MAIN_FOLDER, "build.json"), JSON.stringify({ version, commit }));
  const config = JSON.stringify(await configOf(recipe, version), null, 2);
  await Deno.writeTextFile(join(stage, "deno.json"), config);
  await ageless(stage, new Date(1000 * epoch));
}

/**
 * Puts a package where Deno looks for it by its name, without what no program reads. From Deno's own cache the executable
 * would take the time at which this machine fetched the package, and the path of the cache.
 */
async function vendor({ name, localPath }: UsedPackage, stage: string): Promise<void> {
  const folder = join(stage, "node_modules", name);
  await copy(localPath, folder, (file) => !NEVER_LOADED.some((pattern) => pattern.test(file)));
}

/**
 * An executable holds the times of its files, and the rights to read them: one time and one mode for all of them,
 * whatever the clock and the umask of this machine are.
 */
async function ageless(folder: string, time: Date): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await ageless(path, time);
    await Deno.chmod(path, isDirectory ? 0o755 : 0o644);
    await Deno.utime(path, time, time);
  }
}

/** Compiles what was bundled into the file `out`. */
export async function compile(
  recipe: Recipe,
  stage: string,
  target: Target,
  out: string,
  options: BuildOptions,
) {
  const main = join(stage, MAIN_FOLDER, recipe.entry.replace(/.*\//, "").replace(/\.ts$/, ".js"));
  const folders = await Array.fromAsync(Deno.readDir(stage));
  const inside = folders.filter(({ isDirectory }) => isDirectory).map(({ name }) => join(stage, name)).sort();
  const runtime = await runtimeFile(target, options.runtimes);
  await run(options.compiler, [
    "compile",
    "--quiet",
    "--no-check",
    "--no-prompt",
    "--no-code-cache",
    "--no-lock",
    "--unstable-net",
    "--v8-flags=--max-semi-space-size=1",
    `--config=${join(stage, "deno.json")}`,
    "-P=program",
    `--target=${target}`,
    ...inside.map((folder) => `--include=${folder}`),
    // What all files have in common is cut off their paths; this one keeps the two folders of the bundle.
    `--include=${join(stage, "deno.json")}`,
    `--output=${out}`,
    main,
  ], runtime === undefined ? {} : { DENORT_BIN: runtime });
  await Deno.chmod(out, 0o755);
}

async function bundleModule(module: string, folder: string, packages: readonly string[]): Promise<void> {
  const [major, minor] = Deno.version.deno.split(".").map(Number);
  const minifies = major > MINIFIES_FROM[0] || (major === MINIFIES_FROM[0] && minor >= MINIFIES_FROM[1]);
  await run(Deno.execPath(), [
    "bundle",
    "--quiet",
    ...(minifies ? ["--minify"] : []),
    "--platform=deno",
    "--code-splitting",
    ...packages.map((name) => `--external=${name}`),
    `--outdir=${folder}`,
    join(ROOT, module),
  ]);
  await nameByContent(folder);
}

/** The project's settings as far as the executable needs them. */
async function configOf({ packages, permissions }: Recipe, version: string) {
  const { permissions: sets } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  return {
    version,
    nodeModulesDir: packages.length > 0 ? "manual" : "none",
    permissions: { program: union(permissions.map((name) => sets[name] as PermissionSet)) },
  };
}

async function copy(from: string, to: string, wanted = (_name: string) => true): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    if (wanted(name)) await copy(join(from, name), join(to, name), wanted);
  }
}
