import { ConfigError } from "../errors.ts";
import { type FolderOptions, openFolderStore } from "./folder_store.ts";
import { quoted, wrongFolder } from "../safe_address.ts";
import { openS3Store } from "./s3_store.ts";
import type { Store } from "./store.ts";

/** What `openStore` needs besides the address. */
export interface StoreOptions extends FolderOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly pathStyle: "auto" | "on" | "off";
  readonly timeoutMs: number;
  /** Told once of everything that a server turns out not to support. */
  readonly onMissing?: (what: string) => void;
}

/** Opens `s3://bucket/prefix` or a folder. Throws a ConfigError when the address is neither. */
export function openStore(address: string, options: StoreOptions): Store {
  const { endpoint, region, pathStyle, timeoutMs, onMissing } = options;
  if (!address.startsWith("s3:")) {
    if (wrongFolder(address)) {
      throw new ConfigError(`${quoted(address)} is no store`, "give s3://BUCKET/PREFIX or a folder");
    }
    return openFolderStore(address, options);
  }
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address);
  if (!found) {
    throw new ConfigError(
      `${quoted(address)} names no bucket: 3 to 63 lower-case letters, digits, dots and hyphens`,
      "give s3://BUCKET/PREFIX",
    );
  }
  const prefix = (found[2] ?? "").replace(/^\/+|\/+$/g, "");
  return openS3Store({
    bucket: found[1],
    prefix: prefix === "" ? "" : `${prefix}/`,
    endpoint,
    region,
    // Servers other than AWS seldom have a name for each bucket.
    pathStyle: pathStyle === "auto" ? endpoint !== undefined : pathStyle === "on",
    timeoutMs,
    onMissing,
  });
}
