/** The settings of everything that keeps or shows pictures, and the store they describe. */
import { UsageError } from "../errors.ts";
import type { FolderOptions } from "../store/folder_store.ts";
import { openStore } from "../store/open_store.ts";
import type { Store } from "../store/store.ts";
import { choice, number, text, type Values } from "./settings.ts";

/** What every program with a store can be told. Credentials come from where AWS programs look for them. */
export const storeSettings = {
  store: text({ help: "where the faces are", placeholder: "s3://BUCKET/PREFIX|DIR", required: true }),
  s3Endpoint: text({
    help: "an S3 server other than AWS, such as http://127.0.0.1:9000",
    placeholder: "URL",
    check: wrongEndpoint,
  }),
  s3Region: text({
    help: "region of the bucket; by default what AWS_REGION or the profile says",
    placeholder: "REGION",
  }),
  s3PathStyle: choice(["auto", "on", "off"], {
    help: "the bucket in the path and not in the host name; auto: with --s3-endpoint only",
    fallback: "auto",
  }),
  s3Timeout: number({
    help: "an answer of S3 is awaited so long",
    min: 1,
    max: 600,
    unit: "seconds",
    fallback: "20",
  }),
};

/** Opens the store that the settings name; nothing is asked of it yet. Throws a UsageError for an address that is none. */
export function openStoreOf(
  settings: Values<typeof storeSettings>,
  options: FolderOptions & { readonly onMissing?: (what: string) => void } = {},
): Store {
  const { store, s3Endpoint: endpoint, s3Region: region, s3PathStyle: pathStyle, s3Timeout } = settings;
  if (store === "") throw new UsageError("--store is empty", "--store s3://BUCKET/PREFIX or --store DIR");
  return openStore(store, { endpoint, region, pathStyle, timeoutMs: s3Timeout * 1000, ...options });
}

function wrongEndpoint(given: string): string | undefined {
  const right = URL.canParse(given) && /^https?:$/.test(new URL(given).protocol);
  return right ? undefined : "should be an http:// or https:// address";
}
