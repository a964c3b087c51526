/** The folder in which the gallery keeps the index of faces and thumbnails: its settings, and what is in it. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { CacheFolder } from "../gallery/cache_folder.ts";
import { IndexFiles } from "../gallery/index_files.ts";
import { type ByteCache, MemoryCache } from "../gallery/memory_cache.ts";
import type { Log } from "../log.ts";
import { grouped, number, text, type Values } from "../settings/declare.ts";

/** Thumbnails in memory, where there is no folder. */
const MEMORY_BYTES = 16 * 2 ** 20;
/** The share of the folder for the index; the rest is for thumbnails. A face takes 300 bytes of index. */
const INDEX_SHARE = 0.25;

/** The settings of the cache. */
export const GALLERY_CACHE_SETTINGS = grouped("page", {
  cache: text({
    help: "folder of the index and thumbnails, which are safe to delete",
    details: "Default: the cache folder of the systemd unit. Without either, both are kept in memory only.",
    placeholder: "DIR",
  }),
  cacheSize: number({
    help: "maximum disk space of the cache; beyond it the oldest files are removed",
    min: 16,
    max: 1_048_576,
    unit: "MiB",
    fallback: "512",
  }),
});

type CacheSettings = Values<typeof GALLERY_CACHE_SETTINGS>;
/** The settings that name a store. */
interface StoreSettings {
  readonly store: string;
  readonly s3Endpoint?: string;
}

/** What the gallery keeps. */
export interface GalleryCache {
  /** Absent without a folder. */
  readonly index?: IndexFiles;
  readonly thumbnails: ByteCache;
}

/** The cache folder: `--cache`, or the CacheDirectory of a unit. Throws a ConfigError when it lies in the store. */
export function cacheFolder(
  { cache, store }: CacheSettings & StoreSettings,
  unitFolder: string | undefined = Deno.env.get("CACHE_DIRECTORY"),
): string | undefined {
  const folder = cache ?? (unitFolder || undefined);
  if (folder === undefined || store.startsWith("s3:")) return folder;
  if (`${resolve(folder)}/`.startsWith(`${resolve(store)}/`)) {
    throw new ConfigError(
      `the cache "${folder}" lies in the store "${store}": thumbnails would be shown as faces`,
      "set --cache to a folder outside the store",
    );
  }
  return folder;
}

/** Opens the cache. Each store has its own folder in it, since keys of two stores may be the same. */
export function openGalleryCache(
  settings: CacheSettings & StoreSettings,
  { log, folder = cacheFolder(settings) }: { log: Log; folder?: string },
): GalleryCache {
  if (folder === undefined) return { thumbnails: new MemoryCache({ maxBytes: MEMORY_BYTES }) };
  const { cacheSize, store, s3Endpoint = "" } = settings;
  const name = `${s3Endpoint} ${store.startsWith("s3:") ? store : resolve(store)}`;
  const ofStore = join(folder, createHash("sha256").update(name).digest("hex").slice(0, 12));
  const maxBytes = cacheSize * 2 ** 20;
  const open = (name: string, share: number) =>
    new CacheFolder(join(ofStore, name), {
      maxBytes: maxBytes * share,
      onFailure: (reason) =>
        log.warn(`cannot write the cache in "${folder}": ${reason}; the gallery works without it`),
    });
  return {
    index: new IndexFiles(open("index", INDEX_SHARE)),
    thumbnails: open("thumbs", 1 - INDEX_SHARE),
  };
}
