/** What a detector reports about itself. */
import assert from "node:assert/strict";
import type { Bus } from "../bus/bus.ts";
import { type DetectorState, parseState } from "../face/detector_state.ts";
import { Health } from "../health/health.ts";
import { settled } from "../testing/settled.ts";
import { OUTBOX_METRICS } from "./outbox_metrics.ts";
import { addSearchMetrics } from "./search.ts";
import { withStateReports } from "./state_reports.ts";

/** A bus that keeps what is published, and a time that passes by its waits. */
function reporting({ connected = true } = {}) {
  const time = { ms: 5_000 };
  const health = new Health({ nowMs: () => time.ms });
  const camera = health.component("camera");
  const metrics = addSearchMetrics(health, camera);
  const waits: (() => void)[] = [];
  const sent: { topic: string; retain?: boolean; state: DetectorState }[] = [];
  const broker = { connected };
  const bus = {
    get connected() {
      return broker.connected;
    },
    publish: async (topic: string, payload: Uint8Array, { retain }: { retain?: boolean }) => {
      sent.push({ topic, retain, state: parseState(payload)! });
    },
    close: async () => {},
  } as unknown as Bus;
  const reports = withStateReports(bus, {
    topic: "haarlem/board1/detector-front/state",
    camera: "front",
    health,
    clock: {
      now: () => ({ wallMs: time.ms, synchronised: "yes", bootId: "b", monotonicMs: 0, settling: false }),
    },
    nowMs: () => time.ms,
    delay: (_ms, options) =>
      new Promise<void>((resolve) => {
        waits.push(resolve);
        options?.signal?.addEventListener("abort", () => resolve());
      }),
  });
  const pass = async (ms: number) => {
    time.ms += ms;
    waits.shift()?.();
    await settled();
  };
  return { health, camera, metrics, sent, broker, reports, pass };
}

Deno.test("a state is retained, repeated at an interval, and sent at once when the status changes", async () => {
  const { health, camera, metrics, sent, reports, pass } = reporting();
  health.metrics.add({ waiting: OUTBOX_METRICS.waiting, oldest: OUTBOX_METRICS.oldest }, {
    waiting: () => 3,
    oldest: () => 12.34,
  });
  await pass(0);
  assert.deepEqual([sent[0].topic, sent[0].retain], ["haarlem/board1/detector-front/state", true]);
  assert.deepEqual([sent[0].state.status, sent[0].state.why], ["waiting", "camera: not available yet"]);
  assert.equal(sent[0].state.framesPerSecond, undefined);
  camera.recovered();
  await pass(1_000);
  assert.equal(sent.length, 2);
  assert.equal(sent[1].state.status, "ok");
  for (let frame = 0; frame < 300; frame++) metrics.frames.add();
  for (let frame = 0; frame < 60; frame++) metrics.undecoded.add();
  await pass(29_000);
  assert.equal(sent.length, 2);
  camera.ok();
  await pass(1_000);
  const { framesPerSecond, frameAgeSeconds, waiting, oldestWaitingSeconds, done, nextSeconds } =
    sent[2].state;
  assert.deepEqual(
    [framesPerSecond, frameAgeSeconds, waiting, oldestWaitingSeconds, done?.frames, nextSeconds],
    [12, 1, 3, 12.3, 300, 30],
  );
  await reports.close();
});

Deno.test("a state that the broker could not get is sent when the broker is back", async () => {
  const { sent, broker, reports, pass } = reporting();
  await pass(0);
  broker.connected = false;
  await pass(60_000);
  assert.equal(sent.length, 1);
  broker.connected = true;
  await pass(1_000);
  assert.equal(sent.length, 2);
  await reports.close();
});

Deno.test("a run that ends before its first message sends one, and no other one", async () => {
  const { sent, broker, reports, pass } = reporting({ connected: false });
  await pass(0);
  assert.equal(sent.length, 0);
  broker.connected = true;
  await reports.close();
  assert.equal(sent.length, 1);
});
