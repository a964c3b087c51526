/**
 * Makes one executable: the program and its threads are bundled into a folder that has the layout of the project, its
 * assets are put there, and `deno compile` wraps the folder. A bundle is a quarter of the size of what it bundles.
 */
import { dirname, join } from "node:path";
import { run } from "./run.ts";
import type { UsedPackage } from "./packages.ts";
import { type PermissionSet, union } from "./permissions.ts";
import { NEVER_LOADED, type Recipe, type Target } from "./recipes.ts";

const ROOT = join(import.meta.dirname!, "../..");
/** Every bundle lies two folders deep, as lib/asset/asset.ts has it. */
const MAIN_FOLDER = "lib/worker";
/** `deno bundle --minify` of older ones breaks packages of the CommonJS kind. */
const MINIFIES_FROM = [2, 8];

/** What all executables of a build have in common. */
export interface BuildOptions {
  readonly commit: string;
  /** The Deno that compiles. */
  readonly compiler: string;
  /** Its runtime, which goes into executables, or a folder with `denort-x86_64` and `denort-aarch64`; else fetched. */
  readonly runtimes: string | undefined;
}

/** Bundles a program into `stage`, once for all targets. */
export async function bundle(recipe: Recipe, stage: string, { commit }: BuildOptions): Promise<void> {
  await bundleModule(recipe.entry, join(stage, MAIN_FOLDER), recipe.packages);
  for (const thread of recipe.threads) {
    await bundleModule(thread, join(stage, dirname(thread)), recipe.packages);
    // The thread is started by the name it has in the source.
    const bundled = join(stage, thread.replace(/\.ts$/, ".js"));
    await Deno.rename(bundled, join(stage, thread));
  }
  for (const asset of recipe.assets) await copy(join(ROOT, asset), join(stage, asset));
  await Deno.writeTextFile(join(stage, MAIN_FOLDER, "build.json"), JSON.stringify({ commit }));
  await Deno.writeTextFile(join(stage, "deno.json"), JSON.stringify(await configOf(recipe), null, 2));
  await ageless(stage);
}

/**
 * An executable holds the times of its files; with one time for all of them, two builds of a commit are the same. Only
 * packages that go in as they are keep the time at which this machine fetched them.
 */
async function ageless(folder: string): Promise<void> {
  const time = new Date(1000 * Number(Deno.env.get("SOURCE_DATE_EPOCH") ?? 0));
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await ageless(join(folder, name));
    await Deno.utime(join(folder, name), time, time);
  }
}

/** Compiles what was bundled into the file `out`. */
export async function compile(
  recipe: Recipe,
  stage: string,
  packages: readonly UsedPackage[],
  target: Target,
  out: string,
  options: BuildOptions,
) {
  const main = join(stage, MAIN_FOLDER, recipe.entry.replace(/.*\//, "").replace(/\.ts$/, ".js"));
  const folders = await Array.fromAsync(Deno.readDir(stage));
  const inside = folders.filter(({ isDirectory }) => isDirectory).map(({ name }) => join(stage, name));
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
    ...neverLoaded(recipe, packages).map((file) => `--exclude=${file}`),
    `--output=${out}`,
    main,
  ], await runtimeOf(target, options));
}

async function runtimeOf(target: Target, { runtimes }: BuildOptions): Promise<Record<string, string>> {
  if (runtimes === undefined) return {};
  const isFolder = (await Deno.stat(runtimes)).isDirectory;
  return { DENORT_BIN: isFolder ? join(runtimes, `denort-${target.split("-")[0]}`) : runtimes };
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
}

function neverLoaded(recipe: Recipe, packages: readonly UsedPackage[]): string[] {
  return packages.filter(({ name }) => recipe.packages.includes(name)).flatMap(({ localPath }) =>
    NEVER_LOADED.map((file) => join(localPath, file))
  );
}

/** The project's settings as far as the executable needs them. */
async function configOf({ packages, permissions }: Recipe) {
  const { permissions: sets, version } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const { imports } = JSON.parse(await Deno.readTextFile(join(ROOT, "import_map.json")));
  return {
    version,
    nodeModulesDir: "none",
    imports: Object.fromEntries(packages.map((name) => [name, imports[name]])),
    permissions: { program: union(permissions.map((name) => sets[name] as PermissionSet)) },
  };
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}
