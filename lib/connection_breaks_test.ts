import assert from "node:assert/strict";
import { Breaks, type BreaksOptions } from "./connection_breaks.ts";

function start(options: BreaksOptions = {}) {
  const clock = { nowMs: 0 };
  const breaks = new Breaks({ nowMs: () => clock.nowMs, ...options });
  const breakUnder = (...ids: string[]) => {
    for (const id of ids) breaks.begins(id);
    clock.nowMs += 100;
    breaks.lost();
  };
  return { clock, breaks, breakUnder };
}

Deno.test("whoever breaks the connection twice is suspected, and guilty after three times alone", () => {
  const { breaks, breakUnder } = start();
  breakUnder("large");
  assert.equal(breaks.isSuspected("large"), false);
  breakUnder("large");
  assert.equal(breaks.isSuspected("large"), true);
  breaks.begins("small");
  breaks.sent("small");
  for (let time = 0; time < 3; time++) {
    assert.equal(breaks.isGuilty("large"), false);
    breakUnder("large");
  }
  assert.equal(breaks.isGuilty("large"), true);
});

Deno.test("those that were only on their way with it are suspected, and free once they arrive", () => {
  const { breaks, breakUnder } = start();
  for (let time = 0; time < 9; time++) breakUnder("small", "large");
  assert.equal(breaks.isSuspected("small"), true);
  assert.equal(breaks.isGuilty("small") || breaks.isGuilty("large"), false, "never alone");
  breaks.begins("small");
  breaks.sent("small");
  assert.equal(breaks.isSuspected("small"), false);
});

Deno.test("where nothing gets through, as with a broker that lets nobody publish, nobody is guilty", () => {
  const { breaks, breakUnder } = start();
  breaks.begins("before");
  breaks.sent("before");
  for (let time = 0; time < 50; time++) {
    breakUnder("one");
    breakUnder("other");
  }
  assert.deepEqual([breaks.isGuilty("one"), breaks.isGuilty("other")], [false, false]);
});

Deno.test("one that breaks it late, while others get through, is guilty", () => {
  const { breaks, clock } = start();
  for (let time = 0; time < 5; time++) {
    breaks.begins("large");
    clock.nowMs += 22_500;
    breaks.lost();
    breaks.begins("other");
    clock.nowMs += 1;
    breaks.sent("other");
  }
  assert.equal(breaks.isGuilty("large"), true);
});

Deno.test("a break is counted once, whether the connection or the sending tells of it first", () => {
  const { breaks } = start();
  breaks.begins("a");
  breaks.lost();
  breaks.failed("a");
  assert.equal(breaks.isSuspected("a"), false);
  breaks.begins("a");
  breaks.failed("a");
  breaks.lost();
  assert.equal(breaks.isSuspected("a"), true);
});

Deno.test("without acknowledgements what was just sent is suspected, and what was sent long ago is not", () => {
  const { breaks, clock } = start({ acknowledged: false });
  for (let time = 0; time < 2; time++) {
    breaks.begins("before");
    breaks.sent("before");
    clock.nowMs += 3_000;
    breaks.begins("large");
    breaks.sent("large");
    clock.nowMs += 50;
    breaks.lost();
  }
  assert.deepEqual([breaks.isSuspected("before"), breaks.isSuspected("large")], [false, true]);
});

Deno.test("no number of messages takes more than its share of memory", () => {
  const { breaks, breakUnder } = start();
  for (let time = 0; time < 2; time++) {
    for (let number = 0; number < 1_500; number++) breakUnder(`${number}`);
  }
  const suspected = Array.from({ length: 1_500 }, (_, number) => breaks.isSuspected(`${number}`)).filter(
    Boolean,
  );
  assert.ok(suspected.length <= 1_000);
});
