import { StoreHealth } from "../gallery/store_health.ts";
import { Outage, type OutageTimes, sinceMinutes } from "../async/outage.ts";
import type { Component } from "../health/health.ts";
import type { Log } from "../log.ts";

/** Reports to the log and to the health of the program whether the store answers. */
export function watchedStore(
  store: { readonly name: string },
  { part, log, times }: { part: Component; log: Log; times?: OutageTimes },
): StoreHealth {
  const outage = new Outage({
    down: (trouble, lastedMs) =>
      log.warn(`the store does not answer: ${trouble}; trying again`, sinceMinutes(lastedMs)),
    up: () => log.info(`the store answers again: ${store.name}`),
  }, times);
  return new StoreHealth((trouble) => {
    if (trouble !== undefined) {
      part.waiting(trouble);
      outage.failed(trouble);
    } else {
      part.recovered();
      outage.worked();
    }
  });
}
