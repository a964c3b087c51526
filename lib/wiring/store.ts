/** The settings of a store, the store that they describe, and the reports of its outages. */
import { delay } from "../async/delay.ts";
import { either } from "../async/either.ts";
import { type OutageTimes, retrying, sinceMinutes } from "../async/outage.ts";
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import { StoreHealth } from "../gallery/store_health.ts";
import type { Component } from "../health/health.ts";
import type { Log } from "../log.ts";
import { safeParts } from "../safe_address.ts";
import { choice, grouped, number, text, type Values } from "../settings/declare.ts";
import { cleaned } from "../settings/environment.ts";
import type { FolderOptions } from "../store/folder_store.ts";
import { openStore } from "../store/open_store.ts";
import { RetryPolicy } from "../store/retry_policy.ts";
import type { Store } from "../store/store.ts";
import { ComponentOutage } from "./component_outage.ts";

/** The settings of every program with a store. Credentials come from the AWS environment variables and files. */
export const STORE_SETTINGS = grouped("storage", {
  store: text({
    help: "s3://BUCKET/PREFIX or a folder",
    placeholder: "STORE",
    required: true,
  }),
  s3Endpoint: text({
    help: "address of an S3 server other than AWS, such as http://127.0.0.1:9000",
    placeholder: "URL",
    address: true,
    check: wrongEndpoint,
  }),
  s3Region: text({
    help: "region of the bucket; without it, AWS_REGION or the one of the AWS profile",
    placeholder: "REGION",
  }),
  s3PathStyle: choice(["auto", "on", "off"], {
    help: "address the bucket in the path, not in the host name",
    details: "auto: only with --s3-endpoint.",
    fallback: "auto",
  }),
  s3Timeout: number({
    help: "timeout of one S3 request",
    min: 1,
    max: 600,
    unit: "seconds",
    fallback: "20",
  }),
});

/** Opens the store that the settings describe, without a request to it. Throws a ConfigError for an invalid address. */
export function openStoreOf(
  settings: Values<typeof STORE_SETTINGS>,
  options: FolderOptions & { readonly onUnsupported?: (what: string) => void } = {},
): Store {
  cleanCredentials();
  const { store, s3Endpoint: endpoint, s3Region: region, s3PathStyle: pathStyle, s3Timeout } = settings;
  if (store === "") {
    throw new ConfigError("--store is empty", "set --store s3://BUCKET/PREFIX or --store DIR");
  }
  return openStore(store, { endpoint, region, pathStyle, timeoutMs: s3Timeout * 1000, ...options });
}

/** A store that did not answer at the start is tested at this interval until it does. */
const TEST_MS = 5_000;

/**
 * Checks the store before the first message. Rejects when the settings are wrong; when the store does not answer, logs
 * and returns the reason.
 */
export async function checkStore(
  store: Store,
  { log, ...options }: { signal: AbortSignal; log: Log; ifAbsent: boolean },
): Promise<string | undefined> {
  try {
    await store.check(options);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError || error instanceof FatalError) throw error;
    const reason = messageOf(error);
    log.warn(`the store does not answer yet: ${reason}`);
    return reason;
  }
}

/**
 * The retry policy of a store. The store's outages go to the log and to the health of the program.
 * @param options.fault what `checkStore` returned. The store is then tested until it works, with or without messages.
 */
export function openRetryPolicy(
  store: Store,
  { log, component, fault, signal, testMs = TEST_MS }: {
    readonly log: Log;
    readonly component: Component;
    readonly fault: string | undefined;
    readonly signal: AbortSignal;
    readonly testMs?: number;
  },
): RetryPolicy {
  const outage = new ComponentOutage(component, {
    down: (reason, lastedMs) => log.error(`cannot store: ${retrying(reason)}`, sinceMinutes(lastedMs)),
    up: () => log.info(`the store is back: ${store.name}`),
  });
  const answer = new AbortController();
  const worked = () => {
    // Where a put failed meanwhile, the outage reports its own end.
    const isFirst = fault !== undefined && !answer.signal.aborted;
    if (isFirst && !outage.isDown) log.info(`the store answers: ${store.name}`);
    answer.abort();
    outage.worked();
  };
  if (fault === undefined) worked();
  else {
    component.waiting(fault);
    void testUntil(either(signal, answer.signal), { store, component, worked, testMs });
  }
  return new RetryPolicy({
    outage: { failed: (reason, cause) => outage.failed(reason, cause), worked },
    tryOut: (options) => store.tryOut(options),
    onMessageFailed: (id, reason) => log.warn(`a message cannot be stored now: ${retrying(reason)}`, { id }),
  });
}

/** Tests a store until the signal is aborted, which `worked` does. */
async function testUntil(
  signal: AbortSignal,
  { store, component, worked, testMs }: {
    readonly store: Store;
    readonly component: Component;
    readonly worked: () => void;
    readonly testMs: number;
  },
): Promise<void> {
  for (;;) {
    await delay(testMs, { signal });
    if (signal.aborted) return;
    await store.tryOut({ signal }).then(worked, (error) => {
      if (!signal.aborted) component.waiting(messageOf(error));
    });
  }
}

/** The health of a store that is only read. Its outages go to the log and to the health of the program. */
export function openStoreHealth(
  store: { readonly name: string },
  { log, component, times }: { log: Log; component: Component; times?: OutageTimes },
): StoreHealth {
  const outage = new ComponentOutage(component, {
    down: (reason, lastedMs) =>
      log.warn(`the store does not answer: ${retrying(reason)}`, sinceMinutes(lastedMs)),
    up: () => log.info(`the store answers again: ${store.name}`),
  }, times);
  return new StoreHealth(outage.changed);
}

function wrongEndpoint(given: string): string | undefined {
  const parts = URL.canParse(given) ? safeParts(given) : undefined;
  if (!parts || !/^https?$/.test(parts.scheme) || parts.isDoubtful) {
    return "should be http://HOST[:PORT] or https://HOST[:PORT]";
  }
  const { username, password, search, hash } = new URL(given);
  if (username || password) {
    return "must not hold a user name or a password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead";
  }
  return search || hash ? "should end with the host, the port or a path" : undefined;
}

const AWS_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_PROFILE",
];

/** Cleans the variables as those of the settings are: the AWS SDK reads them as they are. */
function cleanCredentials(): void {
  for (const name of AWS_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined && cleaned(value) !== value) Deno.env.set(name, cleaned(value));
  }
}
