/**
 * Makes one executable: bundles the program and its threads into a folder with the project's layout, adds the assets and
 * the packages that cannot be bundled, and embeds the folder with `deno compile`. A bundle has a quarter of the size of
 * its modules. The folder contains nothing that depends on the machine: the same commit gives the same executable.
 */
import { dirname, join } from "node:path";
import { nameByContent } from "./chunk_names.ts";
import { run } from "./run.ts";
import { closureOf, type UsedPackage } from "./packages.ts";
import { type PermissionSet, union } from "./permissions.ts";
import { NEVER_LOADED, type Recipe, type Target } from "./recipes.ts";
import { runtimeFile } from "./runtime.ts";

const ROOT = join(import.meta.dirname!, "../..");
/** Every bundle is two folders deep: lib/assets.ts finds the assets from there. */
const MAIN_FOLDER = "lib/program";
/** The first Deno whose `deno bundle --minify` does not break CommonJS packages. */
const MINIFIES_FROM = [2, 8];

/** What all executables of a build share. */
export interface BuildOptions {
  readonly version: string;
  readonly commit: string;
  /** Modification time of every file inside, in seconds since 1970. */
  readonly epoch: number;
  /** The Deno that compiles. */
  readonly compiler: string;
  /** Its runtime, or a folder with `denort-x86_64` and `denort-aarch64`; downloaded when undefined. */
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
    // The program starts the thread by its name in the source.
    const bundled = join(stage, thread.replace(/\.ts$/, ".js"));
    await Deno.rename(bundled, join(stage, thread));
  }
  for (const asset of recipe.assets) await copy(join(ROOT, asset), join(stage, asset));
  for (const used of closureOf(recipe.packages, packages)) await vendor(used, stage);
  await Deno.writeTextFile(join(stage, MAIN_FOLDER, "build.json"), JSON.stringify({ version, commit }));
  const config = JSON.stringify(await configOf(recipe, version), null, 2);
  await Deno.writeTextFile(join(stage, "deno.json"), config);
  await setTimeAndMode(stage, new Date(1000 * epoch));
}

/**
 * Copies a package to where Deno looks it up by name, without the files that no program reads. From Deno's own cache, the
 * executable would contain the download time and the path of the cache.
 */
async function vendor({ name, localPath }: UsedPackage, stage: string): Promise<void> {
  const folder = join(stage, "node_modules", name);
  await copy(localPath, folder, (file) => !NEVER_LOADED.some((pattern) => pattern.test(file)));
}

/**
 * Gives all files the same time and mode: an executable contains both, and they would depend on this machine's clock and
 * umask.
 */
async function setTimeAndMode(folder: string, time: Date): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await setTimeAndMode(path, time);
    await Deno.chmod(path, isDirectory ? 0o755 : 0o644);
    await Deno.utime(path, time, time);
  }
}

/** Compiles the bundle in `stage` into the file `out`. */
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
    "--v8-flags=--max-semi-space-size=1,--heap-growing-percent=30",
    `--config=${join(stage, "deno.json")}`,
    "-P=program",
    `--target=${target}`,
    ...inside.map((folder) => `--include=${folder}`),
    // Deno removes the longest common folder from all paths. This file keeps the bundle's two folders.
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

/** The part of the project's deno.json that the executable needs. */
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
