/** One page of faces as JSON, and changes as events. */
import { messageOf } from "../errors.ts";
import { json, plain, respond } from "../web/responses.ts";
import type { Call } from "./route.ts";
import { parsePosition } from "./shown_face.ts";
import { untilClosed } from "./until_closed.ts";

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
