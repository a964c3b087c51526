/** Which messages count as suspects and as poison. */
import assert from "node:assert/strict";
import { type BreaksOptions, ConnectionBreaks } from "./connection_breaks.ts";

function start(options: BreaksOptions = {}) {
  const clock = { nowMs: 0 };
  const breaks = new ConnectionBreaks({ nowMs: () => clock.nowMs, ...options });
  const breakUnder = (...ids: string[]) => {
    for (const id of ids) breaks.started(id);
    clock.nowMs += 100;
    breaks.lost();
  };
  return { clock, breaks, breakUnder };
}

Deno.test("a message that breaks the connection twice is a suspect, and poison after three more breaks alone", () => {
  const { breaks, breakUnder } = start();
  breakUnder("large");
  assert.equal(breaks.isSuspect("large"), false);
  breakUnder("large");
  assert.equal(breaks.isSuspect("large"), true);
  breaks.started("small");
  breaks.sent("small");
  for (let time = 0; time < 3; time++) {
    assert.equal(breaks.isPoison("large"), false);
    breakUnder("large");
  }
  assert.equal(breaks.isPoison("large"), true);
});

Deno.test("messages that were in flight with it are suspects until they arrive", () => {
  const { breaks, breakUnder } = start();
  for (let time = 0; time < 9; time++) breakUnder("small", "large");
  assert.equal(breaks.isSuspect("small"), true);
  assert.equal(breaks.isPoison("small") || breaks.isPoison("large"), false, "never alone");
  breaks.started("small");
  breaks.sent("small");
  assert.equal(breaks.isSuspect("small"), false);
});

Deno.test("where no message gets through, no message is poison", () => {
  const { breaks, breakUnder } = start();
  breaks.started("before");
  breaks.sent("before");
  for (let time = 0; time < 50; time++) {
    breakUnder("one");
    breakUnder("other");
  }
  assert.deepEqual([breaks.isPoison("one"), breaks.isPoison("other")], [false, false]);
});

Deno.test("a message that breaks the connection late, while others get through, is poison", () => {
  const { breaks, clock } = start();
  for (let time = 0; time < 5; time++) {
    breaks.started("large");
    clock.nowMs += 22_500;
    breaks.lost();
    breaks.started("other");
    clock.nowMs += 1;
    breaks.sent("other");
  }
  assert.equal(breaks.isPoison("large"), true);
});

Deno.test("a break is counted once, whether lost() or failed() comes first", () => {
  const { breaks } = start();
  breaks.started("a");
  breaks.lost();
  breaks.failed("a");
  assert.equal(breaks.isSuspect("a"), false);
  breaks.started("a");
  breaks.failed("a");
  breaks.lost();
  assert.equal(breaks.isSuspect("a"), true);
});

Deno.test("without acknowledgements a message that was just sent is a suspect, one that was sent long ago is not", () => {
  const { breaks, clock } = start({ acknowledged: false });
  for (let time = 0; time < 2; time++) {
    breaks.started("before");
    breaks.sent("before");
    clock.nowMs += 3_000;
    breaks.started("large");
    breaks.sent("large");
    clock.nowMs += 50;
    breaks.lost();
  }
  assert.deepEqual([breaks.isSuspect("before"), breaks.isSuspect("large")], [false, true]);
});

Deno.test("the number of remembered messages is limited", () => {
  const { breaks, breakUnder } = start();
  for (let time = 0; time < 2; time++) {
    for (let number = 0; number < 1_500; number++) breakUnder(`${number}`);
  }
  const suspects = Array.from({ length: 1_500 }, (_, number) => breaks.isSuspect(`${number}`)).filter(
    Boolean,
  );
  assert.ok(suspects.length <= 1_000);
});
