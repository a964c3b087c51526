import assert from "node:assert/strict";
import type { LinkChange } from "./bus.ts";
import { LinkReport } from "./link_report.ts";

/** A report whose connections count as stable after `stableMs`, and what it has told. */
function start(stableMs: number) {
  const told: LinkChange[] = [];
  let onUp = () => {};
  const onLink = (change: LinkChange) => {
    told.push(change);
    if (change.up) onUp();
  };
  const settled = () => new Promise<void>((resolve) => onUp = resolve);
  return { told, settled, report: new LinkReport({ clientId: "haarlem-x", onLink, stableMs }) };
}

Deno.test("each trouble is told once, when it begins and when its cause changes, and its end once", () => {
  const { told, report } = start(5_000);
  report.down({ reason: "refused" }, 0);
  report.down({ reason: "refused" }, 1);
  report.down({ reason: "wrong password", hint: "look" }, 2);
  report.up(3);
  report.down({ reason: "closed" }, 9_000);
  report.up(9_001);
  assert.deepEqual(told, [
    { up: false, reason: "refused" },
    { up: false, reason: "wrong password", hint: "look" },
    { up: true },
    { up: false, reason: "closed" },
    { up: true },
  ]);
});

Deno.test("a broker that ends one connection after the other is one trouble, until a connection lasts", async () => {
  const { told, report, settled } = start(10);
  for (let time = 0; time < 40; time++) {
    report.up(time);
    report.down({ reason: "closed" }, time + 0.5);
  }
  assert.deepEqual(told.slice(0, 5).map(({ up }) => up), [true, false, true, false, true]);
  const [last, ...more] = told.slice(5);
  assert.deepEqual(more, []);
  assert.ok(!last.up);
  assert.match(last.reason, /ends each connection within .* another client with the name "haarlem-x"/);
  assert.match(last.hint!, /broker's log/);
  report.up(50);
  await settled();
  report.down({ reason: "closed" }, 100);
  assert.deepEqual(told.slice(6), [{ up: true }, { up: false, reason: "closed" }]);
});

Deno.test("a broker that is gone after it ended connections is reported as gone", () => {
  const { told, report } = start(1_000);
  for (let time = 0; time < 4; time++) {
    report.up(time);
    report.down({ reason: "closed" }, time);
  }
  report.down({ reason: "nothing listens" }, 9);
  report.stop();
  assert.deepEqual(told.at(-1), { up: false, reason: "nothing listens" });
});
