/** `/events`: changes as server-sent events. */
import { plain, respond } from "../web/responses.ts";
import type { Call } from "./route.ts";
import { untilClosed } from "./until_closed.ts";

/** A stream that ends with the session of its request. */
export function events({ request, access, gallery }: Call): Response {
  const type = "text/event-stream";
  if (request.method === "HEAD") return respond(null, { type });
  const stream = gallery.feed.open();
  if (!stream) return plain("too many open event streams", 503);
  const session = access.kind === "allowed" ? access.session : undefined;
  const body = session ? untilClosed(stream, () => gallery.access.isOpen(session)) : stream;
  return respond(body, { type, headers: { "X-Accel-Buffering": "no" } });
}
