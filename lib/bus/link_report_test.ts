import assert from "node:assert/strict";
import { LinkReport } from "./link_report.ts";

/** A report whose connections count as stable after `stableMs`, and how often it said that the trouble is over. */
function start(stableMs: number) {
  const count = { recovered: 0 };
  let onRecovered = () => {};
  const report = new LinkReport({
    clientId: "haarlem-x",
    stableMs,
    onRecovered: () => {
      count.recovered++;
      onRecovered();
    },
  });
  const settled = () => new Promise<void>((resolve) => onRecovered = resolve);
  return { count, settled, report };
}

Deno.test("a failure is its own trouble, and the next connection is its end", () => {
  const { count, report } = start(5_000);
  const wrong = { reason: "wrong password", hint: "look" };
  assert.deepEqual(report.down({ reason: "refused" }, 0), { reason: "refused" });
  assert.deepEqual(report.down(wrong, 2), wrong);
  assert.equal(count.recovered, 0);
  report.up(3);
  assert.equal(count.recovered, 1);
  assert.deepEqual(report.down({ reason: "closed" }, 9_000), { reason: "closed" });
  report.up(9_001);
  assert.equal(count.recovered, 2);
});

Deno.test("a broker that ends one connection after the other is one trouble, until a connection lasts", async () => {
  const { count, report, settled } = start(10);
  const troubles = Array.from({ length: 40 }, (_, time) => {
    report.up(time);
    return report.down({ reason: "closed" }, time + 0.5);
  });
  assert.deepEqual(troubles.slice(0, 3).map(({ reason }) => reason), [
    "closed",
    "closed",
    troubles[2].reason,
  ]);
  assert.match(troubles[2].reason, /ends each connection within .* another client with the name "haarlem-x"/);
  assert.match(troubles[2].hint!, /broker's log/);
  assert.equal(new Set(troubles.slice(2).map(({ reason }) => reason)).size, 1);
  assert.equal(count.recovered, 3, "before it is known that they do not last");
  report.up(50);
  await settled();
  assert.deepEqual(report.down({ reason: "closed" }, 100), { reason: "closed" });
});

Deno.test("a broker that is gone after it ended connections is reported as gone", () => {
  const { report } = start(1_000);
  for (let time = 0; time < 4; time++) {
    report.up(time);
    report.down({ reason: "closed" }, time);
  }
  assert.deepEqual(report.down({ reason: "nothing listens" }, 9), { reason: "nothing listens" });
  report.stop();
});
