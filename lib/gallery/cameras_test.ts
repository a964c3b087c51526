/** The cameras as their detectors report them. */
import assert from "node:assert/strict";
import { type DetectorState, formatState } from "../face/detector_state.ts";
import { Cameras } from "./cameras.ts";

const START_MS = Date.UTC(2026, 10, 26, 14);
const OK: DetectorState = {
  time: new Date(START_MS).toISOString(),
  version: "0.1.0",
  camera: "front",
  status: "ok",
  uptimeSeconds: 100,
  framesPerSecond: 29.9,
  frameAgeSeconds: 0.5,
  waiting: 0,
  oldestWaitingSeconds: 0,
  clock: "yes",
  nextSeconds: 30,
};

/** Cameras whose time the test sets, and functions that send them messages. */
function camerasAtTime() {
  const time = { ms: START_MS };
  const reports: number[] = [];
  const cameras = new Cameras(() => time.ms, (max) => reports.push(max));
  const sends = (
    change: Partial<DetectorState> = {},
    { isRetained = false, from = "board1/detector-front" } = {},
  ) => cameras.receive(`haarlem/${from}/state`, formatState({ ...OK, ...change }), { isRetained });
  const says = (status: string, from = "board1/detector-front") =>
    cameras.receive(`haarlem/${from}/status`, new TextEncoder().encode(status), { isRetained: false });
  const only = () => {
    const [{ state, reason }] = cameras.list();
    return [state, reason];
  };
  return { time, cameras, reports, sends, says, only };
}

Deno.test("a camera whose detector reports frames is good, with its facts", () => {
  const { cameras, sends } = camerasAtTime();
  assert.ok(sends({ waiting: 2, oldestWaitingSeconds: 10 }));
  assert.deepEqual(cameras.list(), [{
    name: "front",
    device: "board1",
    state: "good",
    reason: null,
    framesPerSecond: 29.9,
    lastFrame: START_MS - 500,
    waiting: 2,
    oldestWaiting: START_MS - 10_000,
    clock: "yes",
    version: "0.1.0",
    seen: START_MS,
  }]);
});

Deno.test("each reason has its words", () => {
  const cases: [Partial<DetectorState>, string, string | null][] = [
    [{ status: "waiting", why: "camera: unplugged" }, "trouble", "camera: unplugged"],
    [{ status: "waiting", why: "outbox: the disk is full" }, "warning", "outbox: the disk is full"],
    [
      { status: "stuck", why: "camera: no sign of life for 70 s" },
      "trouble",
      "the detector hangs: camera: no sign of life for 70 s",
    ],
    [{ frameAgeSeconds: undefined }, "unknown", "no frame yet"],
    [{ frameAgeSeconds: 240 }, "trouble", "no frame for 4 min"],
    [{ waiting: 120, oldestWaitingSeconds: 7_200 }, "warning", "120 faces wait, the oldest for 2 h"],
    [{ waiting: 1, oldestWaitingSeconds: 660 }, "warning", "1 face waits for 11 min"],
    [{ clock: "no" }, "warning", "the clock of the board is not synchronised"],
    [{ clock: "unknown" }, "good", null],
  ];
  for (const [change, state, reason] of cases) {
    const { sends, only } = camerasAtTime();
    sends(change);
    assert.deepEqual(only(), [state, reason]);
  }
});

Deno.test("a silent detector is trouble, and good again with its next message", () => {
  const { time, sends, only } = camerasAtTime();
  sends();
  time.ms += 75_000;
  assert.deepEqual(only(), ["good", null]);
  time.ms += 1_000;
  assert.deepEqual(only(), ["trouble", "no message for 76 s"]);
  time.ms += 3 * 24 * 3_600_000;
  assert.deepEqual(only(), ["trouble", "no message for 3 days"]);
  sends({ time: new Date(time.ms).toISOString() });
  assert.deepEqual(only(), ["good", null]);
});

Deno.test("a retained state counts by its own time, unless the board's clock is not set", () => {
  const { time, sends, only, cameras } = camerasAtTime();
  time.ms += 3_600_000;
  sends({}, { isRetained: true });
  assert.deepEqual(only(), ["trouble", "no message for 60 min"]);
  sends({ time: "1970-01-01T00:02:00.000Z", clock: "no" }, { isRetained: true });
  assert.deepEqual(only(), ["unknown", "no new message yet"]);
  sends({ time: "1970-01-01T00:02:30.000Z", clock: "no" });
  assert.deepEqual(only()[0], "warning");
  // The broker repeats it after a lost connection.
  sends({ time: "1970-01-01T00:02:30.000Z", clock: "no" }, { isRetained: true });
  assert.equal(cameras.list()[0].seen, time.ms);
  // A board whose clock is ahead was not seen in the future.
  sends({ time: "2031-01-01T00:00:00.000Z" }, { isRetained: true });
  assert.equal(cameras.list()[0].seen, time.ms);
});

Deno.test("a last will is trouble at once, until the next message", () => {
  const { sends, says, only, cameras } = camerasAtTime();
  sends();
  assert.ok(says("offline"));
  assert.deepEqual(only(), ["trouble", "the detector is stopped, or not connected to its broker"]);
  assert.ok(says("online"));
  assert.deepEqual(only(), ["good", null]);
  says("offline");
  assert.ok(sends());
  assert.deepEqual(only(), ["good", null]);
  // The status may arrive before the state.
  says("offline", "board2/detector-yard");
  says("offline", "board2/saver");
  assert.equal(cameras.list().length, 1);
  sends({ camera: "yard" }, { isRetained: true, from: "board2/detector-yard" });
  assert.deepEqual(cameras.list().map(({ name, state }) => `${name} ${state}`), [
    "yard trouble",
    "front good",
  ]);
});

Deno.test("an empty message removes a camera, and other messages change nothing", () => {
  const { cameras, sends } = camerasAtTime();
  sends();
  const topic = "haarlem/board1/detector-front/state";
  for (
    const text of [
      "{}",
      "null",
      "no json",
      `{"camera":"x"}`,
      JSON.stringify({ ...OK, camera: "<b>" }),
      "x".repeat(20_000),
    ]
  ) {
    assert.equal(
      cameras.receive(topic, new TextEncoder().encode(text), { isRetained: false }),
      false,
      text.slice(0, 40),
    );
  }
  assert.equal(cameras.receive("haarlem/<b>/x/state", formatState(OK), { isRetained: false }), false);
  assert.equal(cameras.list().length, 1);
  cameras.receive(topic, new Uint8Array(), { isRetained: false });
  assert.deepEqual(cameras.list(), []);
});

Deno.test("cameras beyond the limit are not shown, and reported once", () => {
  const { cameras, reports, sends } = camerasAtTime();
  for (let board = 0; board < 1_000; board++) sends({}, { from: `b${board}/detector-front` });
  sends({}, { from: "b7/detector-front" });
  assert.deepEqual(reports, []);
  for (let board = 1_000; board < 1_100; board++) sends({}, { from: `b${board}/detector-front` });
  assert.equal(cameras.list().length, 1_000);
  assert.deepEqual(reports, [1_000]);
});

Deno.test("trouble comes first, then the names", () => {
  const { cameras, sends } = camerasAtTime();
  const from = (name: string) => ({ from: `board/detector-${name}` });
  sends({ camera: "b" }, from("b"));
  sends({ camera: "c", clock: "no" }, from("c"));
  sends({ camera: "a" }, from("a"));
  sends({ camera: "d", status: "stuck" }, from("d"));
  assert.deepEqual(cameras.list().map(({ name }) => name), ["d", "c", "a", "b"]);
});
