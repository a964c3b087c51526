/** The npm packages that the executables contain. */
import { join } from "node:path";
import type { Recipe } from "./recipes.ts";
import { run } from "./run.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** A package in the output of `deno info --json`. */
interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly registryUrl: string;
  /** Its folder in Deno's cache; absent before Deno 2.8. */
  readonly localPath?: string;
}
/** A package that goes into an executable; `id` is its name in deno.lock. */
export type UsedPackage = NpmPackage & { readonly id: string; readonly localPath: string };

interface ModuleGraph {
  readonly modules: readonly { readonly kind: string; readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, NpmPackage>>;
}

/** The packages of these names, and their dependencies. */
export function closureOf(names: readonly string[], packages: readonly UsedPackage[]): UsedPackage[] {
  const found = packages.filter(({ name }) => names.includes(name));
  for (const { dependencies } of found) {
    found.push(...packages.filter((one) => dependencies.includes(one.id) && !found.includes(one)));
  }
  return found;
}

/** The packages that the recipe's modules import, and their dependencies. */
export async function packagesOf(
  { entry, threads }: Recipe,
): Promise<UsedPackage[]> {
  const reached = new Map<string, NpmPackage>();
  const { npmCache } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
  for (const module of [entry, ...threads]) {
    const graph: ModuleGraph = JSON.parse(await run(Deno.execPath(), ["info", "--json", join(ROOT, module)]));
    const open = graph.modules.map(({ npmPackage }) => npmPackage).filter((id) => id !== undefined);
    for (const id of open) {
      if (reached.has(id)) continue;
      reached.set(id, graph.npmPackages[id]);
      open.push(...graph.npmPackages[id].dependencies);
    }
  }
  const packages = Array.from(reached, ([id, found]) => ({
    id,
    ...found,
    localPath: found.localPath ??
      join(npmCache, new URL(found.registryUrl).hostname, found.name, found.version),
  }));
  return packages.sort((a, b) => a.id < b.id ? -1 : 1);
}
