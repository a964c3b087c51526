/** The text of `--help` and the tables of docs/SETTINGS.md, both made from the declarations. */
import { commandOf } from "./command.ts";
import { environmentName, flagName, type Setting, type Settings } from "./declare.ts";

const WIDTH = 100;
const MAX_FLAG_WIDTH = 28;
/** The heading of settings without a group. */
const NO_GROUP = "settings";

/** The part of a program that help needs. */
export interface Described {
  readonly name: string;
  readonly summary: string;
  readonly settings: Settings;
  /** The basic settings, which `--help` shows. Without them it shows all. */
  readonly basics?: readonly string[];
  /** Command lines as a user would type them, without the way the program is started. */
  readonly examples: readonly string[];
  /** What the exit codes 0 and 1 mean, when that is not that the program was stopped and failed. */
  readonly exitCodes?: string;
}

type Named = readonly [name: string, setting: Setting<unknown>];

/** The text of `--help`, or with `all` that of `--help all`. */
export function helpText(program: Described, { all = false } = {}): string {
  const { name, summary, settings, basics, examples, exitCodes = "0 stopped, 1 failed" } = program;
  const command = commandOf(name);
  const every = Object.entries(settings);
  const shown = all || !basics ? every : every.filter(([name]) => basics.includes(name));
  const width = Math.min(MAX_FLAG_WIDTH, Math.max(...shown.map((one) => flagOf(one).length + 2)) + 2);
  const more = shown.length < every.length
    ? [`${command} --help all lists all ${every.length} settings.`]
    : [];
  return [
    `${name}: ${summary}`,
    "",
    `Usage: ${command} [--setting value ...]`,
    ...examples.map((example) => `       ${command} ${example}`.trimEnd()),
    "",
    ...Array.from(byGroup(shown), ([group, members]) => [
      `${group[0].toUpperCase()}${group.slice(1)}:`,
      ...members.flatMap((one) => rows(one, width, all)),
      "",
    ]).flat(),
    ...more,
    `A setting can also be given as ${environmentName("NAME")} in the environment,`,
    `as ${environmentName(`${name}_NAME`)} for this program alone, or as a line in the file of --config.`,
    `Exit codes: ${exitCodes}, 78 settings wrong.`,
  ].join("\n");
}

/** The settings as Markdown: a bold line with each group, and its table. */
export function settingsTables(settings: Settings): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return Array.from(byGroup(Object.entries(settings)), ([group, members]) => {
    const lines = members.map((one) => {
      const [, { help, details, required }] = one;
      const note = required ? "required" : defaultOf(one).map((text) => `\`${cell(text)}\``).join("");
      const meaning = [help, ...details ? [details] : []].join(". ");
      return `| \`${cell(flagOf(one))}\` | ${note} | ${cell(meaning)} |`;
    });
    return [`**${group}**`, "", "| setting | default | meaning |", "|---|---|---|", ...lines].join("\n");
  }).join("\n\n");
}

/** The settings of each group, groups in the order of their first setting. */
function byGroup(settings: readonly Named[]): Map<string, Named[]> {
  return Map.groupBy(settings, ([, { group }]) => group ?? NO_GROUP);
}

/** `--size WxH`; a secret has no flag, so `HAARLEM_TOKEN`. */
function flagOf([name, { secret, placeholder }]: Named): string {
  if (secret) return environmentName(flagName(name));
  return `--${flagName(name)}${placeholder ? ` ${placeholder}` : ""}`;
}

/** The default; nothing for a flag without a value, which is off by default. */
function defaultOf([, { placeholder, fallback, shownFallback }]: Named): string[] {
  const shown = fallback ?? shownFallback;
  return placeholder && shown ? [shown] : [];
}

function rows(one: Named, width: number, all: boolean): string[] {
  const [, { help, details, required }] = one;
  const notes = [...defaultOf(one).map((text) => ` [${text}]`), ...required ? [" (required)"] : []];
  const lines = columns(`  ${flagOf(one)}`, help + notes.join(""), width);
  return all && details
    ? [...lines, ...wrap(details, WIDTH - width).map((line) => " ".repeat(width) + line)]
    : lines;
}

/** `left` and `right` beside each other, the right side wrapped; a left side that is too long gets its own line. */
function columns(left: string, right: string, width: number): string[] {
  const lines = wrap(right, WIDTH - width);
  const first = left.length + 2 > width ? [left] : [left.padEnd(width) + lines.shift()];
  return [...first, ...lines.map((line) => " ".repeat(width) + line)];
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
