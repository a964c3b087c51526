import { Outage, type OutageTimes, sinceMinutes } from "../async/outage.ts";
import type { Component } from "../health/health.ts";
import type { Log } from "../log.ts";

/**
 * Reports to the log and to the health of the program whether the outbox can write its folder. Returns the function
 * that takes the reason of each failure, and no reason when the disk can be written again.
 */
export function watchedDisk(
  folder: string,
  { part, log, times }: { part: Component; log: Log; times?: OutageTimes },
): (reason?: string) => void {
  const outage = new Outage({
    down: (reason, lastedMs) =>
      log.error(`${reason}; faces are kept in memory and sent from there`, {
        folder,
        ...sinceMinutes(lastedMs),
      }),
    up: () => log.info("the disk can be written again", { folder }),
  }, times);
  part.recovered();
  return (reason) => {
    if (reason !== undefined) {
      part.waiting(`${reason}, "${folder}" cannot be written`);
      outage.failed(reason);
    } else {
      part.recovered();
      outage.worked();
    }
  };
}
