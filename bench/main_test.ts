/** The list of benchmarks. */
import assert from "node:assert/strict";
import deno from "../deno.json" with { type: "json" };
import { output } from "../lib/testing/command.ts";
import { inProject } from "../lib/testing/files.ts";

const bench = (...args: string[]) =>
  output(Deno.execPath(), ["run", "-A", inProject("bench/main.ts"), ...args]);

Deno.test("bench --help lists each benchmark with its question, and measures nothing", async () => {
  const { code, stdout, stderr } = await bench("--help");
  assert.deepEqual([code, stderr], [0, ""]);
  const listed = Array.from(stdout.matchAll(/^ {2}(bench:\w+) +[A-Z].*\?$/gm), ([, task]) => task);
  const tasks = Object.keys(deno.tasks).filter((task) => task.startsWith("bench:"));
  assert.deepEqual(listed.sort(), tasks.sort());
});

Deno.test("bench with another argument names the help, and measures nothing", async () => {
  const { code, stdout, stderr } = await bench("kernel");
  assert.deepEqual([code, stdout], [78, ""]);
  assert.match(stderr, /^bench: argument "kernel" .*\nTry: run deno task bench --help\n$/);
});
