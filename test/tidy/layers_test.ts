/** Parts import only what the table of layers allows; so do packages and the process. */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { projectFile } from "../../lib/testing/files.ts";
import { ASSEMBLY, FOUNDATION, layersTable, PARTS } from "./layers.ts";
import { isTest, type Source, typeScript } from "./sources.ts";

const IMPORT = /^(?:import|export)\s[^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gms;

const files = typeScript("lib", "workers").filter((source) => !isTest(source));

function importsOf({ text }: Source): string[] {
  return Array.from(text.matchAll(IMPORT), ([, from, lazily]) => from ?? lazily);
}

/** The part a file belongs to: `lib/bus/bus.ts` -> `bus`, `lib/log.ts` -> `log`, `workers/saver.ts` -> `workers`. */
function partOf(path: string): string {
  const [top, second = ""] = path.split("/");
  return top === "lib" ? second.replace(/\.ts$/, "") : top;
}

/** What these modules load at once: their imports, and those of these, without lazy ones and types. */
function loadedBy(...paths: string[]): Set<string> {
  const loaded = new Set(paths);
  for (const path of loaded) {
    const text = files.find((file) => file.path === path)?.text ?? "";
    for (const [, to] of text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from "([^"]+)"/gms)) {
      loaded.add(to.startsWith(".") ? normalize(join(dirname(path), to)) : to);
    }
  }
  return loaded;
}

function mayImport(path: string, imported: string): boolean {
  const [from, to] = [partOf(path), partOf(imported)];
  if (from === "workers" && to === "workers") return false;
  const foundation: readonly string[] = FOUNDATION;
  if (from === to || foundation.includes(to) || to === "deno.json") return true;
  return (PARTS[from] ?? ASSEMBLY[from] ?? []).includes(to);
}

Deno.test("parts import the foundation and the parts that the table names", () => {
  const wrong = files.flatMap((file) =>
    importsOf(file).filter((to) => to.startsWith("."))
      .map((to) => normalize(join(dirname(file.path), to)))
      .filter((to) => !mayImport(file.path, to))
      .map((to) => `${file.path} -> ${to}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("each package is imported by exactly one file", () => {
  const users = new Map<string, Set<string>>();
  for (const file of files) {
    for (const from of importsOf(file).filter((name) => !/^\.|^node:/.test(name))) {
      users.set(from, (users.get(from) ?? new Set()).add(file.path));
    }
  }
  const shared = Array.from(users).filter(([, paths]) => paths.size > 1)
    .map(([name, paths]) => `${name}: ${[...paths]}`);
  assert.deepEqual(shared, []);
});

Deno.test("a search thread loads no module of Node: each would take memory and start time in every thread", () => {
  const loaded = loadedBy(
    "lib/detection/pool_thread.ts",
    "lib/detection/engines/haar.ts",
    "lib/haar/haar_detector.ts",
    "lib/detection/engines/yunet.ts",
    "lib/yunet/frame_search.ts",
  );
  assert.ok(loaded.has("lib/haar/kernel_module.ts"), "the imports are followed");
  assert.deepEqual(Array.from(loaded).filter((name) => name.startsWith("node:")), []);
});

Deno.test("only lib/program and lib/wiring touch arguments, environment, exit, signals and the console", () => {
  // A message of start_program.ts shows the folders that were searched.
  const own = ({ path, text }: Source) =>
    path === "lib/start_program.ts" ? text.replace('Deno.env.get("PATH")', "") : text;
  const process = /\bDeno\.(args|env|exit|addSignalListener)\b|\bconsole\./;
  const wrong = files.filter((file) =>
    !["program", "wiring"].includes(partOf(file.path)) && process.test(own(file))
  );
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("docs/ARCHITECTURE.md has the table of layers", async () => {
  const page = await projectFile("docs/ARCHITECTURE.md");
  assert.ok(page.includes(layersTable()), "insert what deno run test/tidy/layers.ts prints");
});
