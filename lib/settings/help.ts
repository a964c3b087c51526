/** What `--help` prints and the README shows, both from the declarations. */
import { environmentName, flagName, type Setting, type Settings } from "./declare.ts";

const WIDTH = 100;

/** The part of a program that help needs. */
export interface Described {
  readonly name: string;
  readonly summary: string;
  readonly settings: Settings;
  /** Command lines as a user would type them, without the way the program is started. */
  readonly examples: readonly string[];
}

/** The text of `--help`. */
export function helpText(program: Described): string {
  const rows = Object.entries(program.settings).map(([name, setting]) => row(name, setting));
  const wide = Math.min(34, Math.max(...rows.map(([left]) => left.length)) + 2);
  return [
    `${program.name}: ${program.summary}`,
    "",
    `Usage: ${program.name} [--setting value ...]`,
    ...program.examples.map((example) => `       ${program.name} ${example}`),
    "",
    "Settings:",
    ...rows.flatMap(([left, right]) => columns(left, right, wide)),
    "",
    `Each can also be given as ${environmentName("NAME")} in the environment (${
      environmentName(`${program.name}_NAME`)
    } for this program alone) or as`,
    `NAME = "value" in the file of --config. Exit codes: 0 stopped, 1 failed, 78 settings wrong.`,
  ].join("\n");
}

/** The rows of a README table: flag, default, meaning. */
export function settingsTable(settings: Settings): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = Object.entries(settings).map(([name, setting]) => {
    const title = setting.secret ? environmentName(flagName(name)) : `--${flagName(name)}`;
    const value = setting.placeholder && !setting.secret ? ` ${setting.placeholder}` : "";
    const fallback = setting.placeholder && setting.fallback ? `\`${cell(setting.fallback)}\`` : "";
    return `| \`${title}${cell(value)}\` | ${fallback} | ${cell(setting.help)} |`;
  });
  return ["| setting | default | |", "|---|---|---|", ...rows].join("\n");
}

function row(name: string, setting: Setting<unknown>): [string, string] {
  const left = setting.secret
    ? `  ${environmentName(flagName(name))}`
    : `  --${flagName(name)}${setting.placeholder ? ` ${setting.placeholder}` : ""}`;
  const fallback = setting.placeholder && setting.fallback ? ` [${setting.fallback}]` : "";
  return [left, setting.help + fallback + (setting.required ? " (needed)" : "")];
}

/** `left` and `right` beside each other, the right side wrapped; a left side that is too long gets its own line. */
function columns(left: string, right: string, wide: number): string[] {
  const lines = wrap(right, WIDTH - wide);
  const first = left.length + 2 > wide ? [left] : [left.padEnd(wide) + lines.shift()];
  return [...first, ...lines.map((line) => " ".repeat(wide) + line)];
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
