/** What detector, saver and forwarder say of themselves, from their metrics. */
import assert from "node:assert/strict";
import { Health } from "../health/health.ts";
import type { Status } from "../terminal/status.ts";
import { BUS_METRICS } from "./bus.ts";
import { detectorStatus, detectorSummary } from "./detector_status.ts";
import { FACE_METRICS } from "./face_metrics.ts";
import { FORWARDER_METRICS, forwarderStatus } from "./forwarder_status.ts";
import { InputProgress } from "./input_progress.ts";
import { MESSAGE_METRICS } from "./message_metrics.ts";
import { OUTBOX_METRICS } from "./outbox_metrics.ts";
import { saverStatus } from "./saver_status.ts";
import { SAVING_METRICS } from "./saving.ts";
import { addSearchMetrics } from "./search.ts";

/** The status as one line, without the time of the last event. */
function lineOf({ state, name, parts }: Status): string {
  const texts = parts.map(({ text }) => text.replace(/^last \d\d:\d\d:\d\d$/, "last"));
  return `${state} ${name}: ${texts.join(", ")}`;
}

Deno.test("a detector shows its rate and what waits, and what it waits for", () => {
  let ms = 1_000;
  const health = new Health({ nowMs: () => ms });
  const camera = health.component("camera");
  const search = addSearchMetrics(health, camera);
  const { faces } = health.metrics.add(FACE_METRICS);
  const state = { waiting: 0, up: 1 };
  health.metrics.add({ waiting: OUTBOX_METRICS.waiting }, { waiting: () => state.waiting });
  health.metrics.read(BUS_METRICS.up, "broker", () => state.up);
  const read = detectorStatus({ camera: "front", once: false }, health, new InputProgress(), () => ms);
  assert.equal(lineOf(read()), "warning front: camera not available yet, 0 faces, 0 waiting");
  camera.recovered();
  search.frames.add();
  read();
  for (let second = 0; second < 8; second++) {
    for (let frame = 0; frame < 30; frame++) (frame % 6 ? search.undecoded : search.frames).add();
    for (let frame = 0; frame < 30; frame++) search.search.observe(0.003);
    ms += 1_000;
    read();
  }
  faces.add("first");
  assert.equal(lineOf(read()), "good front: 30.0 fps, 3 ms, 1 face, 0 waiting, last");
  Object.assign(state, { waiting: 5, up: 0 });
  read();
  ms += 12_000;
  assert.match(lineOf(read()), /^warning front: .*, 1 face, 5 waiting, broker away for 12 s, retrying$/);
  camera.waiting('"/dev/video0" gave no frame for 15 s');
  Object.assign(state, { waiting: 0, up: 1 });
  ms += 18_000;
  assert.equal(
    lineOf(read()),
    'trouble front: camera away for 18 s: "/dev/video0" gave no frame for 15 s, 1 face, 0 waiting',
  );
});

Deno.test("a saver shows what it stored and where, and its store when that is away", () => {
  let ms = 0;
  const health = new Health({ nowMs: () => ms });
  const store = health.component("store");
  const metrics = health.metrics.add({ ...SAVING_METRICS, ...MESSAGE_METRICS }, { waiting: () => 2 });
  const read = saverStatus("s3://faces/door", health, () => ms);
  store.recovered();
  read();
  metrics.stored.add();
  metrics.put.observe(0.009);
  ms += 1_000;
  const line = "1 stored in s3://faces/door, 2 waiting, put 9 ms, 0 rejected";
  assert.equal(lineOf(read()), `good saver: ${line}, last`);
  store.waiting("the bucket does not answer");
  ms += 9_000;
  assert.equal(lineOf(read()), `trouble saver: store away for 9 s: the bucket does not answer, ${line}`);
});

Deno.test("a forwarder shows what went each way, and the broker that is away", () => {
  let ms = 0;
  const health = new Health({ nowMs: () => ms });
  const [edge, cloud] = [health.component("edge broker"), health.component("cloud broker")];
  const { forwarded } = health.metrics.add(FORWARDER_METRICS, { inFlight: () => 1 });
  for (const one of [edge, cloud]) one.recovered();
  forwarded.add("faces");
  forwarded.add("receipts");
  const read = forwarderStatus(health);
  assert.equal(lineOf(read()), "good forwarder: 1 face to cloud, 1 receipt back, 1 in flight, last");
  cloud.waiting("nothing listens on cloud:8883");
  ms += 4_000;
  assert.match(
    lineOf(read()),
    /^trouble forwarder: cloud broker away for 4 s: nothing listens on cloud:8883, 1 face/,
  );
});

Deno.test("the summary of a clip names frames, rate, faces, visits and the folder", () => {
  const health = new Health();
  const search = addSearchMetrics(health, health.component("camera"));
  const { faces } = health.metrics.add(FACE_METRICS);
  for (let frame = 0; frame < 3000; frame++) search.frames.add();
  for (const why of ["first", "best", "first"] as const) faces.add(why);
  const place = { place: "in faces/2026-11-26" };
  assert.equal(
    detectorSummary(health, { seconds: 7.3 }, place),
    "3,000 frames in 7.3 s (411 fps). 3 faces from 2 visits in faces/2026-11-26.",
  );
  health.metrics.add({ evicted: OUTBOX_METRICS.evicted }, { evicted: () => 1 });
  assert.match(
    detectorSummary(health, { seconds: 125 }, place),
    /in 2 min 5 s \(24\.0 fps\).* 1 face not delivered\.$/,
  );
});
