/** The house keeps its shape: who may import whom, who may touch the process, who may use which package. */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";

const ROOT = new URL("../..", import.meta.url).pathname;

/** What any part may import. */
const FOUNDATION = [
  "assets",
  "async",
  "connection_breaks",
  "durable_file",
  "errors",
  "face",
  "http_listen",
  "image",
  "line_writer",
  "log",
  "printable",
  "recent_map",
  "safe_address",
  "start_program",
  "tls",
  "version",
];

/** Parts, with the other parts whose interface they know; `lib/wiring` joins them. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  bus: [],
  camera: [],
  clock: [],
  demo: [],
  detection: ["haar"],
  gallery: ["store"],
  haar: [],
  health: [],
  outbox: [],
  settings: [],
  store: [],
};

/**
 * Folders that join parts, with what they may import besides the foundation. `program` knows no part and no worker: its
 * list of programs is names and summaries. A lazy import of the workers there would put every program into the module
 * graph of each, and so into each start and each executable; deploy/haarlem.ts has the loaders.
 */
const JOINTS: Readonly<Record<string, readonly string[]>> = {
  program: ["settings", "health"],
  wiring: [...Object.keys(PARTS), "program"],
  workers: [...Object.keys(PARTS), "program", "wiring"],
};

const MAX_LINES = 300;

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

async function* sources(folder: string): AsyncGenerator<Source> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts") && !path.startsWith("lib/testing/") && !/_test\.ts$|\/test_/.test(path)) {
      const text = await Deno.readTextFile(join(ROOT, path));
      const imports = Array.from(
        text.matchAll(/^(?:import|export)\s[^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gms),
        ([, from, lazily]) => from ?? lazily,
      );
      yield { path, text, imports };
    }
  }
}

/** The part a file belongs to: `lib/bus/bus.ts` -> `bus`, `lib/async/delay.ts` -> `retry`, `workers/saver.ts` -> `workers`. */
function partOf(path: string): string {
  const [top, second = ""] = path.split("/");
  return top === "lib" ? second.replace(/\.ts$/, "") : top;
}

function mayImport(from: string, to: string): boolean {
  if (from === to || FOUNDATION.includes(to) || to === "deno.json") return true;
  return (PARTS[from] ?? JOINTS[from] ?? []).includes(to);
}

const files = await Array.fromAsync((async function* () {
  yield* sources("lib");
  yield* sources("workers");
})());

Deno.test("parts import the foundation and the parts that the table names", () => {
  const wrong = files.flatMap(({ path, imports }) =>
    imports.filter((to) => to.startsWith(".")).map((to) => normalize(join(dirname(path), to)))
      .filter((to) =>
        !mayImport(partOf(path), partOf(to)) || (partOf(path) === "workers" && to.startsWith("workers/"))
      )
      .map((to) => `${path} -> ${to}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("each package is imported by exactly one file", () => {
  const users = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    for (const from of imports.filter((name) => !/^\.|^node:/.test(name))) {
      users.set(from, (users.get(from) ?? new Set()).add(path));
    }
  }
  const shared = Array.from(users).filter(([, paths]) => paths.size > 1).map(([name, paths]) =>
    `${name}: ${[...paths]}`
  );
  assert.deepEqual(shared, []);
});

Deno.test("only lib/program and lib/wiring touch arguments, environment, exit, signals and the console", () => {
  // What starts programs may say where they are looked for.
  const own = (path: string, text: string) =>
    path === "lib/start_program.ts" ? text.replace('Deno.env.get("PATH")', "") : text;
  const process = /\bDeno\.(args|env|exit|addSignalListener)\b|\bconsole\./;
  const wrong = files.filter(({ path, text }) =>
    !["program", "wiring"].includes(partOf(path)) && process.test(own(path, text))
  );
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("no file is longer than one idea", () => {
  const long = files.filter(({ text }) => text.split("\n").length > MAX_LINES);
  assert.deepEqual(long.map(({ path }) => path), []);
});
