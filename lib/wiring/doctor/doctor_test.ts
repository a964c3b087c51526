/** Parts of doctor that need no other program: limits, answers of the system, files of a service. */
import assert from "node:assert/strict";
import { ConfigError } from "../../errors.ts";
import { settled } from "../../testing/settled.ts";
import { TempFolder } from "../../testing/temp_folder.ts";
import { holderFinding, needsFfmpeg } from "./camera.ts";
import { pageCertificateChecks, validityFinding } from "./certificates.ts";
import { type Check, type Finding, runChecks } from "./finding.ts";
import { clockFinding, diskCheck, powerFinding } from "./machine.ts";
import { nameWidth, printFinding, reportJson, summaryOf } from "./report.ts";
import { serviceEnvironment } from "./service_environment.ts";
import { CHECKED, type CheckedSettings, programsToCheck, type ReadAs } from "./settings.ts";

const OK: Finding = { name: "a", state: "ok", text: "fine" };

/** The findings of checks. */
function found(...checks: Check[]): Promise<Finding[]> {
  return Array.fromAsync(runChecks(checks, { signal: new AbortController().signal }));
}

Deno.test("the scenes of the sample and CSI cameras need no ffmpeg", () => {
  const sources = ["sample", "sample:front", "csi:1", "sample.mp4", "/dev/video0"];
  assert.deepEqual(sources.filter(needsFfmpeg), ["sample.mp4", "/dev/video0"]);
});

Deno.test("checks run side by side, are reported in their order, and one that fails ends no other", async () => {
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const slow: Check = {
    name: "slow",
    limitMs: 60_000,
    async *run() {
      await first.promise;
      order.push("slow");
      yield { ...OK, name: "slow" };
    },
  };
  const quick: Check = {
    name: "quick",
    limitMs: 60_000,
    // deno-lint-ignore require-yield
    async *run() {
      order.push("quick");
      throw new ConfigError("cannot use mqtt://user:Secret@host", "set another one");
    },
  };
  const findings = found(slow, quick);
  await settled();
  first.resolve();
  assert.deepEqual(await findings, [
    { ...OK, name: "slow" },
    { name: "quick", state: "wrong", text: "cannot use mqtt://host", hint: "set another one" },
  ]);
  assert.deepEqual(order, ["quick", "slow"]);
});

Deno.test("a check that does not end is ended at its limit", async () => {
  const endless: Check = {
    name: "endless",
    limitMs: 1,
    async *run({ signal }) {
      yield OK;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  };
  const [before, slow] = await found(endless);
  assert.deepEqual(before, OK);
  assert.deepEqual([slow.state, slow.text], ["wrong", "no result within 0.001 s"]);
});

Deno.test("the clock is right when it is synchronised, and never before 2025", () => {
  const nowMs = Date.UTC(2026, 10, 26, 14, 3, 11);
  assert.deepEqual(clockFinding("yes", nowMs), {
    name: "clock",
    state: "ok",
    text: "2026-11-26T14:03:11Z, synchronised",
  });
  assert.equal(clockFinding("unknown", nowMs).state, "note");
  assert.equal(clockFinding("no", nowMs).state, "wrong");
  assert.equal(clockFinding("yes", 0).state, "wrong");
});

Deno.test("a certificate is ok, or expires soon by the days and the share of its validity that are left", () => {
  const day = 24 * 3600_000;
  const stateOf = (validDays: number, leftDays: number) =>
    validityFinding(
      "broker",
      "it",
      { notBeforeMs: 0, notAfterMs: validDays * day },
      (validDays - leftDays) * day,
    );
  assert.deepEqual(
    [[3650, 31], [3650, 29], [90, 23], [90, 22], [6, 2], [6, 1.4], [90, -1]].map(([valid, left]) =>
      stateOf(valid, left).state
    ),
    ["ok", "note", "ok", "note", "ok", "note", "wrong"],
  );
  assert.equal(stateOf(3650, 4).text, "it expires on 1979-12-30T00:00:00Z, in 4 days");
  assert.equal(stateOf(3650, 0.5).text, "it expires on 1979-12-30T00:00:00Z, in less than a day");
  assert.equal(stateOf(90, -1).hint, "renew it");
});

Deno.test("a certificate of an aiming page that is not served is a fault, as for the detector", async () => {
  const settings = { previewTlsCert: "page.crt", previewTlsKey: "page.key" } as CheckedSettings;
  const [finding] = await found(...pageCertificateChecks("detector", settings));
  assert.equal(finding.state, "wrong");
  assert.match(finding.text, /^--preview-tls-cert is given without --preview/);
  assert.match(finding.hint!, /^add --preview HOST:PORT/);
});

Deno.test("each bit of a Raspberry Pi's power supply has its words", () => {
  const stateOf = (answer: string) => powerFinding(answer)?.state;
  assert.equal(stateOf("throttled=0x0\n"), "ok");
  assert.deepEqual(powerFinding("throttled=0x20000")?.text, "since the boot: a capped ARM frequency");
  assert.equal(stateOf("throttled=0x80000"), "note");
  assert.deepEqual(
    powerFinding("throttled=0x5000D")?.text,
    "now: under-voltage, throttling, the soft temperature limit",
  );
  for (const answer of ["", "VCHI initialization failed", "throttled=0x", "throttled=0x123456789"]) {
    assert.equal(powerFinding(answer), undefined, answer);
  }
});

Deno.test("a camera that our own detector reads is no fault, one of another program is", () => {
  assert.equal(holderFinding("/dev/video0", []), undefined);
  const ours = holderFinding("/dev/video0", [{ pid: 812, name: "ffmpeg" }])!;
  assert.deepEqual([ours.state, ours.text], [
    "note",
    "/dev/video0 is in use by ffmpeg (process 812): no frame was taken",
  ]);
  const other = holderFinding("/dev/video0", [{ pid: 7, name: "cheese" }])!;
  assert.deepEqual([other.state, other.hint], [
    "wrong",
    "stop that program, or set --source to another camera",
  ]);
});

Deno.test("a folder that is missing is made later, and one that is a file is a fault", async () => {
  using folder = new TempFolder();
  const [room] = await found(diskCheck(folder.at("a/b"), "--state", 1));
  assert.equal(room.state, "ok");
  const [small] = await found(diskCheck(folder.at("a/b"), "--state", Number.MAX_SAFE_INTEGER));
  assert.match(`${small.state} ${small.text}`, /^note .* less than the [\d,]+ MiB that the outbox may take$/);
  const file = folder.write("file", "");
  const [wrong] = await found(diskCheck(file, "--state", 1));
  assert.match(
    `${wrong.state} ${wrong.text} ${wrong.hint}`,
    /^wrong cannot write into ".*file": .* set --state/,
  );
  assert.deepEqual(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["file"]);
});

Deno.test("the environment of a service is that of its unit and its files, the later file first", () => {
  using folder = new TempFolder();
  folder.write("common.env", "# all\nHAARLEM_BROKER=mqtt://a\nHAARLEM_TOPIC=faces\n");
  folder.write("detector-front.env", `HAARLEM_BROKER="mqtt://u:\\$p@b"\nHAARLEM_IGNORE='1,2,3,4'\n`);
  const { program, variables } = serviceEnvironment("detector-front", folder.path);
  assert.deepEqual([program, variables], ["detector", {
    HAARLEM_CAMERA: "front",
    STATE_DIRECTORY: "/var/lib/haarlem/detector-front",
    HAARLEM_BROKER: "mqtt://u:$p@b",
    HAARLEM_TOPIC: "faces",
    HAARLEM_IGNORE: "1,2,3,4",
  }]);
  for (const wrong of ["detector", "saver-front", "doorbell"]) {
    assert.throws(() => serviceEnvironment(wrong, folder.path), ConfigError);
  }
});

Deno.test("the programs are those that have settings, or the detector", () => {
  const reading = (given: Record<string, Record<string, string>>): ReadAs => (program, settings) =>
    Object.fromEntries(
      Object.entries(settings).map(([name, { fallback, parse }]) => {
        const text = given[program]?.[name] ?? given.all?.[name] ?? fallback;
        return [name, text === undefined ? undefined : parse(text)];
      }),
    ) as never;
  const programs = (given: Record<string, Record<string, string>>, chosen?: typeof CHECKED[number]) => [
    ...programsToCheck(chosen, reading(given)).keys(),
  ];
  assert.deepEqual(programs({}), ["detector"]);
  assert.deepEqual(programs({ all: { store: "faces" } }), ["saver"]);
  assert.deepEqual(programs({ all: { source: "csi" }, forwarder: { cloud: "mqtt://c" } }), [
    "detector",
    "forwarder",
  ]);
  assert.deepEqual(programs({ all: { store: "faces" } }, "logger"), ["logger"]);
});

Deno.test("the report has a word, a name, a text and a remedy for each finding", () => {
  const lines: string[] = [];
  const wrong: Finding = {
    name: "broker",
    state: "wrong",
    text: "nothing listens",
    hint: "start the broker",
  };
  const print = (findings: Finding[]) => {
    const width = nameWidth(findings.map(({ name }) => name));
    for (const one of findings) {
      printFinding(one, (line, lead) => lines.push((lead?.text ?? "") + line), width);
    }
    return lines.splice(0);
  };
  assert.deepEqual(print([OK, wrong]), [
    "ok     a           fine",
    "wrong  broker      nothing listens",
    "       Try: start the broker",
  ]);
  assert.deepEqual(print([OK, { ...OK, name: "forwarder cloud broker" }]), [
    "ok     a                       fine",
    "ok     forwarder cloud broker  fine",
  ]);
  assert.deepEqual(JSON.parse(reportJson([OK, wrong])).ok, false);
  assert.deepEqual(JSON.parse(reportJson([OK])).checks, [OK]);
  assert.match(summaryOf([OK, wrong]), /^One check/);
});
