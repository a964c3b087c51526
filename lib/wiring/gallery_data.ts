/** The faces of the gallery: the index of its store, thumbnails, and the events of open pages. */
import { DayList } from "../gallery/day_list.ts";
import { FaceIndex } from "../gallery/face_index.ts";
import { LiveFeed } from "../gallery/live_feed.ts";
import type { PictureStore } from "../gallery/picture_store.ts";
import { Pictures } from "../gallery/pictures.ts";
import type { Gallery } from "../gallery/route.ts";
import type { StoreHealth } from "../gallery/store_health.ts";
import { Thumbnails } from "../gallery/thumbnails.ts";
import { VisitQueries } from "../gallery/visit_queries.ts";
import type { Log } from "../log.ts";
import type { GalleryCache } from "./gallery_cache.ts";

/** What the faces come from. */
export interface GalleryDataOptions {
  readonly cache: GalleryCache;
  readonly health: StoreHealth;
  readonly log: Log;
  /** Interval at which the store is read while a page is open. */
  readonly pollMs: number;
  readonly signal: AbortSignal;
}

/** The parts of a gallery that show faces. */
export type GalleryData = Pick<Gallery, "pictures" | "index" | "visits" | "days" | "thumbnails" | "feed">;

/** Opens the faces of a store, without a request yet. */
export function openGalleryData(
  store: PictureStore,
  { cache, health, log, pollMs, signal }: GalleryDataOptions,
): GalleryData {
  const pictures = new Pictures(store);
  const thumbnails = new Thumbnails({
    cache: cache.thumbnails,
    picture: (key) => pictures.read(key, { signal }),
    find: (key) => index.find(key)?.face,
  });
  const index: FaceIndex = new FaceIndex(store, {
    freshMs: pollMs,
    files: cache.index,
    onRemoved: (face) => void thumbnails.forget(face),
    onTooMany: (max) =>
      log.warn("too many objects whose keys do not begin with a day; some are not shown", { max }),
    onFullDay: (day, max) => log.warn("too many faces on one day; its oldest are not shown", { day, max }),
    signal,
  });
  const feed = new LiveFeed({
    poll: () => health.during(() => index.poll(), { signal }),
    take: () => index.changes.take(),
  }, { pollMs });
  return {
    pictures,
    index,
    visits: new VisitQueries(index, store),
    days: new DayList(index),
    thumbnails,
    feed,
  };
}
