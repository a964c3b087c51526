/**
 * The routes of the gallery: one table, and the function that looks a request up in it.
 *
 * `token`: for the holders of the token. `public`: for everybody who reaches the gallery; these responses hold no name of
 * the store, and no face except the one that a link of `/share/` names. POST and DELETE are for the gallery's own page and for programs, not for pages of other sites.
 */
import { login, loginPage, logout, notFromOwnPage, refused, sessionFacts } from "./access_routes.ts";
import { clientOf } from "../web/attempts.ts";
import { cameraList } from "./camera_route.ts";
import { dayCounts, days, oneFace, visits, wholeVisit } from "./data_routes.ts";
import { deleteFaces } from "./delete_route.ts";
import { events } from "./events_route.ts";
import { goneFaces } from "./gone_route.ts";
import { healthStatus } from "./health_route.ts";
import { publicFileAt } from "./page_files.ts";
import { facePicture, thumbPicture } from "./picture_routes.ts";
import { unlessKept } from "../web/etag.ts";
import { plain } from "../web/responses.ts";
import type { Call, Gallery, Route } from "./route.ts";
import { makeShare, shared } from "./share_routes.ts";
import { zipFaces } from "./zip_route.ts";

const ROUTES: readonly Route[] = [
  { method: "GET", path: "/", access: "token", respond: ({ gallery }) => gallery.files("gallery.html") },
  {
    method: "GET",
    path: "/cameras",
    access: "token",
    respond: ({ gallery }) => gallery.files("cameras.html"),
  },
  { method: "GET", path: "/events", access: "token", respond: events },
  { method: "GET", path: "/api/day", access: "token", respond: dayCounts },
  { method: "GET", path: "/api/days", access: "token", respond: days },
  { method: "GET", path: "/api/visits", access: "token", respond: visits },
  { method: "GET", path: "/api/visit", access: "token", respond: wholeVisit },
  { method: "GET", path: "/api/face", access: "token", respond: oneFace },
  { method: "GET", path: "/faces/", access: "token", respond: facePicture },
  { method: "GET", path: "/thumbs/", access: "token", respond: thumbPicture },
  { method: "GET", path: "/api/cameras", access: "token", respond: cameraList },
  { method: "DELETE", path: "/api/faces", access: "token", respond: deleteFaces },
  { method: "POST", path: "/api/gone", access: "token", respond: goneFaces },
  { method: "POST", path: "/api/zip", access: "token", respond: zipFaces },
  { method: "POST", path: "/api/share", access: "token", respond: makeShare },
  { method: "GET", path: "/share/", access: "public", respond: shared },

  { method: "GET", path: "/login", access: "public", respond: loginPage },
  { method: "POST", path: "/login", access: "public", respond: login },
  // Also for a session that has ended: its page may still be open.
  { method: "POST", path: "/logout", access: "public", respond: logout },
  { method: "GET", path: "/api/session", access: "token", respond: sessionFacts },

  { method: "GET", path: "/healthz", access: "public", respond: healthStatus },
];

/** Responds to one request from an IP address. */
export async function route(request: Request, address: string, gallery: Gallery): Promise<Response> {
  if (!URL.canParse(request.url)) return plain("invalid URL", 400);
  const url = new URL(request.url);
  const client = clientOf(request, address);
  const access = gallery.access.check(request, client);
  const call: Call = { request, url, client, access, gallery };
  const file = publicFileAt(url.pathname);
  const routes: readonly Route[] = file
    ? [{
      method: "GET",
      path: url.pathname,
      access: "public",
      respond: () => unlessKept(request, gallery.files(file)),
    }]
    : ROUTES.filter(({ path }) => isAt(url.pathname, path));
  const found = routes.find(({ method }) => method === (request.method === "HEAD" ? "GET" : request.method));
  if (found?.access !== "public" && access.kind !== "allowed") return refused(call, access);
  if (routes.length === 0) return plain("not found", 404);
  if (!found) return plain("method not allowed", 405, { Allow: allowed(routes) });
  if (found.method !== "GET" && !gallery.access.mayChange(request)) return notFromOwnPage(call);
  return await found.respond(call);
}

function isAt(pathname: string, path: string): boolean {
  return path !== "/" && path.endsWith("/") ? pathname.startsWith(path) : pathname === path;
}

function allowed(routes: readonly Route[]): string {
  return routes.map(({ method }) => method === "GET" ? "GET, HEAD" : method).join(", ");
}
