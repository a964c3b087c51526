/** The metric of the clock. */
import assert from "node:assert/strict";
import type { Moment } from "../clock/clock.ts";
import { Health } from "../health/health.ts";
import { addClockMetrics, CLOCK_METRICS } from "./clock_metrics.ts";

Deno.test("the clock is synchronised, or not, or nobody knows: then the metric is absent", () => {
  const health = new Health();
  const moment = { wallMs: 0, bootId: "run-1", monotonicMs: 0, settling: false };
  let synchronised: Moment["synchronised"] = "no";
  addClockMetrics(health, { now: () => ({ ...moment, synchronised }) });
  const value = () => health.metrics.value(CLOCK_METRICS.synchronised);
  assert.equal(value(), 0);
  synchronised = "yes";
  assert.equal(value(), 1);
  synchronised = "unknown";
  assert.equal(value(), undefined);
});
