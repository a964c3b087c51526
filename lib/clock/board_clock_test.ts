/** The state of a board's clock. */
import assert from "node:assert/strict";
import type { Synchronised } from "../face/face.ts";
import { settled } from "../testing/settled.ts";
import { BoardClock } from "./board_clock.ts";
import { SETTLING_MS } from "./clock.ts";
import { type ClockSources, SYSTEM_SOURCES } from "./system_sources.ts";

const NOON_MS = Date.parse("2026-11-23T12:00:00.000Z");

/** A board whose time the test moves. */
class Board implements ClockSources {
  upMs = 1_000_000;
  offsetMs = 0;
  state: Synchronised = "no";
  /** How often it was asked whether its clock is synchronised. */
  asked = 0;
  #endDelay = () => {};

  /** @param startedMs when the program was started, milliseconds after the boot */
  constructor(public startedMs = 900_000) {}

  /** How long the program stands still after its next look at the wall clock. */
  standsStillMs = 0;

  wallMs = () => {
    const wallMs = this.upMs + this.offsetMs;
    this.upMs += this.standsStillMs;
    this.standsStillMs = 0;
    return wallMs;
  };
  runMs = () => this.upMs - this.startedMs;
  uptimeS = (): number | undefined => Math.floor(this.upMs / 1_000);
  bootId = (): Promise<string | undefined> => Promise.resolve("a".repeat(32));
  synchronised = () => Promise.resolve((this.asked++, this.state));

  /** What a time server does. */
  set(): void {
    this.offsetMs = NOON_MS - this.upMs;
    this.state = "yes";
  }

  delay = (_ms: number, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise<void>((resolve) => {
      this.#endDelay = resolve;
      signal?.addEventListener("abort", () => resolve());
    });

  open(): Promise<BoardClock> {
    return BoardClock.open(this, { delay: this.delay });
  }

  /** Ends the interval between two readings. */
  async nextReading(): Promise<void> {
    await settled();
    this.#endDelay();
    await settled();
  }
}

Deno.test("a moment has both times, the boot, and the state of the clock", async () => {
  const board = new Board();
  await using clock = await board.open();
  assert.deepEqual(clock.now(), {
    wallMs: 1_000_000,
    synchronised: "no",
    bootId: "a".repeat(32),
    monotonicMs: 1_000_000,
    settling: false,
  });
  assert.equal(clock.momentOf(990_000).monotonicMs, 990_000);
});

Deno.test("a set clock is noticed and its synchronisation checked, and earlier times keep their moments", async () => {
  const board = new Board();
  await using clock = await board.open();
  let changes = 0;
  clock.onChange = () => changes++;
  await board.nextReading();
  assert.deepEqual([changes, board.asked], [0, 1]);
  board.upMs += 2_000;
  board.set();
  await board.nextReading();
  assert.deepEqual([changes, board.asked], [1, 2]);
  assert.equal(clock.now().synchronised, "yes");
  assert.equal(clock.now().wallMs, NOON_MS);
  const before = clock.momentOf(1_000_500);
  assert.deepEqual([before.synchronised, before.monotonicMs], ["no", 1_000_500]);
});

Deno.test("a program that stands still between its looks at two clocks notices no set clock", async () => {
  const board = new Board();
  await using clock = await board.open();
  let changes = 0;
  clock.onChange = () => changes++;
  board.standsStillMs = 2_000;
  const { wallMs, monotonicMs } = clock.now();
  assert.equal(wallMs, monotonicMs);
  await board.nextReading();
  assert.equal(changes, 0);
});

Deno.test("synchronisation is checked every ten seconds until the clock is synchronised, then every ten minutes", async () => {
  const board = new Board();
  await using clock = await board.open();
  board.upMs += 10_000;
  board.state = "yes"; // Without a step: the clock was right all the time.
  let changes = 0;
  clock.onChange = () => changes++;
  await board.nextReading();
  assert.deepEqual([board.asked, changes, clock.now().synchronised], [2, 1, "yes"]);
  board.upMs += 590_000;
  await board.nextReading();
  assert.equal(board.asked, 2);
});

Deno.test("the end of the settling time after the boot is a change", async () => {
  const board = new Board(SETTLING_MS - 5_000);
  board.upMs = SETTLING_MS - 500;
  await using clock = await board.open();
  let changes = 0;
  clock.onChange = () => changes++;
  assert.equal(clock.now().settling, true);
  await board.nextReading();
  assert.equal(changes, 0);
  board.upMs += 1_000;
  await board.nextReading();
  assert.deepEqual([clock.now().settling, changes], [false, 1]);
});

Deno.test("two runs of the program in one boot count time alike, within the system's whole seconds", async () => {
  const board = new Board(900_700);
  await using first = await board.open();
  await board.nextReading();
  const counted = first.now().monotonicMs;
  board.startedMs = 950_300;
  board.upMs = 960_900;
  await using second = await board.open();
  assert.ok(Math.abs(counted - 1_000_000) < 1_000);
  assert.ok(Math.abs(second.now().monotonicMs - 960_900) < 1_000);
  board.upMs += 86_400_700;
  assert.equal(second.now().monotonicMs - 86_400_700, 960_000, "one run counts exactly");
});

Deno.test("the time that the board slept is counted", async () => {
  const board = new Board();
  await using clock = await board.open();
  board.upMs += 3_600_000;
  board.startedMs += 3_600_000; // The process has counted none of it.
  await board.nextReading();
  assert.equal(clock.now().monotonicMs, 4_600_000);
});

Deno.test("where boots cannot be told apart each run of the program counts from its own start, with its own id", async () => {
  const nothing = () => Promise.resolve(undefined);
  await using clock = await Object.assign(new Board(), { bootId: nothing }).open();
  const { bootId, monotonicMs } = clock.now();
  assert.match(bootId, /^run-[0-9a-f]{32}$/);
  assert.equal(monotonicMs, 100_000);
  await using other = await Object.assign(new Board(), { uptimeS: () => undefined }).open();
  assert.match(other.now().bootId, /^run-/);
});

Deno.test("the system sources work on this machine, with or without systemd", async () => {
  await using clock = await BoardClock.open();
  const before = clock.now();
  assert.match(before.bootId, /^([0-9a-f]{32}|run-[0-9a-f]{32})$/);
  assert.ok(["yes", "no", "unknown"].includes(before.synchronised));
  for (const until = performance.now() + 2; performance.now() < until;); // Two different readings.
  assert.ok(clock.now().monotonicMs > before.monotonicMs);
  assert.equal(await SYSTEM_SOURCES.bootId(), await SYSTEM_SOURCES.bootId());
});
