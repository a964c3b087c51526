/** The metrics: counting, reading, the fields of `done`, and the text of Prometheus. */
import assert from "node:assert/strict";
import { serveHealth } from "./http_server.ts";
import { Health } from "./health.ts";
import { metricsText } from "./exposition.ts";
import { counter, gauge, histogram, type MetricSet } from "./metric.ts";
import { Metrics } from "./metrics.ts";
import { addProgramMetrics } from "./program_metrics.ts";

function textOf(metrics: Metrics, name: string): string {
  return metricsText(metrics).split("\n").filter((line) => line.startsWith(name)).join("\n");
}

Deno.test("a counter has the series of all its label values, from 0 on", () => {
  const metrics = new Metrics();
  const { plain, labelled } = metrics.add({
    plain: counter("a_total", { help: "a" }),
    labelled: counter("b_total", { help: "b", label: "outcome", values: ["passed", "ignored"] }),
  });
  plain.add();
  labelled.add("ignored");
  labelled.add("ignored");
  assert.equal(
    metricsText(metrics),
    "# HELP a_total a\n# TYPE a_total counter\na_total 1\n" +
      '# HELP b_total b\n# TYPE b_total counter\nb_total{outcome="passed"} 0\nb_total{outcome="ignored"} 2\n',
  );
  assert.deepEqual([plain.total, labelled.total], [1, 2]);
});

Deno.test("the buckets of a histogram are cumulative, and a bound belongs to its bucket", () => {
  const metrics = new Metrics();
  const { search } = metrics.add({ search: histogram("s_seconds", { help: "s", buckets: [0.1, 1] }) });
  for (const seconds of [0.05, 0.1, 0.5, 1, 30]) search.observe(seconds);
  assert.equal(
    textOf(metrics, "s_"),
    's_seconds_bucket{le="0.1"} 2\ns_seconds_bucket{le="1"} 4\ns_seconds_bucket{le="+Inf"} 5\n' +
      "s_seconds_sum 31.65\ns_seconds_count 5",
  );
});

Deno.test("a metric with a reader is read when it is asked for; without a value it is absent", () => {
  const metrics = new Metrics();
  let age: number | undefined;
  metrics.add({ age: gauge("age_seconds", { help: "a" }) }, { age: () => age });
  assert.equal(metricsText(metrics), "");
  age = 2.5;
  assert.equal(textOf(metrics, "age"), "age_seconds 2.5");
  for (const [number, text] of [[NaN, "NaN"], [Infinity, "+Inf"], [-Infinity, "-Inf"], [1e21, "1e+21"]]) {
    age = number as number;
    assert.equal(textOf(metrics, "age"), `age_seconds ${text}`);
  }
});

Deno.test("help and label values are escaped: neither can add a line", () => {
  const metrics = new Metrics();
  const up = gauge("up", { help: 'a\\b\n"c"', label: "name" });
  metrics.read(up, 'x"} 1\n\\evil 2', () => 1);
  assert.equal(
    metricsText(metrics),
    '# HELP up a\\\\b\\n"c"\n# TYPE up gauge\nup{name="x\\"} 1\\n\\\\evil 2"} 1\n',
  );
});

Deno.test("the fields of done are sums of the same numbers, and nothing is counted twice", () => {
  const metrics = new Metrics();
  const set = {
    frames: counter("f_total", { help: "f", field: "frames" }),
    outcomes: counter("o_total", {
      help: "o",
      label: "outcome",
      values: ["passed", "late", "ignored"],
      field: { passed: "detections", late: ["detections", "late"], ignored: "ignored" },
      omitsZero: ["late", "ignored"],
    }),
    lost: counter("l_total", { help: "l", field: "lost", omitsZero: true }),
  } satisfies MetricSet;
  const { frames, outcomes, lost } = metrics.add(set);
  frames.add();
  assert.deepEqual(metrics.fields, { frames: 1, detections: 0 });
  for (const outcome of ["passed", "late", "ignored"] as const) outcomes.add(outcome);
  assert.deepEqual(metrics.fields, { frames: 1, detections: 2, late: 1, ignored: 1 });
  lost.add();
  assert.deepEqual(Object.keys(metrics.fields), ["frames", "detections", "late", "ignored", "lost"]);
  assert.throws(() => metrics.add({ other: counter("f_total", { help: "another" }) }), /two metrics/);
});

Deno.test("/metrics shows the program, its components and their outages, and no reason", async () => {
  const health = new Health();
  addProgramMetrics(health, "saver");
  const store = health.component("store");
  const server = serveHealth({ host: "127.0.0.1", port: 0 }, "saver", health);
  const get = async () => {
    const response = await fetch(`${server.url}metrics`);
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    return await response.text();
  };
  assert.match(await get(), /^haarlem_component_up\{component="store"\} 0$/m);
  store.recovered();
  const up = await get();
  for (const line of ["haarlem_alive 1", "haarlem_ready 1", 'haarlem_component_up{component="store"} 1']) {
    assert.ok(up.includes(`\n${line}\n`), `${line} in ${up}`);
  }
  assert.match(up, /^haarlem_build_info\{program="saver",version=".+",deno=".+",target=".+"\} 1$/m);
  store.waiting("no bucket of secret-customer");
  store.waiting("still none");
  const down = await get();
  assert.match(down, /^haarlem_component_outages_total\{component="store"\} 1$/m);
  assert.match(down, /^haarlem_ready 0$/m);
  assert.doesNotMatch(down, /secret/);
  await server.close();
});
