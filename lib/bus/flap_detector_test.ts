/** Flapping is one failure, from the third short connection until one lasts. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import { FlapDetector } from "./flap_detector.ts";

/** A detector whose time is set by hand; `pass` ends its waits. */
function start() {
  const clock = { nowMs: 0 };
  const count = { recovered: 0 };
  const waits = new Set<() => void>();
  const detector = new FlapDetector({
    clientId: "haarlem-x",
    onRecovered: () => count.recovered++,
    nowMs: () => clock.nowMs,
    delay: (_, { signal } = {}) =>
      new Promise((resolve) => {
        waits.add(resolve);
        signal!.addEventListener("abort", () => resolve());
      }),
  });
  const pass = async (ms: number) => {
    clock.nowMs += ms;
    for (const wake of waits) wake();
    await settled();
  };
  return { clock, count, detector, pass };
}

Deno.test("a failure is reported as it is, and the next connection ends it", () => {
  const { count, detector, clock } = start();
  const wrong = { reason: "wrong password", hint: "look" };
  assert.deepEqual(detector.down({ reason: "refused" }), { reason: "refused" });
  assert.deepEqual(detector.down(wrong), wrong);
  assert.equal(count.recovered, 0);
  detector.up();
  assert.equal(count.recovered, 1);
  clock.nowMs += 9_000;
  assert.deepEqual(detector.down({ reason: "closed" }), { reason: "closed" });
  detector.up();
  assert.equal(count.recovered, 2);
});

Deno.test("a broker that ends one connection after the other is one failure, until a connection is stable", async () => {
  const { count, detector, clock, pass } = start();
  const failures = Array.from({ length: 40 }, () => {
    detector.up();
    clock.nowMs += 100;
    return detector.down({ reason: "closed" });
  });
  assert.deepEqual(failures.slice(0, 2).map(({ reason }) => reason), ["closed", "closed"]);
  assert.match(
    failures[2].reason,
    /ends each connection within 5 s.* another client with the name "haarlem-x"/,
  );
  assert.match(failures[2].hint!, /broker's log/);
  assert.equal(new Set(failures.slice(2).map(({ reason }) => reason)).size, 1);
  await pass(0);
  assert.equal(count.recovered, 3, "before the flapping was detected");
  detector.up();
  await pass(5_000);
  assert.equal(count.recovered, 4);
  assert.deepEqual(detector.down({ reason: "closed" }), { reason: "closed" });
});

Deno.test("a broker that is gone after it ended connections is reported as gone", () => {
  const { detector } = start();
  for (let time = 0; time < 4; time++) {
    detector.up();
    detector.down({ reason: "closed" });
  }
  assert.deepEqual(detector.down({ reason: "nothing listens" }), { reason: "nothing listens" });
});
