/** The faces: one page of them as JSON, new ones as events, and their pictures. */
import { messageOf, RejectedMessageError } from "../errors.ts";
import { isJpeg } from "../image/jpeg.ts";
import { isPng } from "../image/png.ts";
import { keyOf } from "./face_address.ts";
import { json, plain, respond } from "./responses.ts";
import type { Call } from "./route.ts";
import { parsePosition } from "./shown_face.ts";
import { untilClosed } from "./until_closed.ts";

/** The picture of a key never changes. */
const IMMUTABLE = "private, max-age=31536000, immutable";

/** `/api/faces?before=POSITION` */
export async function facesPage({ url, gallery: { store, album, health, signal } }: Call): Promise<Response> {
  const text = url.searchParams.get("before");
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

/** `/events`: ends with the session of its request. */
export function events({ request, access, gallery }: Call): Response {
  const type = "text/event-stream";
  if (request.method === "HEAD") return respond(null, { type });
  const stream = gallery.feed.open();
  if (!stream) return plain("too many open event streams", 503);
  const session = access.kind === "allowed" ? access.session : undefined;
  const body = session ? untilClosed(stream, () => gallery.access.isOpen(session)) : stream;
  return respond(body, { type, headers: { "X-Accel-Buffering": "no" } });
}

/** `/faces/KEY`: the picture of a face. Its type is derived from the bytes, never from the key or the store. */
export async function facePicture(call: Call): Promise<Response> {
  const key = keyOf(call.url.pathname);
  return key === undefined ? plain("face not found", 404) : await pictureResponse(call, key);
}

/** The response with the picture of a face. */
export async function pictureResponse(
  { gallery: { album, signal } }: Pick<Call, "gallery">,
  key: string,
): Promise<Response> {
  const notFound = () => plain("face not found", 404);
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
