/**
 * `deno task build`: one executable for each program and one that contains all of them, for each target, with
 * checksums, bills of materials and licences, in dist/.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError, FatalError, messageOf } from "../lib/errors.ts";
import { answerHelp } from "../lib/program/usage.ts";
import { Steps } from "../lib/terminal/steps.ts";
import { terminalOf } from "../lib/terminal/terminal.ts";
import { type BuildOptions, bundle, compile } from "./build/executable.ts";
import { licences } from "./build/licences.ts";
import { billOfMaterials } from "./build/materials.ts";
import { packagesOf, type UsedPackage } from "./build/packages.ts";
import { type Recipe, RECIPES, type Target, TARGETS } from "./build/recipes.ts";
import { discard, prepare, publish } from "./build/target_folder.ts";
import { remedyOf, run } from "./build/run.ts";
import {
  checkRuntime,
  compilerVersion,
  mismatch,
  readRuntime,
  type Runtime,
  SAME_VERSION,
} from "./build/runtime.ts";

const ROOT = join(import.meta.dirname!, "..");
const USAGE = `deno task build [--target ${TARGETS.join("|")}] [--only NAME,...] [--out dist] [--no-xz]`;
const MB = 1e6;

/** The flags. */
interface Request {
  readonly targets: readonly Target[];
  readonly recipes: readonly Recipe[];
  readonly out: string;
  readonly xz: boolean;
}

async function build(): Promise<void> {
  const request = readFlags();
  const { options, compilerIs } = await check(request);
  const stages = await Deno.makeTempDir({ prefix: "haarlem-build-" });
  using steps = stepsOf(request);
  try {
    const packages = new Map<string, UsedPackage[]>();
    for (const recipe of request.recipes) {
      steps.begin(`bundle ${recipe.name}`);
      const used = await packagesOf(recipe);
      packages.set(recipe.name, used);
      await bundle(recipe, used, join(stages, recipe.name), options);
    }
    for (const target of request.targets) {
      const part = await prepare(request.out, target);
      try {
        let runtime: Runtime | undefined;
        for (const recipe of request.recipes) {
          steps.begin(`compile ${recipe.name} for ${target}`);
          const file = join(part, recipe.name);
          await compile(recipe, join(stages, recipe.name), target, file, options);
          runtime ??= await runtimeIn(file, target, options, compilerIs);
          if (target === Deno.build.target) await checkItRuns(file);
          const used = packages.get(recipe.name)!;
          const bill = await billOfMaterials(recipe, used, target, runtime, options);
          await Deno.writeTextFile(`${file}.cdx.json`, bill);
          await Deno.writeTextFile(`${file}.licenses.txt`, await licences(recipe, used, runtime, options));
          // With one thread for each core, the file would depend on the machine.
          if (request.xz && recipe.name === "haarlem") {
            steps.begin(`compress ${recipe.name} for ${target}`);
            await run("xz", ["--keep", "-6", "--threads=2", file]);
          }
        }
        const folder = await publish(part, target, runtime!, options);
        await printSizes(target, request.recipes, folder, steps);
      } finally {
        await discard(part);
      }
    }
  } finally {
    await discard(stages);
  }
}

function readFlags(): Request {
  answerHelp(USAGE);
  try {
    const { values } = parseArgs({
      options: {
        "target": { type: "string", multiple: true, default: [...TARGETS] },
        "only": { type: "string", default: RECIPES.map(({ name }) => name).join() },
        "out": { type: "string", default: join(ROOT, "dist") },
        "no-xz": { type: "boolean", default: false },
      },
    });
    if (values.out === "") throw new Error(`cannot use --out "": it is not a folder`);
    const unknown = values.target.find((target) => !TARGETS.includes(target as Target));
    if (unknown !== undefined) {
      throw new Error(`cannot build for the target "${unknown}": it should be one of ${TARGETS.join()}`);
    }
    const recipes = values.only.split(",").map((name) => {
      const recipe = RECIPES.find((recipe) => recipe.name === name);
      if (!recipe) {
        throw new Error(`cannot build "${name}": it should be one of ${RECIPES.map(({ name }) => name)}`);
      }
      return recipe;
    });
    return {
      targets: [...new Set(values.target as Target[])],
      recipes: [...new Set(recipes)],
      out: resolve(values.out),
      xz: !values["no-xz"],
    };
  } catch (error) {
    throw new ConfigError(messageOf(error).split(". ")[0].split("\n")[0], `run ${USAGE}`);
  }
}

/** Checks everything that a build needs before it starts. Throws all problems together. */
async function check({ targets, recipes, out, xz }: Request) {
  const problems: Error[] = [];
  const attempt = async <T>(step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      problems.push(error as Error);
    }
  };
  const [compiler = Deno.execPath(), runtimes] = ["HAARLEM_COMPILE_DENO", "DENORT_BIN"].map(pathIn);
  const [version = "", commit = ""] =
    await attempt(() =>
      Promise.all([[], ["--commit"]].map((args) => run(join(ROOT, "deploy/build/version"), args)))
    ) ?? [];
  const epoch = Number(Deno.env.get("SOURCE_DATE_EPOCH") ?? 0);
  const compilerIs = await attempt(() => compilerVersion(compiler));
  for (const target of targets) await attempt(() => checkRuntime(target, runtimes, compilerIs));
  if (xz && recipes.some(({ name }) => name === "haarlem")) await attempt(() => run("xz", ["--version"]));
  await attempt(() => canWrite(out, "--out"));
  await attempt(() => canWrite(Deno.env.get("TMPDIR") || "/tmp", "TMPDIR"));
  if (problems.length > 0) throw new AggregateError(problems);
  const options: BuildOptions = { version, commit, epoch, compiler, runtimes };
  return { options, compilerIs: compilerIs! };
}

/** The path in a variable, made absolute: the build runs programs in another working directory. */
function pathIn(variable: string): string | undefined {
  const path = Deno.env.get(variable);
  return path?.includes("/") ? resolve(path) : path || undefined;
}

async function canWrite(folder: string, setting: string): Promise<void> {
  try {
    if (setting === "--out") await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".writable-" }));
  } catch (error) {
    throw new ConfigError(
      `cannot write to "${folder}": ${messageOf(error).split(":")[0]}`,
      remedyOf(messageOf(error)) ?? `use a folder that this user can write to for ${setting}`,
    );
  }
}

/** Reads the runtime in an executable. This also checks executables for other processors, which cannot run here. */
async function runtimeIn(
  file: string,
  target: Target,
  options: BuildOptions,
  compiler: string,
): Promise<Runtime> {
  let runtime: Runtime;
  try {
    runtime = readRuntime(await Deno.readFile(file));
  } catch (error) {
    if (options.runtimes !== undefined) throw new FatalError(`"${file}": ${messageOf(error)}`, SAME_VERSION);
    // The compiler downloaded the runtime itself. A later version may store its version in another form.
    return { machine: target.split("-")[0], deno: compiler, v8: undefined, crates: [] };
  }
  const problem = mismatch(runtime, target, compiler);
  if (problem) throw new FatalError(`cannot use the runtime inside "${file}": ${problem}`, SAME_VERSION);
  return runtime;
}

async function checkItRuns(file: string): Promise<void> {
  try {
    await run(file, ["--version"]);
  } catch (error) {
    const isForbidden = error instanceof Deno.errors.PermissionDenied;
    throw new FatalError(
      `cannot run the executable "${file}": ${messageOf(error)}`,
      isForbidden ? "use a folder without noexec for --out" : SAME_VERSION,
    );
  }
}

async function printSizes(
  target: Target,
  recipes: readonly Recipe[],
  folder: string,
  steps: Steps,
): Promise<void> {
  const lines = await Promise.all(recipes.map(async ({ name }) => {
    const { size } = await Deno.stat(join(folder, name));
    return `  ${name.padEnd(20)} ${(size / MB).toFixed(1).padStart(6)} MB`;
  }));
  steps.above(() => console.log([target, ...lines].join("\n")));
}

/** The steps of a build, on standard error. */
function stepsOf({ recipes, targets, xz }: Request): Steps {
  const compressed = xz && recipes.some(({ name }) => name === "haarlem") ? 1 : 0;
  return new Steps({
    name: "build",
    total: recipes.length + targets.length * (recipes.length + compressed),
    terminal: terminalOf(Deno.stderr, { term: Deno.env.get("TERM") }),
    write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
  });
}

/** Prints an error in one line, and its hint. Only a bug of the build itself has a backtrace. */
function report(error: Error): void {
  const hint = error instanceof ConfigError || error instanceof FatalError
    ? error.hint
    : remedyOf(`${(error as { code?: string }).code ?? ""} ${error.message}`);
  const isKnown = hint !== undefined || error instanceof ConfigError || error instanceof FatalError;
  console.error(`build: ${isKnown ? error.message : error.stack}`);
  if (hint) console.error(`Try: ${hint}`);
}

try {
  await build();
} catch (error) {
  const problems: Error[] = error instanceof AggregateError ? error.errors : [error as Error];
  for (const problem of problems) report(problem);
  Deno.exit(problems.every((problem) => problem instanceof ConfigError) ? 78 : 1);
}
