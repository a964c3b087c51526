/** The settings of everything that keeps or shows pictures, and the store they describe. */
import { ConfigError } from "../errors.ts";
import type { FolderOptions } from "../store/folder_store.ts";
import { safeParts } from "../safe_address.ts";
import { openStore } from "../store/open_store.ts";
import type { Store } from "../store/store.ts";
import { cleaned } from "../settings/environment.ts";
import { choice, grouped, number, text, type Values } from "../settings/declare.ts";

/** The settings of every program with a store. Credentials come from where AWS programs look for them. */
export const storeSettings = grouped("storage", {
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

/** Opens the store that the settings name; nothing is asked of it yet. Throws a ConfigError for an address that is none. */
export function openStoreOf(
  settings: Values<typeof storeSettings>,
  options: FolderOptions & { readonly onUnsupported?: (what: string) => void } = {},
): Store {
  cleanCredentials();
  const { store, s3Endpoint: endpoint, s3Region: region, s3PathStyle: pathStyle, s3Timeout } = settings;
  if (store === "") {
    throw new ConfigError("--store is empty", "set --store s3://BUCKET/PREFIX or --store DIR");
  }
  return openStore(store, { endpoint, region, pathStyle, timeoutMs: s3Timeout * 1000, ...options });
}

function wrongEndpoint(given: string): string | undefined {
  const parts = URL.canParse(given) ? safeParts(given) : undefined;
  if (!parts || !/^https?$/.test(parts.scheme) || parts.isDoubtful) {
    return "should be http://HOST[:PORT] or https://HOST[:PORT]";
  }
  const { username, password, search, hash } = new URL(given);
  if (username || password) {
    return "holds a user name or a password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead";
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

/** These come out of the same files as our settings, and the SDK takes them as they are. */
function cleanCredentials(): void {
  for (const name of AWS_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined && cleaned(value) !== value) Deno.env.set(name, cleaned(value));
  }
}
