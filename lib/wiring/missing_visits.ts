/** Logs for how long a notifier had no broker: no broker keeps what was stored meanwhile for it. */
import type { Log } from "../log.ts";
import { CLOCKS } from "../notify/face_ages.ts";
import { HourlyLimit } from "../notify/hourly_limit.ts";

/** Beyond it, the next line also has the seconds of the outages without one. */
const LINES_PER_HOUR = 30;

/** Returns what to call after each outage of the broker. */
export function missingVisits(
  log: Pick<Log, "warn">,
  nowMs: () => number = CLOCKS.monotonicMs,
): (lastedMs: number) => void {
  const limit = new HourlyLimit(LINES_PER_HOUR);
  let awayMs = 0;
  return (lastedMs) => {
    awayMs += lastedMs;
    if (limit.waitMs(nowMs()) > 0) return;
    limit.sent(nowMs());
    log.warn("visits that were stored while no broker was connected may be missing from the notifications", {
      seconds: Math.ceil(awayMs / 1000),
    });
    awayMs = 0;
  };
}
