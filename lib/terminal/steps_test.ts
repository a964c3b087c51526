/** The steps of a task. */
import assert from "node:assert/strict";
import { Steps } from "./steps.ts";
import type { Terminal } from "./terminal.ts";

/** Steps with a clock of the test. */
function steps(terminal?: Terminal) {
  const [texts, time]: [string[], { ms: number }] = [[], { ms: 0 }];
  const timers = new Set<() => void>();
  const all = new Steps({
    name: "build",
    total: 2,
    terminal,
    write: (text) => void texts.push(text),
    every: (_ms, task) => {
      timers.add(task);
      return { [Symbol.dispose]: () => void timers.delete(task) };
    },
    nowMs: () => time.ms,
  });
  return { all, texts, time, timers };
}

Deno.test("in a pipe each step has a line, when it begins", () => {
  const { all, texts, timers } = steps();
  for (const text of ["bundle haarlem", "compile haarlem", "one more"]) all.begin(text);
  all[Symbol.dispose]();
  assert.deepEqual(texts, [
    "build: [1/2] bundle haarlem\n",
    "build: [2/2] compile haarlem\n",
    "build: [3/3] one more\n",
  ]);
  assert.equal(timers.size, 0);
});

Deno.test("on a terminal one line counts the seconds of the step, and is gone at the end", () => {
  const { all, texts, time, timers } = steps({ hasColour: true, hasMarks: true, columns: () => 40 });
  all.begin("bundle haarlem");
  time.ms = 12_000;
  for (const task of timers) task();
  all.begin("compile haarlem for a machine with a long name");
  all[Symbol.dispose]();
  assert.deepEqual(texts, [
    "build: [1/2] bundle haarlem · 0 s",
    "\r\x1b[2Kbuild: [1/2] bundle haarlem · 12 s",
    "\r\x1b[2Kbuild: [2/2] compile haarlem for a mac…",
    "\r\x1b[2K",
  ]);
  assert.equal(timers.size, 0);
});
