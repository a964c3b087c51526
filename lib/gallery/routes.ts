/**
 * The HTTP routes of the gallery.
 *
 * | path                         | response                                              | access |
 * |------------------------------|-------------------------------------------------------|--------|
 * | `/healthz`                   | 200 or 503; the reason only with access                | public |
 * | `/page.css` `/page.js` `/icon.svg` | files of the page                                | public |
 * | `/`                          | the page                                              | token  |
 * | `/api/faces?before=POSITION` | one page of faces as JSON                             | token  |
 * | `/events`                    | new faces as server-sent events (live_feed.ts)        | token  |
 * | `/faces/KEY`                 | the picture of a face                                 | token  |
 */
import { messageOf, RejectedMessageError } from "../errors.ts";
import { isJpeg } from "../image/jpeg.ts";
import { isPng } from "../image/png.ts";
import type { Access, AccessResult } from "./access.ts";
import type { Album } from "./album.ts";
import { keyOf } from "./face_address.ts";
import type { LiveFeed } from "./live_feed.ts";
import { type PageFiles, publicFileAt } from "./page_files.ts";
import type { PictureStore } from "./picture_store.ts";
import { json, plain, respond } from "./responses.ts";
import { parsePosition } from "./shown_face.ts";
import type { StoreHealth } from "./store_health.ts";

/** The picture of a key never changes. */
const IMMUTABLE = "private, max-age=31536000, immutable";

/** The parts of a gallery. */
export interface Gallery {
  readonly store: PictureStore;
  readonly album: Album;
  readonly feed: LiveFeed;
  readonly health: StoreHealth;
  readonly access: Access;
  readonly files: PageFiles;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
}

/** Responds to one request. */
export async function route(request: Request, gallery: Gallery): Promise<Response> {
  if (!URL.canParse(request.url)) return plain("invalid URL", 400);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain("method not allowed", 405, { Allow: "GET, HEAD" });
  }
  const { pathname, searchParams } = new URL(request.url);
  const access = gallery.access.check(request);
  if (pathname === "/healthz") return await healthResponse(gallery, access);
  const file = publicFileAt(pathname);
  if (file) return gallery.files(file);
  if (access !== "allowed") return accessResponse(gallery, access);
  if (pathname === "/") return gallery.files("page.html");
  if (pathname === "/api/faces") return await pageResponse(gallery, searchParams.get("before"));
  if (pathname === "/events") return eventsResponse(gallery, request.method);
  if (pathname.startsWith("/faces/")) return await faceResponse(gallery, keyOf(pathname));
  return plain("not found", 404);
}

/** The status is public, since a supervisor has no token. The reason is not, since it may name the bucket. */
async function healthResponse({ store, health, signal }: Gallery, access: AccessResult): Promise<Response> {
  const failure = await health.failure(() => store.fewNames({ signal }), { signal });
  if (failure === undefined) return plain("ok");
  return plain(access === "allowed" ? failure : "the store does not answer", 503);
}

function accessResponse({ files }: Gallery, access: Exclude<AccessResult, "allowed">): Response {
  if (access === "wrong host") {
    return plain(
      "refusing this host name: without a token the gallery serves localhost only\n" +
        "Try: open the gallery as localhost, or start it with HAARLEM_TOKEN",
      421,
    );
  }
  if (access === "token required") {
    return files("token_required.html", { status: 401, headers: { "WWW-Authenticate": "Bearer" } });
  }
  // Not a redirect: after a link from another site a browser would follow it without the new SameSite=Strict cookie.
  return files("token_accepted.html", { headers: { "Set-Cookie": access.cookie } });
}

async function pageResponse(
  { store, album, health, signal }: Gallery,
  text: string | null,
): Promise<Response> {
  const before = text === null ? undefined : parsePosition(text);
  if (text !== null && !before) {
    return json({ error: `cannot list faces: "before" should be MILLISECONDS_KEY` }, 400);
  }
  try {
    const page = await health.during(() => album.page({ before, signal }), { signal });
    return json({ store: store.name, ...page });
  } catch (error) {
    return json({ error: messageOf(error) }, 503);
  }
}

function eventsResponse({ feed }: Gallery, method: string): Response {
  const type = "text/event-stream";
  if (method === "HEAD") return respond(null, { type });
  const stream = feed.open();
  if (!stream) return plain("too many open event streams", 503);
  return respond(stream, { type, headers: { "X-Accel-Buffering": "no" } });
}

/** The picture of a face. Its type is derived from the bytes, never from the key or the store. */
async function faceResponse({ album, signal }: Gallery, key: string | undefined): Promise<Response> {
  const notFound = () => plain("face not found", 404);
  if (key === undefined) return notFound();
  let bytes;
  try {
    bytes = await album.picture(key, { signal });
  } catch (error) {
    if (error instanceof RejectedMessageError) return notFound();
    return plain(`cannot read the face: ${messageOf(error)}`, 503);
  }
  const type = !bytes ? undefined : isPng(bytes) ? "image/png" : isJpeg(bytes) ? "image/jpeg" : undefined;
  return bytes && type ? respond(bytes, { type, headers: { "Cache-Control": IMMUTABLE } }) : notFound();
}
