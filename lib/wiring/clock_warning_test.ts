/** The warning about a clock that was never set. */
import assert from "node:assert/strict";
import type { Log } from "../log.ts";
import { clockWarning } from "./clock_warning.ts";

Deno.test("a clock that was never set is logged once, every ten minutes, and when it is set", () => {
  const lines: string[] = [];
  const add: Log["info"] = (message, { clock = "" } = {}) => void lines.push(`${message} ${clock}`.trim());
  let nowMs = 0;
  const checkTime = clockWarning({ debug: add, info: add, warn: add, error: add }, "faces wait", {
    nowMs: () => nowMs,
  });
  for (; nowMs <= 600_000; nowMs += 10_000) checkTime(nowMs);
  for (let time = 0; time < 2; time++) checkTime("2026-11-26T12:00:00Z");
  checkTime(nowMs); // A face that was captured before.
  checkTime("2026-11-26T12:00:01Z");
  assert.deepEqual(lines, [
    "the board's clock was never set; faces wait 1970-01-01T00:00:00.000Z",
    "the board's clock was never set; faces wait 1970-01-01T00:10:00.000Z",
    "the board's clock is set",
  ]);
});
