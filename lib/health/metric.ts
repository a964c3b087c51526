/**
 * Declarations of metrics. A metric is declared once, beside the code that counts; /metrics, /healthz, the log, the status
 * of systemd and docs/METRICS.md are made from the declaration and its one value.
 *
 * Names follow Prometheus (prometheus.io/docs/practices/naming): `haarlem_`, base units, `_total` behind a counter. A
 * metric has at most one label, whose values are declared with it: a peer can add no series.
 */

/** counter: only increases; gauge: a value of this moment; histogram: how many observations were at most so large. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** A declared metric. `V` are the values of its label; `never` without a label. */
export interface Metric<K extends MetricKind = MetricKind, V extends string = string> {
  readonly kind: K;
  readonly name: string;
  /** A phrase in lower case without a full stop. */
  readonly help: string;
  readonly label?: string;
  /** All values of the label. Without them, the program's code names the values, as it does with its components. */
  readonly values?: readonly V[];
  /** Upper bounds of a histogram, ascending, without +Inf. */
  readonly buckets?: readonly number[];
  /** The field of `done` in /healthz and the log that shows this metric; by label value where they differ. */
  readonly field?: string | Partial<Readonly<Record<V, FieldNames>>>;
  /** Omit the field while it is 0; with names, these fields. */
  readonly omitsZero?: boolean | readonly string[];
  /** Labels that are the same during the whole run. */
  readonly constants?: Readonly<Record<string, string>>;
}

/** One field, or several to which a number is added. */
export type FieldNames = string | readonly string[];

/** Metrics by the names that their code uses. */
export type MetricSet = Readonly<Record<string, Metric>>;

interface Plain {
  readonly help: string;
  readonly field?: string;
  readonly omitsZero?: boolean;
}

interface Labelled<V extends string> {
  readonly help: string;
  readonly label: string;
  readonly values?: readonly V[];
  readonly field?: string | Partial<Readonly<Record<V, FieldNames>>>;
  readonly omitsZero?: boolean | readonly string[];
}

/** Declares a counter; with a label, it has one series for each value, from 0 on. */
export function counter(name: `${string}_total`, about: Plain): Metric<"counter", never>;
export function counter<const V extends string>(
  name: `${string}_total`,
  about: Labelled<V>,
): Metric<"counter", V>;
export function counter(name: string, about: Plain | Labelled<string>): Metric<"counter"> {
  return { kind: "counter", name, ...about };
}

/** Declares a gauge. Its value is read when it is asked for. */
export function gauge(name: string, about: Plain): Metric<"gauge", never>;
export function gauge<const V extends string>(name: string, about: Labelled<V>): Metric<"gauge", V>;
export function gauge(name: string, about: Plain | Labelled<string>): Metric<"gauge"> {
  return { kind: "gauge", name, ...about };
}

/** Declares a histogram of durations in seconds. */
export function histogram(
  name: `${string}_seconds`,
  about: { readonly help: string; readonly buckets: readonly number[] },
): Metric<"histogram", never> {
  return { kind: "histogram", name, ...about };
}
