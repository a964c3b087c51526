/** The metrics that the programs declare, and what is wrong with an expression that names others. */
import type { Metric } from "../../lib/health/metric.ts";
import { COMMON_METRICS } from "../../lib/program/program.ts";
import { PROGRAMS } from "../tidy/all_programs.ts";
import { metricsIn } from "./promql.ts";

/** What Prometheus makes itself. */
const OF_PROMETHEUS = ["up"];
/** Labels that Prometheus sets, and those of build_info. */
const OTHER_LABELS = ["job", "instance", "le", "program"];

/** All metrics by name. */
export function declaredMetrics(): Map<string, Metric> {
  const own = PROGRAMS.flatMap(({ metrics }) => metrics.flatMap((set) => Object.values<Metric>(set)));
  return new Map([...COMMON_METRICS, ...own].map((metric) => [metric.name, metric]));
}

/** What is wrong with the metrics that an expression of PromQL names. */
export function mistakesInExpression(expression: string): string[] {
  return metricsIn(expression).flatMap(({ name, labels, matched }) => {
    if (OF_PROMETHEUS.includes(name)) return [];
    const metric = ofSeries(name);
    if (!metric) return [`no program has ${name}`];
    if (metric.kind === "histogram" && metric.name === name) {
      return [`${name} is a histogram: _bucket, _sum or _count should follow`];
    }
    const unknown = matched.filter((label) => label !== metric.label && !OTHER_LABELS.includes(label));
    const wrong = labels.filter(([label, value]) =>
      label === metric.label && metric.values && !metric.values.includes(value)
    );
    return [
      ...unknown.map((label) => `${name} has no label ${label}`),
      ...wrong.map(([label, value]) => `${name}: ${label} is never "${value}"`),
    ];
  });
}

/** The metric of a series; a histogram has series with three suffixes. */
function ofSeries(name: string): Metric | undefined {
  const all = declaredMetrics();
  const histogram = all.get(name.replace(/_(bucket|sum|count)$/, ""));
  return all.get(name) ?? (histogram?.kind === "histogram" ? histogram : undefined);
}
