/**
 * doctor: checks what the programs of this machine need, with their settings: camera, search, brokers, store, clock,
 * disk, power supply. Each line is ok or says what to do. It disturbs no program that runs.
 */
import { program, start } from "../lib/program/program.ts";
import { checksOf } from "../lib/wiring/doctor/checks.ts";
import { type Finding, runChecks } from "../lib/wiring/doctor/finding.ts";
import { nameWidth, printFinding, reportJson, summaryOf } from "../lib/wiring/doctor/report.ts";
import { serviceEnvironment } from "../lib/wiring/doctor/service_environment.ts";
import { DOCTOR_SETTINGS, programsToCheck } from "../lib/wiring/doctor/settings.ts";

export const doctor = program({
  name: "doctor",
  settings: DOCTOR_SETTINGS,
  basics: ["program", "service", "json", "source", "broker", "edge", "cloud", "store"],
  examples: ["", "--config haarlem.toml", "--service detector-front", "--store s3://my-bucket/faces --json"],
  exitCodes: "0 nothing is wrong, 1 something is",

  async run(settings, { signal, status, print, readAs }) {
    const { service, json } = settings;
    const unit = service === undefined ? undefined : serviceEnvironment(service);
    const programs = programsToCheck(
      settings.program ?? unit?.program,
      (name, declared) => readAs(name, declared, unit?.variables),
    );
    const checks = checksOf(programs);
    const pending = new Set(checks.map(({ name }) => name));
    if (!json) {
      print(`Checking for: ${Array.from(programs.keys()).join(", ")}`);
      const waitsFor = () => ({ text: `checking ${[...pending].join(", ")}`, mayShrink: true });
      status.show(() => ({ name: "doctor", state: "good", parts: [waitsFor()] }));
    }
    const width = nameWidth(checks.map(({ name }) => name));
    const findings: Finding[] = [];
    for await (const finding of runChecks(checks, { signal, onEnd: (name) => pending.delete(name) })) {
      findings.push(finding);
      if (!json) printFinding(finding, print, width);
    }
    if (!signal.aborted) print(json ? reportJson(findings) : summaryOf(findings));
    return signal.aborted || findings.some(({ state }) => state === "wrong") ? 1 : 0;
  },
});

if (import.meta.main) await start(doctor);
