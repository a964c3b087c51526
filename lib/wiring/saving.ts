import { Outage, sinceMinutes } from "../async/outage.ts";
import { RetryPolicy } from "../store/retry_policy.ts";
import type { Store } from "../store/store.ts";
import type { Component } from "../health/health.ts";
import type { Log } from "../log.ts";

/** Judges the failures of a store, and reports them to the log and to the health of the program. */
export function openRetryPolicy(store: Store, log: Log, part: Component): RetryPolicy {
  const outage = new Outage({
    down: (reason, lastedMs) => log.error(`cannot store: ${reason}; trying again`, sinceMinutes(lastedMs)),
    up: () => log.info(`the store is back: ${store.name}`),
  });
  part.recovered();
  return new RetryPolicy({
    outage: {
      failed: (reason, cause) => {
        part.waiting(reason);
        outage.failed(reason, cause);
      },
      worked: () => {
        part.recovered();
        outage.worked();
      },
    },
    tryOut: (options) => store.tryOut(options),
    onMessageFailed: (id, reason) =>
      log.warn(`a message cannot be stored now: ${reason}; trying again`, { id }),
  });
}
