/** The clock of a detector's machine, as a metric: times of faces are right only while it is synchronised. */
import type { Clock } from "../clock/clock.ts";
import type { Synchronised } from "../face/face.ts";
import type { Health } from "../health/health.ts";
import { gauge } from "../health/metric.ts";

export const CLOCK_METRICS = {
  synchronised: gauge("haarlem_clock_synchronised", {
    help:
      "1 while the system's clock is synchronised, otherwise 0; absent where the system does not report it",
  }),
};

const VALUES: Readonly<Record<Synchronised, number | undefined>> = { yes: 1, no: 0, unknown: undefined };

/** Adds the metric, read from this clock. */
export function addClockMetrics({ metrics }: Health, clock: Pick<Clock, "now">): void {
  metrics.add(CLOCK_METRICS, { synchronised: () => VALUES[clock.now().synchronised] });
}
