/** Where the status goes: to a terminal, or to the log. */
import assert from "node:assert/strict";
import type { Log } from "../log.ts";
import type { Status } from "../terminal/status.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type StatusMode, StatusReports } from "./status_reports.ts";

const TERMINAL: Terminal = { hasColour: false, hasMarks: true, columns: () => 80 };

/** Reports with a log and a timer of the test. */
function reporting(mode: StatusMode, terminal?: Terminal) {
  const logged: string[] = [];
  const written: string[] = [];
  const timers = new Map<number, () => void>();
  const log = { info: (message: string) => void logged.push(message) } as unknown as Log;
  const reports = new StatusReports({
    mode,
    terminal,
    write: (text) => void written.push(text),
    every: (ms, task) => {
      timers.set(ms, task);
      return { [Symbol.dispose]: () => void timers.delete(ms) };
    },
  });
  let reads = 0;
  const read = (): Status => ({ name: "saver", state: "good", parts: [{ text: `${++reads} stored` }] });
  const status = reports.for(log);
  status.show(read);
  return { logged, written, timers, reports, status };
}

Deno.test("on a terminal the status is one line, drawn twice a second, and nothing is logged", () => {
  const { logged, written, timers, status } = reporting("auto", TERMINAL);
  timers.get(500)!();
  assert.deepEqual(written.map((text) => text.trim()), ["● saver  1 stored", "● saver  2 stored"]);
  status.conclude("3 stored", {});
  assert.equal(written.at(-1), "✓ 3 stored\n");
  assert.deepEqual([logged, timers.size, status.isDrawn], [[], 0, true]);
});

for (const [mode, terminal] of [["auto", undefined], ["log", TERMINAL]] as const) {
  Deno.test(`--status ${mode} ${terminal ? "on a terminal" : "in a pipe"} logs a line each minute`, () => {
    const { logged, written, timers, status } = reporting(mode, terminal);
    assert.deepEqual([...timers.keys()], [60_000]);
    timers.get(60_000)!();
    status.conclude("3 stored", {});
    assert.deepEqual([logged, written, timers.size], [["saver: 2 stored", "3 stored", "done"], [], 0]);
  });
}

Deno.test("--status off reports nothing while the program runs", () => {
  const { logged, written, timers } = reporting("off", TERMINAL);
  assert.deepEqual([logged, written, timers.size], [[], [], 0]);
});
