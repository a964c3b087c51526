/** A gallery without a server: requests go to its routes. For tests. */
import { Access, type AccessOptions } from "../web/access.ts";
import { DayList } from "../gallery/day_list.ts";
import { FaceIndex } from "../gallery/face_index.ts";
import { LiveFeed } from "../gallery/live_feed.ts";
import { readPageFiles } from "../gallery/page_files.ts";
import type { PictureStore } from "../gallery/picture_store.ts";
import { Pictures } from "../gallery/pictures.ts";
import type { Gallery } from "../gallery/route.ts";
import { route } from "../gallery/routes.ts";
import { StoreHealth } from "../gallery/store_health.ts";
import { MemoryCache } from "../gallery/memory_cache.ts";
import { Thumbnails } from "../gallery/thumbnails.ts";
import { VisitQueries } from "../gallery/visit_queries.ts";

const { signal } = new AbortController();

/** A token that is not easy to guess. */
export const TOKEN = "3f9c1b7e5a2d4806";
/** The header with which a program shows that it has the token. */
export const BEARER = { authorization: `Bearer ${TOKEN}` };
/** The header of a request from the gallery's own page. */
export const OWN_PAGE = { "sec-fetch-site": "same-origin" };

/** A request: `from` is the IP address that it comes from. */
export interface TestRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly from?: string;
  readonly signal?: AbortSignal;
}

/** Returns a function that sends a request to a gallery of `store`, by default to localhost. */
export function galleryOf(
  store: PictureStore,
  { token, access, ...parts }:
    & { token?: string; access?: Partial<AccessOptions> }
    & Partial<
      Omit<Gallery, "access" | "store">
    > = {},
) {
  const pictures = new Pictures(store);
  const index = new FaceIndex(store, { freshMs: 0, signal });
  const gallery: Gallery = {
    store,
    pictures,
    index,
    visits: new VisitQueries(index, store),
    days: new DayList(index),
    thumbnails: new Thumbnails({
      cache: new MemoryCache({ maxBytes: 2 ** 20 }),
      picture: (key) => pictures.read(key, { signal }),
      find: (key) => index.find(key)?.face,
    }),
    feed: new LiveFeed({ poll: () => index.poll(), take: () => index.changes.take() }, { pollMs: 1000 }),
    health: new StoreHealth(() => {}),
    access: new Access(token, { sessionMs: 3600_000, ...access }),
    files: readPageFiles(),
    signal,
    ...parts,
  };
  return (path: string, { method, headers, body, from = "192.0.2.7", signal }: TestRequest = {}) =>
    route(
      new Request(`http://localhost${path}`, {
        method,
        body,
        signal,
        headers: { host: "localhost", ...headers },
      }),
      from,
      gallery,
    );
}

/** Logs in. Returns the header with the session's cookie. */
export async function loggedIn(
  send: ReturnType<typeof galleryOf>,
  token = TOKEN,
): Promise<{ cookie: string }> {
  const response = await send("/login", { method: "POST", headers: OWN_PAGE, body: `token=${token}` });
  const [cookie = ""] = response.headers.get("set-cookie")?.split(";") ?? [];
  return { cookie };
}
