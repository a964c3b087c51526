import assert from "node:assert/strict";
import type { Synchronised } from "../face/face.ts";
import { delay } from "../async/delay.ts";
import { BoardClock } from "./board_clock.ts";
import { SETTLING_MS } from "./clock.ts";
import { type ClockSources, SYSTEM_SOURCES } from "./system_sources.ts";

const NOON_MS = Date.parse("2026-11-23T12:00:00.000Z");

/** A board in the hands of a test: its time stands still until it is moved. */
class Board implements ClockSources {
  upMs = 1_000_000;
  offsetMs = 0;
  state: Synchronised = "no";
  asked = 0;

  /** @param startedMs when the program was started, since the boot. */
  constructor(public startedMs = 900_000) {}

  wallMs = () => this.upMs + this.offsetMs;
  runMs = () => this.upMs - this.startedMs;
  uptimeS = (): number | undefined => Math.floor(this.upMs / 1_000);
  bootId = (): Promise<string | undefined> => Promise.resolve("a".repeat(32));
  synchronised = () => Promise.resolve((this.asked++, this.state));

  /** What a time server does. */
  set(): void {
    this.offsetMs = NOON_MS - this.upMs;
    this.state = "yes";
  }
}

/** Longer than the clock takes to look again. */
const A_LOOK_MS = 1_300;

Deno.test("a moment has both times, the boot, and what the clock is worth", async () => {
  const board = new Board();
  await using clock = await BoardClock.open(board);
  assert.deepEqual(clock.now(), {
    wallMs: 1_000_000,
    synchronised: "no",
    bootId: "a".repeat(32),
    monotonicMs: 1_000_000,
    settling: false,
  });
  assert.equal(clock.momentOf(990_000).monotonicMs, 990_000);
});

Deno.test("a clock that is set is noticed and asked about, and what was before keeps its moment", async () => {
  const board = new Board();
  await using clock = await BoardClock.open(board);
  let changes = 0;
  clock.onChange = () => changes++;
  await delay(A_LOOK_MS);
  assert.deepEqual([changes, board.asked], [0, 1]);
  board.upMs += 2_000;
  board.set();
  await delay(A_LOOK_MS);
  assert.deepEqual([changes, board.asked], [1, 2]);
  assert.equal(clock.now().synchronised, "yes");
  assert.equal(clock.now().wallMs, NOON_MS);
  const before = clock.momentOf(1_000_500);
  assert.deepEqual([before.synchronised, before.monotonicMs], ["no", 1_000_500]);
});

Deno.test("it is asked every ten seconds while the clock is not synchronised, and seldom once it is", async () => {
  const board = new Board();
  await using clock = await BoardClock.open(board);
  board.upMs += 10_000;
  board.state = "yes"; // Without a step: the clock was right all the time.
  let changes = 0;
  clock.onChange = () => changes++;
  await delay(A_LOOK_MS);
  assert.deepEqual([board.asked, changes, clock.now().synchronised], [2, 1, "yes"]);
  board.upMs += 590_000;
  await delay(A_LOOK_MS);
  assert.equal(board.asked, 2);
});

Deno.test("the time after the boot in which a time server may answer has an end that is told", async () => {
  const board = new Board(SETTLING_MS - 5_000);
  board.upMs = SETTLING_MS - 500;
  await using clock = await BoardClock.open(board);
  let changes = 0;
  clock.onChange = () => changes++;
  assert.equal(clock.now().settling, true);
  await delay(A_LOOK_MS);
  assert.equal(changes, 0);
  board.upMs += 1_000;
  await delay(A_LOOK_MS);
  assert.deepEqual([clock.now().settling, changes], [false, 1]);
});

Deno.test("two runs of the program in one boot count alike, as far as the system's whole seconds allow", async () => {
  const board = new Board(900_700);
  await using first = await BoardClock.open(board);
  await delay(50);
  const counted = first.now().monotonicMs;
  board.startedMs = 950_300;
  board.upMs = 960_900;
  await using second = await BoardClock.open(board);
  assert.ok(Math.abs(counted - 1_000_000) < 1_000);
  assert.ok(Math.abs(second.now().monotonicMs - 960_900) < 1_000);
  board.upMs += 86_400_700;
  assert.equal(second.now().monotonicMs - 86_400_700, 960_000, "and each always alike");
});

Deno.test("the time that a board has slept counts", async () => {
  const board = new Board();
  await using clock = await BoardClock.open(board);
  board.upMs += 3_600_000;
  board.startedMs += 3_600_000; // The process has counted none of it.
  await delay(A_LOOK_MS);
  assert.equal(clock.now().monotonicMs, 4_600_000);
});

Deno.test("where boots cannot be told apart each run of the program counts by itself, and says so", async () => {
  const nothing = () => Promise.resolve(undefined);
  await using clock = await BoardClock.open(Object.assign(new Board(), { bootId: nothing }));
  const { bootId, monotonicMs } = clock.now();
  assert.match(bootId, /^run-[0-9a-f]{32}$/);
  assert.equal(monotonicMs, 100_000);
  await using other = await BoardClock.open(Object.assign(new Board(), { uptimeS: () => undefined }));
  assert.match(other.now().bootId, /^run-/);
});

Deno.test("this machine answers, or says that it cannot", async () => {
  await using clock = await BoardClock.open();
  const before = clock.now();
  assert.match(before.bootId, /^([0-9a-f]{32}|run-[0-9a-f]{32})$/);
  assert.ok(["yes", "no", "unknown"].includes(before.synchronised));
  await delay(20);
  assert.ok(clock.now().monotonicMs > before.monotonicMs);
  assert.equal(await SYSTEM_SOURCES.bootId(), await SYSTEM_SOURCES.bootId());
});
