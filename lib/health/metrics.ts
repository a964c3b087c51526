/**
 * The metrics of a program: one registry, which holds each number once. Counting adds to an entry of an array or a map;
 * text is made only when a reader asks.
 */
import type { LogFields } from "../log.ts";
import type { Metric, MetricKind, MetricSet } from "./metric.ts";

/** A counter that the program adds to. */
export interface Counter<V extends string = never> {
  /** Adds 1; with a label, to the series of this value. */
  add(...value: [V] extends [never] ? [] : [V]): void;
  /** The sum of all its series. */
  readonly total: number;
}

/** A histogram that the program adds observations to. */
export interface Histogram {
  observe(value: number): void;
}

/** What the program uses of a declared metric. A gauge, and a counter with a reader, are only read. */
type Live<M> = M extends Metric<"counter", infer V> ? Counter<V>
  : M extends Metric<"histogram"> ? Histogram
  : never;

/** Returns the value of this moment; undefined where there is none, so that the series is absent. */
export type Reader = () => number | undefined;

type Readers<D> = Partial<Readonly<Record<keyof D, Reader>>>;

/** The observations of a histogram so far. */
export interface Observations {
  /** Not cumulative: how many lie above the bound before and at most at this one; the last entry has no bound. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A metric with its series. */
export interface Family {
  readonly metric: Metric;
  /** By label value; the key is empty without a label. */
  readonly series: ReadonlyMap<string, number>;
  readonly observations?: Observations;
}

/** Counts by label value, or reads values that others hold. */
class Series implements Counter<string>, Histogram {
  readonly #values = new Map<string, number>();
  readonly #readers = new Map<string, Reader>();
  readonly #counts: number[];
  #sum = 0;
  /** When it was last added to, milliseconds since 1970. */
  addedMs?: number;

  constructor(readonly metric: Metric) {
    this.#counts = new Array((metric.buckets?.length ?? 0) + 1).fill(0);
  }

  /** Shows the series of all values, from 0 on. */
  begin(): void {
    const { label, values = label === undefined ? [""] : [] } = this.metric;
    for (const value of values) this.#values.set(value, 0);
  }

  read(value: string, reader: Reader): void {
    this.#readers.set(value, reader);
  }

  add(value = ""): void {
    this.#values.set(value, (this.#values.get(value) ?? 0) + 1);
    this.addedMs = Date.now();
  }

  get total(): number {
    return this.#values.values().reduce((sum, value) => sum + value, 0);
  }

  observe(value: number): void {
    const buckets = this.metric.buckets!;
    let at = 0;
    while (at < buckets.length && value > buckets[at]) at++;
    this.#counts[at]++;
    this.#sum += value;
  }

  family(): Family {
    const { metric } = this;
    const series = new Map(this.#values);
    for (const [value, reader] of this.#readers) {
      const number = reader();
      if (number !== undefined) series.set(value, number);
    }
    if (metric.kind !== "histogram") return { metric, series };
    return { metric, series: new Map(), observations: { counts: [...this.#counts], sum: this.#sum } };
  }
}

/** The metrics of one program. */
export class Metrics {
  readonly #all = new Map<string, Series>();

  /**
   * Adds a set of metrics and returns what the program counts with. A metric with a reader is read when it is asked for;
   * each gauge without a label needs one.
   */
  add<D extends MetricSet>(
    set: D,
    readers: Readers<D> = {},
  ): { readonly [K in keyof D]: Live<D[K]> } {
    const live = Object.entries(set).map(([key, metric]) => {
      const reader = readers[key];
      const series = this.#seriesOf(metric);
      if (reader) series.read("", reader);
      else if (metric.kind !== "gauge") series.begin();
      return [key, series];
    });
    return Object.fromEntries(live);
  }

  /** Adds one series, whose value is read when it is asked for. */
  read<V extends string>(metric: Metric<MetricKind, V>, value: V, reader: Reader): void {
    this.#seriesOf(metric).read(value, reader);
  }

  /** All metrics with their values of this moment, in the order in which they were added. */
  families(): Family[] {
    return Array.from(this.#all.values(), (series) => series.family());
  }

  /** The sum of a metric's series, or the one with this label value; undefined where it has no value now. */
  value<V extends string>({ name }: Metric<MetricKind, V>, label?: V): number | undefined {
    const series = this.#all.get(name)?.family().series;
    if (label !== undefined) return series?.get(label);
    return series?.size ? series.values().reduce((sum, value) => sum + value, 0) : undefined;
  }

  /** The observations of a histogram so far; undefined where the program has none. */
  observations({ name }: Metric<"histogram">): Observations | undefined {
    return this.#all.get(name)?.family().observations;
  }

  /** When a counter was last added to, milliseconds since 1970; undefined before. */
  addedMs({ name }: Metric<"counter", string>): number | undefined {
    return this.#all.get(name)?.addedMs;
  }

  /** The counters of the work done so far, by the fields that the metrics declare. */
  get fields(): LogFields {
    const fields: Record<string, number> = {};
    for (const series of this.#all.values()) {
      const { metric } = series;
      if (metric.field === undefined) continue;
      for (const [value, number] of series.family().series) {
        const names = typeof metric.field === "object" ? metric.field[value] : metric.field;
        for (const name of [names ?? []].flat()) {
          if (number === 0 && omitsZero(metric, name)) continue;
          fields[name] = (fields[name] ?? 0) + number;
        }
      }
    }
    return fields;
  }

  #seriesOf(metric: Metric): Series {
    const known = this.#all.get(metric.name);
    if (known && known.metric !== metric) throw new Error(`two metrics have the name ${metric.name}`);
    const series = known ?? new Series(metric);
    this.#all.set(metric.name, series);
    return series;
  }
}

function omitsZero({ omitsZero = false }: Metric, field: string): boolean {
  return typeof omitsZero === "boolean" ? omitsZero : omitsZero.includes(field);
}
