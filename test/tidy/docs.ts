/**
 * `deno task docs`: writes what is made from the declarations of all programs, the tables of docs/SETTINGS.md and the
 * setting names that a shared settings file may hold, and of docs/METRICS.md. programs_test.ts compares all of them.
 */
import { flagName } from "../../lib/settings/declare.ts";
import { settingsTables } from "../../lib/settings/help.ts";
import type { Metric } from "../../lib/health/metric.ts";
import { COMMON_METRICS, COMMON_SETTINGS } from "../../lib/program/program.ts";
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

function withTables(page: string): string {
  const mark = MARK.exec(page);
  if (!mark) throw new Error("docs/SETTINGS.md has lost its mark <!-- generated … -->");
  const parts = [
    page.slice(0, mark.index) + mark[0],
    "## All programs",
    settingsTables(COMMON_SETTINGS),
    ...PROGRAMS.flatMap(({ name, summary, settings }) => {
      const own = Object.entries(settings).filter(([key]) => !(key in COMMON_SETTINGS));
      return [`## ${name}`, `The ${name} ${summary}.`, settingsTables(Object.fromEntries(own))];
    }),
  ];
  return parts.join("\n\n") + "\n";
}

function withMetrics(page: string): string {
  const mark = MARK.exec(page);
  if (!mark) throw new Error("docs/METRICS.md has lost its mark <!-- generated … -->");
  const parts = [
    page.slice(0, mark.index) + mark[0],
    "## All programs",
    metricsTable(COMMON_METRICS),
    ...PROGRAMS.filter(({ metrics }) => metrics.length > 0).flatMap(({ name, metrics }) => [
      `## ${name}`,
      metricsTable(metrics.flatMap((set) => Object.values(set))),
    ]),
  ];
  return parts.join("\n\n") + "\n";
}

/** The label and its values are one cell; the last column names the fields of /healthz and the log. */
function metricsTable(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, kind, help, label, values = [], field }) => {
    const labels = label === undefined
      ? ""
      : [`\`${label}\``, values.map((value) => `\`${value}\``).join(", ")];
    const fields = typeof field === "object"
      ? [...new Set(Object.values(field).flat())]
      : field
      ? [field]
      : [];
    const cells = [
      `\`${name}\``,
      kind,
      [labels].flat().filter(Boolean).join(": "),
      help.replaceAll("|", "\\|"),
      fields.map((one) => `\`${one}\``).join(", "),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| metric | type | label | meaning | field |", "|---|---|---|---|---|", ...rows].join("\n");
}

function settingNames(): string {
  const names = PROGRAMS.flatMap(({ settings }) => Object.keys(settings).map(flagName));
  return JSON.stringify([...new Set(names)].sort(), null, 2) + "\n";
}

if (import.meta.main) {
  for (const { url, make } of GENERATED) {
    await Deno.writeTextFile(url, make(await Deno.readTextFile(url)));
  }
}
