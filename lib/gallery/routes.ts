/** What is where in the gallery. */
import { messageOf, RejectedMessageError } from "../errors.ts";
import { isJpeg } from "../image/jpeg.ts";
import { isPng } from "../image/png.ts";
import type { Album } from "./album.ts";
import { answer, json, plain } from "./responses.ts";
import type { Access, AccessResult } from "./access.ts";
import { keyOf } from "./face_address.ts";
import type { LiveFeed } from "./live_feed.ts";
import { pageFileAt, type PageFiles } from "./page_files.ts";
import type { PictureStore } from "./picture_store.ts";
import { parsePlace } from "./shown_face.ts";
import type { StoreHealth } from "./store_health.ts";

/** The same key always names the same picture. */
const FOR_EVER = "private, max-age=31536000, immutable";

/** What the routes lead to. */
export interface Gallery {
  readonly store: PictureStore;
  readonly album: Album;
  readonly feed: LiveFeed;
  readonly health: StoreHealth;
  readonly door: Access;
  readonly files: PageFiles;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
}

/** Answers one request. */
export async function route(request: Request, gallery: Gallery): Promise<Response> {
  if (!URL.canParse(request.url)) return plain("no such address", 400);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain("the gallery only shows", 405, { Allow: "GET, HEAD" });
  }
  const { pathname, searchParams } = new URL(request.url);
  const entry = gallery.door.check(request);
  if (pathname === "/healthz") return await healthAnswer(gallery, entry);
  const file = pageFileAt(pathname);
  if (file) return gallery.files(file);
  if (entry !== "open") return doorAnswer(gallery, entry);
  if (pathname === "/") return gallery.files("page.html");
  if (pathname === "/api/faces") return await pageAnswer(gallery, searchParams.get("before"));
  if (pathname === "/events") return eventsAnswer(gallery, request.method);
  if (pathname.startsWith("/faces/")) return await faceAnswer(gallery, keyOf(pathname));
  return plain("nothing here", 404);
}

/** A supervisor has no token: it learns whether, and only who may come in learns why. */
async function healthAnswer({ store, health, signal }: Gallery, entry: AccessResult): Promise<Response> {
  const trouble = await health.trouble(() => store.fewNames({ signal }), { signal });
  if (trouble === undefined) return plain("ok");
  return plain(entry === "open" ? trouble : "the store does not answer", 503);
}

function doorAnswer({ files }: Gallery, entry: Exclude<AccessResult, "open">): Response {
  if (entry === "wrong host") {
    return plain(
      "this gallery is for its own machine alone: ask for localhost, or start it with a token",
      421,
    );
  }
  if (entry === "token wanted") {
    return files("token_wanted.html", { status: 401, headers: { "WWW-Authenticate": "Bearer" } });
  }
  // Not a redirect: a browser that comes by a link from elsewhere would follow it without the new cookie.
  return files("token_taken.html", { headers: { "Set-Cookie": entry.cookie } });
}

async function pageAnswer({ store, album, health, signal }: Gallery, text: string | null): Promise<Response> {
  const before = text === null ? undefined : parsePlace(text);
  if (text !== null && !before) return json({ error: `"before" is no place in the gallery` }, 400);
  try {
    const page = await health.during(() => album.page({ before, signal }), { signal });
    return json({ store: store.name, ...page });
  } catch (error) {
    return json({ error: messageOf(error) }, 503);
  }
}

function eventsAnswer({ feed }: Gallery, method: string): Response {
  const type = "text/event-stream";
  if (method === "HEAD") return answer(null, { type });
  const stream = feed.watch();
  if (!stream) return plain("too many watch already", 503);
  return answer(stream, { type, headers: { "X-Accel-Buffering": "no" } });
}

/** The bytes of a face, with the type that they are and not the one that anybody says they are. */
async function faceAnswer({ album, signal }: Gallery, key: string | undefined): Promise<Response> {
  if (key === undefined) return plain("no such face", 404);
  let bytes;
  try {
    bytes = await album.picture(key, { signal });
  } catch (error) {
    if (error instanceof RejectedMessageError) return plain("no such face", 404);
    return plain(`cannot read this face: ${messageOf(error)}`, 503);
  }
  const type = !bytes ? undefined : isPng(bytes) ? "image/png" : isJpeg(bytes) ? "image/jpeg" : undefined;
  if (!bytes || !type) return plain("no such face", 404);
  return answer(bytes, { type, headers: { "Cache-Control": FOR_EVER } });
}
