import { StoreHealth } from "../gallery/store_health.ts";
import type { Part } from "./health.ts";
import type { Log } from "./log.ts";

/** Says once that the store is away and once that it is back. */
export function watchedStore(
  store: { readonly name: string },
  { part, log }: { part: Part; log: Log },
): StoreHealth {
  let wasAway = false;
  return new StoreHealth((trouble) => {
    if (trouble !== undefined) {
      log.warn(`the store does not answer: ${trouble}; trying again`);
      part.waits(trouble);
    } else {
      if (wasAway) log.info(`the store answers again: ${store.name}`);
      part.begins();
      part.works();
    }
    wasAway = trouble !== undefined;
  });
}
