/**
 * Metrics as text, by Prometheus' exposition format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats):
 *
 *     # HELP haarlem_frames_total frames taken from the camera
 *     # TYPE haarlem_frames_total counter
 *     haarlem_frames_total 1027
 */
import type { Metric } from "./metric.ts";
import type { Family, Metrics, Observations } from "./metrics.ts";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The text of all metrics that have a value now. */
export function metricsText(metrics: Metrics): string {
  return metrics.families().map(familyText).join("");
}

function familyText({ metric, series, observations }: Family): string {
  const { kind, name, help, label, constants } = metric;
  const lines = [`# HELP ${name} ${escapedHelp(help)}`, `# TYPE ${name} ${kind}`];
  for (const [value, number] of series) {
    const labels = label === undefined ? constants : { ...constants, [label]: value };
    lines.push(`${name}${labelText(labels)} ${numberText(number)}`);
  }
  if (observations) lines.push(...histogramLines(metric, observations));
  return lines.length > 2 ? lines.join("\n") + "\n" : ""; // Nothing to say yet, such as the age of no frame.
}

/** The buckets of the format are cumulative. */
function histogramLines({ name, buckets = [] }: Metric, { counts, sum }: Observations): string[] {
  let total = 0;
  const lines = counts.map((count, at) => {
    total += count;
    return `${name}_bucket${labelText({ le: numberText(buckets[at] ?? Infinity) })} ${total}`;
  });
  return [...lines, `${name}_sum ${numberText(sum)}`, `${name}_count ${total}`];
}

function labelText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedValue(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function escapedValue(value: string): string {
  return value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}

function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** Floating-point numbers as Go's ParseFloat reads them. */
function numberText(number: number): string {
  return Number.isFinite(number)
    ? String(number)
    : String(number).replace("Infinity", "Inf").replace(/^I/, "+I");
}
