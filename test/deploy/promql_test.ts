/** What counts as a metric in an expression of PromQL. */
import assert from "node:assert/strict";
import { metricsIn } from "./promql.ts";

const names = (expression: string) => metricsIn(expression).map(({ name }) => name);

Deno.test("metricsIn() finds metrics and no functions, clauses, durations, numbers and strings", () => {
  assert.deepEqual(names('up{job="haarlem"} == 0'), ["up"]);
  assert.deepEqual(names("increase(a_total[1h]) > 0 or rate(b_total[5m]) / 1e3"), ["a_total", "b_total"]);
  assert.deepEqual(
    names("(ready * on (job, instance) group_left (program) build_info) == 0"),
    ["ready", "build_info"],
  );
  assert.deepEqual(
    names('histogram_quantile(0.95, sum by (le) (rate(s_seconds_bucket{job=~"$job"}[$__rate_interval])))'),
    ["s_seconds_bucket"],
  );
  assert.deepEqual(names("sum(x_total) by (job) and on() y unless z offset 5m"), ["x_total", "y", "z"]);
  assert.deepEqual(names('a{b="c{d} e_total"}'), ["a"]);
});

Deno.test("metricsIn() gives the labels of matchers, and the values that must be equal", () => {
  assert.deepEqual(metricsIn('a_total{result="lost", job=~"x|y", code!="200"}'), [
    { name: "a_total", labels: [["result", "lost"]], matched: ["result", "job", "code"] },
  ]);
});
