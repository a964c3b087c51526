/**
 * `deno task docs`: writes what is made from the declarations of all programs: the tables of docs/SETTINGS.md and
 * docs/METRICS.md, and the setting names that a shared settings file may hold, with the programs that have each.
 * programs_test.ts compares all of them.
 */
import { flagName } from "../../lib/settings/declare.ts";
import { settingsTables } from "../../lib/settings/help.ts";
import type { Metric } from "../../lib/health/metric.ts";
import { COMMON_METRICS, COMMON_SETTINGS } from "../../lib/program/program.ts";
import { answerHelp } from "../../lib/program/usage.ts";
import { PROGRAMS } from "./all_programs.ts";

const MARK = /^<!-- generated .* -->$/m;

/** A file that is generated, wholly or from a mark on. */
interface Generated {
  readonly url: URL;
  /** The new text of the file. */
  make(old: string): string;
}

export const GENERATED: readonly Generated[] = [
  { url: new URL("../../docs/SETTINGS.md", import.meta.url), make: withTables },
  { url: new URL("../../docs/METRICS.md", import.meta.url), make: withMetrics },
  { url: new URL("../../lib/program/setting_names.json", import.meta.url), make: settingNames },
];

/** The page up to its mark, and the parts in place of what followed it. */
function behindMark(page: string, parts: readonly string[]): string {
  const mark = MARK.exec(page);
  if (!mark) throw new Error(`the page has lost its mark <!-- generated … -->: ${page.split("\n", 1)[0]}`);
  return [page.slice(0, mark.index) + mark[0], ...parts].join("\n\n") + "\n";
}

function withTables(page: string): string {
  return behindMark(page, [
    "## All programs",
    settingsTables(COMMON_SETTINGS),
    ...PROGRAMS.flatMap(({ name, summary, settings }) => {
      const own = Object.entries(settings).filter(([key]) => !(key in COMMON_SETTINGS));
      return [`## ${name}`, `The ${name} ${summary}.`, settingsTables(Object.fromEntries(own))];
    }),
  ]);
}

function withMetrics(page: string): string {
  return behindMark(page, [
    "## All programs",
    metricsTable(COMMON_METRICS),
    ...PROGRAMS.filter(({ metrics }) => metrics.length > 0).flatMap(({ name, metrics }) => [
      `## ${name}`,
      metricsTable(metrics.flatMap((set) => Object.values(set))),
    ]),
  ]);
}

const code = (text: string) => `\`${text}\``;

/** The label and its values are one cell; the last column names the fields of /healthz and the log. */
function metricsTable(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, kind, help, label, values = [], field }) => {
    const labels = label === undefined ? [] : [code(label), values.map(code).join(", ")];
    const fields = typeof field === "object" ? Object.values(field) : [field];
    const cells = [
      code(name),
      kind,
      labels.filter(Boolean).join(": "),
      help.replaceAll("|", "\\|"),
      [...new Set(fields.flatMap((names) => names ?? []))].map(code).join(", "),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| metric | type | label | meaning | field |", "|---|---|---|---|---|", ...rows].join("\n");
}

function settingNames(): string {
  const names = new Set(PROGRAMS.flatMap(({ settings }) => Object.keys(settings).map(flagName)));
  const lines = Array.from(names).sort().map((flag) => {
    const having = PROGRAMS.filter(({ settings }) => Object.keys(settings).map(flagName).includes(flag));
    return `  "${flag}": [${having.map(({ name }) => `"${name}"`).join(", ")}]`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

if (import.meta.main) {
  answerHelp(
    "deno task docs\nWrites the tables of docs/SETTINGS.md and docs/METRICS.md, and the setting names.",
  );
  for (const { url, make } of GENERATED) {
    await Deno.writeTextFile(url, make(await Deno.readTextFile(url)));
  }
}
