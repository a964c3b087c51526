/** The history of jumps of the wall clock. */
import assert from "node:assert/strict";
import { WallHistory } from "./wall_history.ts";

const Y2026 = Date.parse("2026-11-23T12:00:00Z");

Deno.test("a time that the clock showed before it was set has its moment", () => {
  const history = new WallHistory();
  assert.equal(history.add({ wallMs: 1_000, runMs: 0, synchronised: "no" }), false, "the first reading");
  assert.equal(history.add({ wallMs: 61_000, runMs: 60_000, synchronised: "no" }), false);
  assert.equal(history.add({ wallMs: Y2026, runMs: 61_000, synchronised: "yes" }), true);
  history.add({ wallMs: Y2026 + 9_000, runMs: 70_000, synchronised: "yes" });
  assert.deepEqual(history.at(31_000), { wallMs: 31_000, runMs: 30_000, synchronised: "no" });
  assert.deepEqual(history.at(Y2026 + 5_000), { wallMs: Y2026 + 5_000, runMs: 66_000, synchronised: "yes" });
});

Deno.test("a clock that was set back showed some times twice: the moment is the later one", () => {
  const history = new WallHistory();
  history.add({ wallMs: Y2026, runMs: 0, synchronised: "no" });
  history.add({ wallMs: Y2026 + 60_000, runMs: 60_000, synchronised: "no" });
  history.add({ wallMs: Y2026 + 31_000, runMs: 61_000, synchronised: "no" });
  history.add({ wallMs: Y2026 + 40_000, runMs: 70_000, synchronised: "no" });
  assert.equal(history.at(Y2026 + 35_000).runMs, 65_000, "after the setting");
  assert.equal(history.at(Y2026 + 20_000).runMs, 20_000, "before it");
  assert.equal(history.at(Y2026 + 50_000).runMs, 50_000, "not shown again so far");
});

Deno.test("a slewed clock was not set, and its times are as far apart as it showed", () => {
  const history = new WallHistory();
  for (let second = 0; second <= 100; second++) {
    const set = history.add({ wallMs: Y2026 + second * 1_080, runMs: second * 1_000, synchronised: "yes" });
    assert.equal(set, false);
  }
  const { runMs } = history.at(Y2026 + 108_000 - 3_000);
  assert.equal(runMs, 97_000);
});

Deno.test("a time that the clock never showed is at most now", () => {
  const history = new WallHistory();
  history.add({ wallMs: Y2026, runMs: 5_000, synchronised: "yes" });
  assert.equal(history.at(Y2026 + 86_400_000).runMs, 5_000);
  assert.equal(history.at(Y2026 - 4_000).runMs, 1_000);
});

Deno.test("after the clock was set back a time just ahead of it is now, not before", () => {
  const history = new WallHistory();
  history.add({ wallMs: Y2026, runMs: 0, synchronised: "no" });
  history.add({ wallMs: Y2026 + 50_000, runMs: 60_000, synchronised: "no" });
  history.add({ wallMs: Y2026 + 90_000, runMs: 100_000, synchronised: "no" });
  assert.equal(history.at(Y2026 + 95_000).runMs, 100_000);
});

Deno.test("a clock that is set again and again fills no memory: the oldest period is forgotten", () => {
  const history = new WallHistory();
  history.add({ wallMs: 7_000_000, runMs: 0, synchronised: "unknown" });
  for (let reading = 0; reading < 10_000; reading++) {
    history.add({ wallMs: reading % 2 ? Y2026 : 0, runMs: reading * 1_000, synchronised: "no" });
  }
  assert.equal(history.at(Y2026).runMs, 9_999_000);
  assert.equal(history.at(7_000_000).synchronised, "no");
});
