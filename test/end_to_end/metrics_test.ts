/** /metrics of the real programs, checked by promtool and read by a real Prometheus with the alert rules. */
import assert from "node:assert/strict";
import mqtt from "mqtt";
import { SYSTEM_SOURCES } from "../../lib/clock/system_sources.ts";
import type { Metric } from "../../lib/health/metric.ts";
import { COMMON_METRICS } from "../../lib/program/program.ts";
import { SERVICES } from "../../lib/program/programs.ts";
import { output } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { CLOCK_METRICS } from "../../lib/wiring/clock_metrics.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { Prometheus } from "../servers/prometheus.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { PROGRAMS } from "../tidy/all_programs.ts";

const ANYWHERE = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
const PASSWORD = "Secret-of-the-broker";
/** Component names, which the programs' code gives. */
const COMPONENTS = /^(camera|disk|folder|page|store|webhook|broker|(edge|cloud) broker)$/;

/** A program with its health address. */
class Measured implements AsyncDisposable {
  readonly program: RunningProgram;

  constructor(readonly name: string, args: readonly string[], env: Record<string, string> = {}) {
    this.program = new RunningProgram(name, [...args, "--health", "127.0.0.1:0"], { env });
  }

  async address(): Promise<string> {
    const [, address] = await this.program.printed(/health at http:\/\/(\S+)\/healthz/);
    return address;
  }

  async text(): Promise<string> {
    return await (await fetch(`http://${await this.address()}/metrics`)).text();
  }

  async done(): Promise<Record<string, number>> {
    return (await (await fetch(`http://${await this.address()}/healthz`)).json()).done;
  }

  /** Waits for a line of /metrics. */
  async shows(line: RegExp): Promise<void> {
    await until(async () => line.test(await this.text()), `${this.name}: ${line}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]();
  }
}

/** Each program, and a detector with each kind of sink. */
class Everything implements AsyncDisposable {
  private constructor(readonly all: readonly Measured[], private readonly stack: AsyncDisposableStack) {}

  static async start(): Promise<Everything> {
    const stack = new AsyncDisposableStack();
    const folder = stack.use(new TempFolder());
    const edge = stack.use(await Mosquitto.start());
    const cloud = stack.use(await Mosquitto.start());
    const signed = (url: string) => url.replace("mqtt://", `mqtt://kees:${PASSWORD}@`);
    const faces = `${folder.path}/faces`;
    await Deno.mkdir(faces);
    const onBoard = { HAARLEM_BROKER: signed(edge.url) };
    const inCloud = { HAARLEM_BROKER: signed(cloud.url) };
    // A service that takes everything.
    const service = stack.adopt(Deno.serve(ANYWHERE, () => new Response()), (one) => one.shutdown());
    const hook = `http://127.0.0.1:${service.addr.port}/hook`;
    const start = (name: string, args: string[], env: Record<string, string> = {}) =>
      stack.use(new Measured(name, args, env));
    const detector = (...args: string[]) =>
      start("detector", ["--source", "sample", "--motion", "off", ...args], onBoard);
    const all = [
      start("saver", ["--store", faces, "--keep-days", "30"], inCloud),
      start("forwarder", [], { HAARLEM_EDGE: signed(edge.url), HAARLEM_CLOUD: signed(cloud.url) }),
      start("logger", [], onBoard),
      start("notifier", ["--webhook", hook], inCloud),
      start("gallery", ["--store", faces, "--listen", "127.0.0.1:0"], inCloud),
      detector("--state", `${folder.path}/state`),
      detector("--receipts", "off", "--camera", "plain"),
      detector("--out", `${folder.path}/out`, "--camera", "folder"),
    ];
    return new Everything(all, stack.move());
  }

  /** Waits until each of them has worked. */
  async work(): Promise<void> {
    const [saver, forwarder, logger, notifier, gallery, outbox, plain, folder] = this.all;
    await notifier.shows(/^haarlem_notifications_sent_total\{event="visit"\} [1-9]/m);
    await saver.shows(/^haarlem_faces_stored_total [1-9]/m);
    await saver.shows(/^haarlem_receipts_sent_total\{result="stored"\} [1-9]/m);
    await forwarder.shows(/^haarlem_messages_forwarded_total\{kind="receipts"\} [1-9]/m);
    await logger.shows(/^haarlem_messages_logged_total\{kind="face"\} [1-9]/m);
    await outbox.shows(/^haarlem_receipts_total\{result="stored"\} [1-9]/m);
    await outbox.shows(/^haarlem_capture_to_receipt_seconds_count [1-9]/m);
    await plain.shows(/^haarlem_faces_published_total\{result="sent"\} [1-9]/m);
    await folder.shows(/^haarlem_faces_written_total [1-9]/m);
    const [, page] = await gallery.program.printed(/gallery at (\S+)/);
    await (await fetch(page)).body?.cancel();
    await gallery.shows(/^haarlem_http_responses_total\{code="2xx"\} [1-9]/m);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack.disposeAsync();
  }
}

async function promtoolLint(text: string): Promise<string> {
  const { success, stdout, stderr } = await output(findParts().promtool!, ["check", "metrics"], {
    stdin: text,
  });
  const said = stdout + stderr;
  return success ? said : said || "promtool failed";
}

/** The names behind # TYPE. */
function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/^# TYPE (\w+) /gm), ([, name]) => name);
}

/** A label that the declaration does not list. */
function unknownLabels(text: string, metrics: readonly Metric[]): string[] {
  return metrics.flatMap(({ name, label, values }) =>
    Array.from(text.matchAll(new RegExp(`^${name}\\{(\\w+)="([^"]*)"\\} `, "gm")))
      .filter(([, found, value]) => found !== label || !(values?.includes(value) ?? COMPONENTS.test(value)))
      .map(([line]) => line)
  );
}

Deno.test(
  "each program has exactly the metrics that it declares; promtool and Prometheus accept them",
  needs("mosquitto", "prometheus", "promtool"),
  async () => {
    await using everything = await Everything.start();
    await everything.work();
    const names = new Map<string, Set<string>>();
    for (const one of everything.all) {
      const text = await one.text();
      assert.equal(await promtoolLint(text), "", one.name);
      assert.doesNotMatch(text, new RegExp(`${PASSWORD}|mqtt:|kees|127\\.0\\.0\\.1|/tmp`), one.name);
      names.set(one.name, (names.get(one.name) ?? new Set()).union(new Set(namesIn(text))));
      const own = PROGRAMS.find(({ name }) => name === one.name)!.metrics.flatMap((set) =>
        Object.values<Metric>(set)
      );
      const rest = COMMON_METRICS.filter(({ name }) => name !== "haarlem_build_info");
      assert.deepEqual(unknownLabels(text, [...own, ...rest]), [], one.name);
    }
    // The system of this machine may not tell.
    const isClockKnown = await SYSTEM_SOURCES.synchronised() !== "unknown";
    const absent = new Set(isClockKnown ? [] : [CLOCK_METRICS.synchronised.name]);
    for (const { name } of SERVICES) {
      const own = PROGRAMS.find((one) => one.name === name)!.metrics.flatMap((set) => Object.values(set));
      const declared = [...COMMON_METRICS, ...own].map((metric) => metric.name).filter((name) =>
        !absent.has(name)
      );
      assert.deepEqual([...names.get(name) ?? []].sort(), [...new Set(declared)].sort(), name);
    }

    const targets = await Promise.all(everything.all.map((one) => one.address()));
    const rules = inProject("deploy/metrics/alerts.yaml");
    await using prometheus = await Prometheus.start(targets, { rules });
    // A program on a busy machine may miss one scrape, which has a second; the next ones count.
    const areUp = async () =>
      (await prometheus.query('up{job="haarlem"} == 1')).length === targets.length &&
      (await prometheus.scrapeErrors()).length === 0;
    await until(areUp, "Prometheus reads every program");
    const ready = "(haarlem_ready * on (job, instance) group_left (program) haarlem_build_info) == 1";
    const services = SERVICES.map(({ name }) => name as string).sort();
    await until(async () => {
      const programs = (await prometheus.query(ready)).map(({ metric }) => metric.program);
      return [...new Set(programs)].sort().join() === services.join();
    }, `these are ready: ${services}`);
    const median = "histogram_quantile(0.5, sum by (le) (haarlem_search_duration_seconds_bucket))";
    const [{ value: [, seconds] }] = await until(async () => {
      const samples = await prometheus.query(median);
      return samples.length > 0 && samples;
    }, "a search was measured");
    assert.ok(Number(seconds) > 0 && Number(seconds) < 10, seconds);
    const isEvaluated = async () => (await prometheus.rules()).every(({ health }) => health !== "unknown");
    await until(isEvaluated, "the alert rules are evaluated");
    assert.deepEqual((await prometheus.rules()).filter(({ health }) => health !== "ok"), []);
    assert.deepEqual(await prometheus.query('ALERTS{alertstate="firing"}'), []);
  },
);

Deno.test(
  "/metrics, /healthz and the last line of the log show the same numbers",
  needs("mosquitto"),
  async () => {
    using folder = new TempFolder();
    await using broker = await Mosquitto.start();
    await using saver = new Measured("saver", ["--broker", broker.url, "--store", folder.path]);
    await saver.program.printed(/connected to the broker/);
    const sender = await mqtt.connectAsync(broker.url);
    await sender.publishAsync("face_detection", "no picture");
    await sender.endAsync();
    await saver.shows(/^haarlem_messages_rejected_total\{reason="not_a_face"\} 1$/m);
    assert.deepEqual(await saver.done(), { stored: 0, refused: 1, dropped: 0 });
    saver.program.signal("SIGTERM");
    const { stderr } = await saver.program.ended();
    assert.match(stderr, /done.* stored=0 refused=1 dropped=0/);
  },
);
