/** Opens the store that an address names: a bucket or a folder. */
import { ConfigError } from "../errors.ts";
import { type FolderOptions, openFolderStore } from "./folder_store.ts";
import { quoted, wrongFolder } from "../safe_address.ts";
import { openS3Store } from "./s3_store.ts";
import type { Store } from "./store.ts";

/** Options of a store. */
export interface StoreOptions extends FolderOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly pathStyle: "auto" | "on" | "off";
  readonly timeoutMs: number;
  /** Gives the store its `delete`. */
  readonly mayDelete?: boolean;
  /** Called once for each feature that a server does not support. */
  readonly onUnsupported?: (what: string) => void;
}

/** Opens `s3://bucket/prefix` or a folder. Throws a ConfigError when the address is neither. */
export function openStore(address: string, options: StoreOptions): Store {
  const { endpoint, region, pathStyle, timeoutMs, mayDelete, onUnsupported } = options;
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
  if (prefix !== "" && prefix.split("/").some((part) => ["", ".", ".."].includes(part))) {
    // A server that keeps objects as files may read such parts as folders.
    throw new ConfigError(
      `the prefix of ${quoted(address)} contains "//", "." or ".."`,
      "give s3://BUCKET/PREFIX without them",
    );
  }
  return openS3Store({
    bucket: found[1],
    prefix: prefix === "" ? "" : `${prefix}/`,
    endpoint,
    region,
    // Other servers than AWS seldom have a host name for each bucket.
    pathStyle: pathStyle === "auto" ? endpoint !== undefined : pathStyle === "on",
    timeoutMs,
    mayDelete,
    onUnsupported,
  });
}
