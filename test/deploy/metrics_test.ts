/** Alert rules, dashboard and configurations of Prometheus name only metrics and labels that the programs have. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Metric } from "../../lib/health/metric.ts";
import { COMMON_METRICS } from "../../lib/program/program.ts";
import { output } from "../../lib/testing/command.ts";
import { inProject, projectFile } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { PROGRAMS } from "../tidy/all_programs.ts";
import { declaredMetrics, mistakesInExpression } from "./metric_names.ts";

const FOLDER = inProject("deploy/metrics");

/** A panel or a variable of the dashboard, as far as it is read here. */
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

async function dashboard(): Promise<{ panels: Panel[]; templating: { list: { query: unknown }[] } }> {
  return JSON.parse(await projectFile("deploy/metrics/grafana/haarlem.json"));
}

/** The expressions of the dashboard, with values in the place of Grafana's variables. */
async function dashboardExpressions(): Promise<[title: string, expression: string][]> {
  const { panels } = await dashboard();
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [
      title,
      expr.replaceAll("$__rate_interval", "1m").replaceAll(/\$(job|instance)\b/g, ".*"),
    ])
  );
}

/** The expressions of the rules: `expr: TEXT`, or folded over the lines below. */
async function ruleExpressions(): Promise<string[]> {
  const text = await projectFile("deploy/metrics/alerts.yaml");
  const found = text.matchAll(/^ +expr: (?:>-\n((?: {10,}.*\n)+)|(.*)\n)/gm);
  return Array.from(found, ([, folded, line]) => (folded ?? line).trim());
}

async function promtool(...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await output(findParts().promtool!, args, { cwd: FOLDER });
  assert.ok(success, stdout + stderr);
}

Deno.test("each name and label in the alert rules and the dashboard is one of a program", async () => {
  const rules = await ruleExpressions();
  const panels = await dashboardExpressions();
  assert.ok(rules.length > 10 && panels.length > 30, `${rules.length} rules, ${panels.length} panels`);
  for (const expression of rules) assert.deepEqual(mistakesInExpression(expression), [], expression);
  for (const [title, expression] of panels) assert.deepEqual(mistakesInExpression(expression), [], title);
});

Deno.test("a wrong name, suffix, label or value of a label in an expression is found", () => {
  const wrong: [string, RegExp][] = [
    ["rate(haarlem_frame_total[5m])", /no program has haarlem_frame_total/],
    ["haarlem_search_duration_seconds > 1", /is a histogram: _bucket, _sum or _count/],
    ["haarlem_frames_total_bucket", /no program has/],
    ['haarlem_faces_published_total{result="gone"}', /result is never "gone"/],
    ['haarlem_faces_total{reason="first"}', /has no label reason/],
  ];
  for (const [expression, says] of wrong) assert.match(mistakesInExpression(expression).join("; "), says);
});

Deno.test("the dashboard shows each metric of each program, except those with another form", async () => {
  const shown = (await dashboardExpressions()).map(([, expression]) => expression).join("\n");
  const others = [
    "haarlem_alive", // ready is 0 too
    "process_start_time_seconds",
    "haarlem_faces_time_corrected_total",
    "haarlem_outbox_evicted_faces", // the counter of evictions
    "haarlem_faces_written_total",
    "haarlem_messages_logged_total",
    "haarlem_notifier_missed_messages_total", // a warning says it
  ];
  const missing = Array.from(declaredMetrics().keys()).filter((name) => !shown.includes(name)).sort();
  assert.deepEqual(missing, others.sort());
});

Deno.test("names follow Prometheus: units, suffixes, one meaning of each name", () => {
  const all = PROGRAMS.flatMap(({ metrics }) => metrics.flatMap((set) => Object.values<Metric>(set)));
  const known = new Map<string, Metric>();
  for (const metric of [...COMMON_METRICS, ...all]) {
    const { name, kind, help, label, buckets = [] } = metric;
    assert.match(name, /^(haarlem|process)_[a-z_]+$/);
    assert.equal(kind === "counter", name.endsWith("_total"), name);
    assert.doesNotMatch(name, /_(ms|milliseconds|kb|mib|minutes|percent|count|sum|bucket)(_|$)/, name);
    assert.match(help, /^[a-z0-9].*[^.]$/, name);
    assert.ok(
      !["job", "instance", "le"].includes(label ?? ""),
      `${name}: Prometheus sets the label ${label}`,
    );
    assert.deepEqual([...buckets], [...new Set(buckets)].sort((a, b) => a - b), name);
    assert.equal(known.get(name) ?? metric, metric, `${name} is declared twice`);
    known.set(name, metric);
  }
});

Deno.test(
  "promtool accepts the rules, the configurations and each expression",
  needs("promtool"),
  async () => {
    await promtool("check", "config", "prometheus.yaml", "prometheus-containers.yaml");
    await promtool("check", "rules", "alerts.yaml");
    using folder = new TempFolder();
    const rules = (await dashboardExpressions()).map(([, expression], index) => ({
      record: `panel:expression${index}`,
      expr: expression,
    }));
    const file = join(folder.path, "panels.json"); // JSON is YAML.
    await Deno.writeTextFile(file, JSON.stringify({ groups: [{ name: "panels", rules }] }));
    await promtool("check", "rules", file);
  },
);

Deno.test("the alerts fire, and fire for nothing else", needs("promtool"), async () => {
  await promtool("test", "rules", "alerts_test.yaml");
  const tests = await projectFile("deploy/metrics/alerts_test.yaml");
  const alerts = Array.from((await projectFile("deploy/metrics/alerts.yaml")).matchAll(/alert: (\w+)/g));
  for (const [, name] of alerts) assert.ok(tests.includes(name), `${name} has a test`);
});
