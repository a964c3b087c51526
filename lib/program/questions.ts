/** `--help`, `--version` and `--probe`: answered before the settings are read, which may be wrong. */
import { ConfigError } from "../errors.ts";
import { probe } from "../health/probe.ts";
import { printable } from "../printable.ts";
import { quoted } from "../safe_address.ts";
import { commandOf } from "../settings/command.ts";
import { type Described, helpText } from "../settings/help.ts";
import { versionLine } from "../version.ts";

const ANSWER_MAX = 64 * 1024;

/** Prints the answer and ends the process when the arguments ask a question; else it does nothing. */
export async function answerQuestions(program: Described, args: readonly string[]): Promise<void> {
  const topic = args.includes("-h") ? "" : valueBehind("--help", args);
  if (topic !== undefined) {
    if (topic !== "" && topic !== "all") {
      const command = commandOf(program.name);
      throw new ConfigError(
        `--help is ${quoted(topic)}: should have no value, or be all`,
        `run ${command} --help  or  run ${command} --help all`,
      );
    }
    console.log(helpText(program, { all: topic === "all" }));
    Deno.exit(0);
  }
  if (args.includes("--version")) {
    console.log(versionLine(program.name));
    Deno.exit(0);
  }
  await answerProbe(args);
}

/** Queries a running instance and ends the process with 0 or 1, when the arguments ask for it. */
export async function answerProbe(args: readonly string[]): Promise<void> {
  const url = valueBehind("--probe", args);
  if (url === undefined) return;
  const { isHealthy, answer } = await probe(url);
  console.log(printable(answer, { max: ANSWER_MAX, lines: true }));
  Deno.exit(isHealthy ? 0 : 1);
}

/** The value of a flag, empty when it has none; nothing when the flag is absent. */
function valueBehind(flag: string, args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  if (args[at] !== flag) return args[at].slice(flag.length + 1);
  const next = args[at + 1] ?? "";
  return next.startsWith("-") ? "" : next;
}
