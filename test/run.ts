/**
 * Runs the tests: `deno run -A test/run.ts [--unit] [deno test's own arguments]`. `--unit` leaves out what starts other
 * programs or takes long. The last lines name what was skipped, and why.
 *
 * With HAARLEM_TEST_LIMIT_S a test that takes longer fails, and the next one begins.
 *
 * The sanitizers find resources that a long-running loop leaks; Deno 2.8 switched them off by default.
 */
import { ROOT } from "../lib/testing/files.ts";
import { answerHelp } from "../lib/program/usage.ts";

answerHelp(
  "deno task test [--unit] [PATH ...] [--filter NAME]\nPATH is a test file or a folder of them. Other flags are those of deno test.",
);

const UNIT = ["lib", "bench", "test/board", "test/tidy"];

const isUnit = Deno.args.includes("--unit");
const given = Deno.args.filter((arg) => arg !== "--unit");
const args = isUnit ? ["--parallel", "--no-check", "--quiet", ...(given.length > 0 ? given : UNIT)] : given;

const [major, minor] = Deno.version.deno.split(".").map(Number);
const sanitizers = major > 2 || minor >= 8 ? ["--sanitize-ops", "--sanitize-resources"] : [];
const limit = Deno.env.get("HAARLEM_TEST_LIMIT_S") ? ["--preload", "test/time_limit.ts"] : [];
const skipped = await Deno.makeTempFile({ prefix: "skipped-" });
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", ...limit, ...sanitizers, ...args],
  cwd: ROOT,
  env: isUnit ? { HAARLEM_UNIT: "1" } : { HAARLEM_SKIPPED: skipped },
  stdin: "null",
}).spawn().status;

const reasons = new Set((await Deno.readTextFile(skipped)).split("\n").filter(Boolean));
await Deno.remove(skipped);
if (isUnit) reasons.add("skipped: tests that start other programs or take long. Try: deno task test");
for (const reason of [...reasons].sort()) console.log(reason);
Deno.exit(code);
