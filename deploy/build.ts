/**
 * `deno task build`: one executable for each program and one that is all of them, for every board and cloud machine,
 * with their checksums and bills of materials, in dist/.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Failure, messageOf, UsageError } from "../lib/errors.ts";
import { bundle, compile } from "./build/executable.ts";
import { packagesOf, type UsedPackage } from "./build/packages.ts";
import { run } from "./build/run.ts";
import { RECIPES, type Target, TARGETS } from "./build/recipes.ts";
import { billOfMaterials } from "./build/materials.ts";

const ROOT = join(import.meta.dirname!, "..");
const USAGE = `deno task build [--target ${TARGETS.join("|")}] [--only NAME,...] [--out dist] [--no-xz]`;
const MB = 1e6;

async function build(): Promise<void> {
  const { targets, recipes, out, xz } = readFlags();
  const options = {
    commit: await commit(),
    compiler: Deno.env.get("HAARLEM_COMPILE_DENO") ?? Deno.execPath(),
    runtimes: Deno.env.get("DENORT_BIN"),
  };
  const stages = await Deno.makeTempDir({ prefix: "haarlem-build-" });
  try {
    const packages = new Map<string, UsedPackage[]>();
    for (const recipe of recipes) {
      await bundle(recipe, join(stages, recipe.name), options);
      packages.set(recipe.name, await packagesOf(recipe));
    }
    for (const target of targets) {
      const folder = join(out, target);
      await Deno.mkdir(folder, { recursive: true });
      for (const recipe of recipes) {
        const used = packages.get(recipe.name)!;
        const file = join(folder, recipe.name);
        await Deno.remove(`${file}.part`).catch(() => {}); // of a build that was cut off
        // A build that is cut off leaves no half of an executable under its name.
        await compile(recipe, join(stages, recipe.name), used, target, `${file}.part`, options);
        if (target === Deno.build.target) await tryOut(`${file}.part`);
        await Deno.rename(`${file}.part`, file);
        await Deno.writeTextFile(
          `${file}.cdx.json`,
          await billOfMaterials(recipe, used, target, options.commit),
        );
        if (xz && recipe.name === "haarlem") {
          await run("xz", ["--keep", "--force", "-6", "--threads=0", file]);
        }
      }
      await writeSums(folder);
      await printSizes(target, folder);
    }
  } finally {
    await Deno.remove(stages, { recursive: true });
  }
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        "target": { type: "string", multiple: true, default: [...TARGETS] },
        "only": { type: "string", default: RECIPES.map(({ name }) => name).join() },
        "out": { type: "string", default: join(ROOT, "dist") },
        "no-xz": { type: "boolean", default: false },
      },
    });
    const unknown = values.target.find((target) => !TARGETS.includes(target as Target));
    if (unknown) throw new Error(`no target "${unknown}"`);
    const recipes = values.only.split(",").map((name) => {
      const recipe = RECIPES.find((recipe) => recipe.name === name);
      if (!recipe) {
        throw new Error(`no executable "${name}"; there are ${RECIPES.map(({ name }) => name).join(", ")}`);
      }
      return recipe;
    });
    return { targets: values.target as Target[], recipes, out: resolve(values.out), xz: !values["no-xz"] };
  } catch (error) {
    throw new UsageError(messageOf(error), USAGE);
  }
}

/** An executable whose runtime is of another version than the compiler is made without a complaint, and does not run. */
async function tryOut(file: string): Promise<void> {
  try {
    await run(file, ["--version"]);
  } catch (error) {
    throw new Failure(
      `what was compiled does not run: ${messageOf(error).split("\n")[0]}`,
      "HAARLEM_COMPILE_DENO and DENORT_BIN of one and the same version of Deno",
    );
  }
}

/** Of what the executables are made; with a plus when files were changed since. */
async function commit(): Promise<string> {
  const given = Deno.env.get("HAARLEM_COMMIT"); // as in an image, which has no git
  if (given) return given;
  try {
    const changed = await run("git", ["status", "--porcelain", "--untracked-files=no"]);
    return await run("git", ["rev-parse", "--short=12", "HEAD"]) + (changed ? "+" : "");
  } catch {
    return "unknown"; // A source archive, or no git here.
  }
}

async function writeSums(folder: string): Promise<void> {
  const names = await executablesIn(folder);
  const lines = await Promise.all(names.map(async (name) => {
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(folder, name)));
    return `${new Uint8Array(digest).toHex()}  ${name}\n`;
  }));
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), lines.join(""));
}

async function printSizes(target: string, folder: string): Promise<void> {
  console.log(target);
  for (const name of await executablesIn(folder)) {
    const { size } = await Deno.stat(join(folder, name));
    console.log(`  ${name.padEnd(20)} ${(size / MB).toFixed(1).padStart(6)} MB`);
  }
}

async function executablesIn(folder: string): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(folder));
  return files.map(({ name }) => name).filter((name) => /^haarlem(-\w+)?(\.xz)?$/.test(name)).sort();
}

try {
  await build();
} catch (error) {
  const known = error instanceof UsageError || error instanceof Failure;
  console.error(`build: ${known ? error.message : (error as Error).stack}`);
  if (known && error.hint) console.error(`Try: ${error.hint}`);
  Deno.exit(error instanceof UsageError ? 78 : 1);
}
