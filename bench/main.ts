/**
 * `deno task bench`: runs `bench:detector`, then `bench:pipeline`. `--help` lists all benchmarks with their questions, which
 * are the headings of bench/README.md.
 */
import { join } from "node:path";
import { answerHelp } from "../lib/program/usage.ts";

const DEFAULTS = ["detector", "pipeline"] as const;
const here = (name: string) => join(import.meta.dirname!, name);

/** A line for each benchmark that bench/README.md describes: its task and its question. */
function benchmarks(): string[] {
  const described = Deno.readTextFileSync(here("README.md")).matchAll(
    /^## (.+)\n\n {4}deno task (bench:\w+)/gm,
  );
  return Array.from(described, ([, question, task]) => `  ${task.padEnd(16)}${question}`);
}

const [wrong] = Deno.args;
answerHelp([
  "deno task bench          runs bench:detector, then bench:pipeline",
  "       deno task bench:NAME     runs one benchmark; --help prints its flags\n",
  ...benchmarks(),
  "\nbench/README.md describes the measurements and their flags.",
].join("\n"));
if (wrong !== undefined) {
  console.error(`bench: argument "${wrong}" is not understood: only bench:NAME takes arguments`);
  console.error("Try: run deno task bench --help");
  Deno.exit(78);
}
for (const name of DEFAULTS) {
  const args = ["run", "-A", here(`${name}.ts`)];
  const { code } = await new Deno.Command(Deno.execPath(), { args, stdin: "inherit" }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
