/** Shared faces: `POST /api/share` makes a link, `/share/TOKEN` shows its face to everybody who has the link. */
import { isFaceKey } from "./face_address.ts";
import { pictureResponse } from "./picture_routes.ts";
import { readBody } from "../web/request_body.ts";
import { json, plain } from "../web/responses.ts";
import { type Call, refuse } from "./route.ts";
import { makeShareToken, readShareToken, type ShareResult } from "./share_link.ts";
import { timeInKey } from "./shown_face.ts";
import { shownCameraInKey } from "./visit_view.ts";

const MAX_BODY_BYTES = 8 * 1024;
/** The longest life of a link: 30 days. */
const MAX_HOURS = 720;
const HOUR_MS = 3600_000;
/** Neither search engines nor shared caches keep a shared face. */
const PRIVATE = { "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "private, no-cache" };

/** `POST /api/share` with `{"key": KEY, "hours": 1 to 720}`. */
export async function makeShare(call: Call): Promise<Response> {
  const { request, client, gallery: { access, log, utcMs = Date.now } } = call;
  if (!access.keys) {
    return refuse(call, 403, {
      error: "without a token the gallery serves this machine only, and shares nothing",
      hint: "start the gallery with HAARLEM_TOKEN",
    });
  }
  const { key, hours } = parsed(await readBody(request, { maxBytes: MAX_BODY_BYTES }));
  if (typeof key !== "string" || !isFaceKey(key)) {
    return refuse(call, 400, { error: `"key" is no key of a face` });
  }
  if (typeof hours !== "number" || !(hours > 0 && hours <= MAX_HOURS)) {
    return refuse(call, 400, { error: `"hours" should be a number up to ${MAX_HOURS}` });
  }
  const expiresMs = Math.floor((utcMs() + hours * HOUR_MS) / 1000) * 1000;
  log?.("a face was shared", { key, hours, from: client.behind ?? client.address });
  return json({ url: `share/${makeShareToken({ key, expiresMs }, access.keys)}`, expires: expiresMs });
}

/** `GET /share/TOKEN`: the page; `GET /share/TOKEN/picture`: the picture. */
export async function shared(call: Call): Promise<Response> {
  const { url, gallery: { access, files, utcMs = Date.now } } = call;
  const [, token, picture] = /^\/share\/([\w.-]+)(\/picture)?$/.exec(url.pathname) ?? [];
  const found: ShareResult = token === undefined || !access.keys
    ? "unknown"
    : readShareToken(token, access.keys, utcMs());
  if (typeof found === "string") {
    const status = found === "expired" ? 410 : 404;
    const message = found === "expired" ? "This link has expired." : "This link leads to no face.";
    if (picture) return plain(message, status);
    return files("share_ended.html", { status, headers: PRIVATE, values: { message } });
  }
  const response = await pictureResponse(call, found.key);
  if (picture) {
    for (const [name, value] of Object.entries(PRIVATE)) response.headers.set(name, value);
    return response;
  }
  await response.body?.cancel();
  if (response.status !== 200 && response.status !== 304) {
    const message = "This face is not there any more.";
    return files("share_ended.html", { status: response.status, headers: PRIVATE, values: { message } });
  }
  const { takenMs, camera } = await knownOf(call, found.key);
  const values = {
    what: camera === undefined ? "A face" : takenMs === undefined ? camera : `${camera},`,
    picture: `${token}/picture`,
    taken: takenMs === undefined ? "" : new Date(takenMs).toISOString(),
    takenText: takenMs === undefined ? "" : inWords(takenMs),
    expires: new Date(found.expiresMs).toISOString(),
    expiresText: inWords(found.expiresMs),
  };
  return files("share.html", { headers: PRIVATE, values });
}

/** Camera and capture time of a face: by its metadata, else by its key; absent for a third-party picture without them. */
async function knownOf(
  { gallery: { visits, signal } }: Call,
  key: string,
): Promise<{ readonly takenMs?: number; readonly camera?: string }> {
  const found = await visits.face(key, { signal }).catch(() => undefined);
  if (!found?.metadata) return { takenMs: timeInKey(key), camera: shownCameraInKey(key) };
  return { takenMs: Date.parse(found.metadata.captured), camera: found.metadata.camera };
}

function parsed(body: string | undefined): { key?: unknown; hours?: unknown } {
  try {
    return Object(JSON.parse(body ?? ""));
  } catch {
    return {};
  }
}

/** `26 November 2026, 14:03 UTC` */
function inWords(ms: number): string {
  const text = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })
    .format(ms);
  return `${text} UTC`;
}
