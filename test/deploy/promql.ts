/** The metrics that an expression of PromQL names, with the values that it expects of their labels. */

/** A metric in an expression. */
export interface NamedMetric {
  readonly name: string;
  /** Labels and values of the matchers with `=`. */
  readonly labels: readonly (readonly [label: string, value: string])[];
  /** The labels of all matchers. */
  readonly matched: readonly string[];
}

/** Clauses whose brackets hold labels: by (job, instance). */
const CLAUSES = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/g;
const WORDS = new Set(["and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset"]);

/** Finds the metrics; functions, aggregations, clauses and durations are none. */
export function metricsIn(expression: string): NamedMetric[] {
  const text = expression.replaceAll(CLAUSES, " ").replaceAll(/\bgroup_(left|right)\b/g, " ");
  const found = text.matchAll(
    /(?<![\w"$.])([a-zA-Z_:][\w:]*)(?![\w:])\s*(\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})?(?!\s*\()/g,
  );
  return Array.from(found, ([, name, matchers = ""]) => ({ name, ...labelsOf(matchers) }))
    .filter(({ name }) => !WORDS.has(name));
}

function labelsOf(matchers: string): Pick<NamedMetric, "labels" | "matched"> {
  const all = Array.from(matchers.matchAll(/(\w+)\s*(=~|!=|!~|=)\s*"((?:[^"\\]|\\.)*)"/g));
  return {
    labels: all.filter(([, , operator]) => operator === "=").map(([, label, , value]) => [label, value]),
    matched: all.map(([, label]) => label),
  };
}
