import assert from "node:assert/strict";
import type { Log } from "../log.ts";
import { timeWarning } from "./sink_parts.ts";

Deno.test("a clock that was never set is reported once, every ten minutes, and when it is set", () => {
  const said: string[] = [];
  const say: Log["info"] = (message, { clock = "" } = {}) => void said.push(`${message} ${clock}`.trim());
  let nowMs = 0;
  const warnOfTime = timeWarning({ debug: say, info: say, warn: say, error: say }, "faces wait", {
    nowMs: () => nowMs,
  });
  for (; nowMs <= 600_000; nowMs += 10_000) warnOfTime(nowMs);
  for (let time = 0; time < 2; time++) warnOfTime("2026-11-26T12:00:00Z");
  warnOfTime(nowMs); // A face that was taken before.
  warnOfTime("2026-11-26T12:00:01Z");
  assert.deepEqual(said, [
    "the board's clock was never set; faces wait 1970-01-01T00:00:00.000Z",
    "the board's clock was never set; faces wait 1970-01-01T00:10:00.000Z",
    "the board's clock is set",
  ]);
});
