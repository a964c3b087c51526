/** Outage reports: once at the start, once per cause, every ten minutes, and at the end. */
import assert from "node:assert/strict";
import { Outage, retrying } from "./outage.ts";

/** Outage reports, on a clock that tests set. */
function start() {
  const clock = { nowMs: 0 };
  const said: string[] = [];
  const outage = new Outage({
    down: (reason, lastedMs) => said.push(`${reason} after ${lastedMs / 1000} s`),
    up: (lastedMs) => said.push(`up after ${lastedMs / 1000} s`),
  }, { nowMs: () => clock.nowMs });
  const every = (stepMs: number, times: number, run: () => void) => {
    for (let time = 0; time < times; time++, clock.nowMs += stepMs) run();
  };
  return { clock, said, outage, every };
}

Deno.test("an outage is reported once at its start and once at its end, whatever the number of failures", () => {
  const { said, outage, every } = start();
  every(1_000, 300, () => outage.failed("no answer"));
  outage.worked();
  outage.worked();
  assert.deepEqual(said, ["no answer after 0 s", "up after 300 s"]);
});

Deno.test("an outage that lasts is reported every ten minutes", () => {
  const { said, outage, every } = start();
  every(15_000, 81, () => outage.failed("no answer"));
  assert.deepEqual(said, [0, 600, 1200].map((time) => `no answer after ${time} s`));
});

Deno.test("a new cause is reported at once, and alternating causes once each", () => {
  const { said, outage, every } = start();
  outage.failed("fetch failed");
  every(1_000, 60, () => {
    outage.failed("wrong secret key");
    outage.failed("fetch failed");
  });
  assert.deepEqual(said, ["fetch failed after 0 s", "wrong secret key after 0 s"]);
});

Deno.test("different texts of one cause are one report", () => {
  const { said, outage } = start();
  for (let request = 1; request <= 9; request++) outage.failed(`503 (request ${request})`, "503");
  assert.deepEqual(said, ["503 (request 1) after 0 s"]);
});

Deno.test("alternating failures and successes are one outage", () => {
  const { said, outage, every } = start();
  every(2_000, 200, () => {
    outage.failed("no answer");
    outage.worked();
  });
  assert.deepEqual(said, ["no answer after 0 s", "up after 0 s"]);
});

Deno.test("an outage that returns for the same cause is reported after 30 s", () => {
  const { said, outage, clock, every } = start();
  outage.failed("no answer");
  outage.worked();
  clock.nowMs = 10_000;
  every(5_000, 8, () => outage.failed("no answer"));
  outage.worked();
  assert.deepEqual(said.slice(2), ["no answer after 30 s", "up after 40 s"]);
});

Deno.test("a success returns how long it did not work, also where that is not reported", () => {
  const { said, outage, clock } = start();
  assert.equal(outage.worked(), undefined);
  const lasted = [2_000, 5_000].map((ms) => {
    outage.failed("no answer");
    clock.nowMs += ms;
    return outage.worked();
  });
  assert.deepEqual(lasted, [2_000, 5_000]);
  assert.deepEqual(said, ["no answer after 0 s", "up after 2 s"]);
});

Deno.test("an outage after a steady period is reported again", () => {
  const { said, outage, clock } = start();
  outage.failed("no answer");
  outage.worked();
  clock.nowMs = 30_000;
  outage.failed("no answer");
  assert.deepEqual(said.slice(2), ["no answer after 0 s"]);
});

Deno.test("the memory for causes is limited, and the newest causes are remembered", () => {
  const { said, outage } = start();
  for (let cause = 0; cause < 1_000; cause++) outage.failed(`cause ${cause}`);
  assert.equal(said.length, 1_000);
  outage.failed("cause 999");
  assert.equal(said.length, 1_000);
});

Deno.test("retrying() keeps the advice of a reason at the end", () => {
  assert.equal(retrying("no route"), "no route; retrying");
  assert.equal(retrying("no clock. Try: install chrony"), "no clock; retrying. Try: install chrony");
});
