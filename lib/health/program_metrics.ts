/** The metrics that every program has: what it is, whether it is alive and ready, and what its process takes. */
import process from "node:process";
import { VERSION } from "../version.ts";
import type { Health } from "./health.ts";
import { counter, gauge } from "./metric.ts";

/** All of them; the names of the process are those of Prometheus' own client libraries. */
export const PROGRAM_METRICS = {
  build: gauge("haarlem_build_info", {
    help: "1; the labels name the program, its version and that of Deno",
  }),
  alive: gauge("haarlem_alive", {
    help: "1 while the program is alive, 0 when only a restart helps; see /healthz",
  }),
  ready: gauge("haarlem_ready", { help: "1 while the program does its job, otherwise 0; see /readyz" }),
  cpu: counter("process_cpu_seconds_total", { help: "processor time of the process, user and system" }),
  memory: gauge("process_resident_memory_bytes", { help: "resident memory of the process" }),
  started: gauge("process_start_time_seconds", { help: "start of the process, seconds since 1970" }),
};

/** Adds them to the metrics of a program. */
export function addProgramMetrics(health: Health, program: string): void {
  const constants = { program, version: VERSION, deno: Deno.version.deno, target: Deno.build.target };
  health.metrics.add({ ...PROGRAM_METRICS, build: { ...PROGRAM_METRICS.build, constants } }, {
    build: () => 1,
    alive: () => health.notAlive === undefined ? 1 : 0,
    ready: () => health.notReady === undefined ? 1 : 0,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    memory: () => Deno.memoryUsage().rss,
    started: () => performance.timeOrigin / 1000,
  });
}
