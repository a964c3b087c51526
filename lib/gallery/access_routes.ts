/** Login, logout, and the responses to requests without access. */
import { readBody } from "./request_body.ts";
import { json, respond } from "./responses.ts";
import { VERSION } from "../version.ts";
import { type Call, refuse } from "./route.ts";
import type { Refusal } from "./access.ts";

/** A login holds one token. */
const MAX_LOGIN_BYTES = 4 * 1024;
/** Paths of pages, to which a login leads back; relative, so that they also work below the path of a proxy. */
const NEXT = /^(cameras)?(\?[^\s#\\]*)?$/;
const FOR_PROGRAMS = "open /login, or send the value of HAARLEM_TOKEN as Authorization: Bearer TOKEN";

/** `GET /login` */
export function loginPage({ url, gallery }: Call): Response {
  const next = nextOf(url.searchParams.get("next"));
  // Without a token nobody has to log in.
  if (!gallery.access.keys) return seeOther(next);
  return gallery.files("login.html", { values: { message: "", next } });
}

/** `POST /login`, from the form of the page. */
export async function login(call: Call): Promise<Response> {
  const { request, client, gallery } = call;
  const form = new URLSearchParams(await readBody(request, { maxBytes: MAX_LOGIN_BYTES }) ?? "");
  const next = nextOf(form.get("next"));
  const result = gallery.access.login((form.get("token") ?? "").trim(), request, client);
  if (result.kind === "session") {
    return seeOther(next, { "Set-Cookie": result.cookie });
  }
  const isWrong = result.kind === "wrong token";
  const message = isWrong ? wrongToken(result.left) : tooMany(result.waitMs);
  const headers = isWrong ? undefined : retryAfter(result.waitMs);
  return gallery.files("login.html", { status: isWrong ? 401 : 429, headers, values: { message, next } });
}

/** `POST /logout`: ends the session, and removes the pictures from the browser's cache. */
export function logout({ request, gallery }: Call): Response {
  return seeOther("login", { "Set-Cookie": gallery.access.logout(request), "Clear-Site-Data": '"cache"' });
}

/** `GET /api/session`: what the page may offer. */
export function sessionFacts({ access, gallery }: Call): Response {
  const session = access.kind === "allowed" ? access.session : undefined;
  return json({
    allow: gallery.deletion ? ["delete"] : [],
    token: gallery.access.keys !== undefined,
    expires: session?.expiresMs ?? null,
    version: VERSION,
    name: gallery.store.name,
  });
}

/** The response to a request without access: a form for people, a status for programs. */
export function refused(call: Call, refusal: Refusal): Response {
  const { url, request, gallery } = call;
  switch (refusal.kind) {
    case "wrong host":
      return refuse(call, 421, {
        error: "refusing this host name: without a token the gallery serves localhost only",
        hint: "open the gallery as localhost, or start it with HAARLEM_TOKEN",
      });
    case "behind a proxy":
      return refuse(call, 403, {
        error:
          "refusing a request that a proxy passed on: without a token the gallery serves this machine only",
        hint: "start the gallery with HAARLEM_TOKEN",
      });
    case "too many attempts":
      return refuse(call, 429, { error: tooMany(refusal.waitMs), headers: retryAfter(refusal.waitMs) });
    case "token required":
  }
  if (request.method !== "GET" || !isPage(url.pathname)) {
    return refuse(call, 401, {
      error: "token required",
      hint: FOR_PROGRAMS,
      headers: { "WWW-Authenticate": "Bearer" },
    });
  }
  // A browser sends no SameSite=Strict cookie with a link from another site. Loaded again, the page is its own origin.
  if (/^(cross|same)-site$/.test(request.headers.get("sec-fetch-site") ?? "")) {
    return gallery.files("reload.html");
  }
  const next = nextOf(url.pathname.slice(1) + url.search);
  return gallery.files("login.html", { status: 401, values: { message: "", next } });
}

/** The response to a change that another site may have caused. */
export function notFromOwnPage(call: Call): Response {
  return refuse(call, 403, {
    error: "refusing a change that does not come from the gallery's own page",
    hint: "open the gallery and repeat it there; a program sends Authorization: Bearer TOKEN",
  });
}

function seeOther(path: string, headers: Record<string, string> = {}): Response {
  return respond(null, { status: 303, type: "text/plain", headers: { ...headers, Location: `./${path}` } });
}

function isPage(pathname: string): boolean {
  return NEXT.test(pathname.slice(1));
}

/** Where a login leads; the page itself for anything else than a page of the gallery. */
function nextOf(text: string | null): string {
  return text !== null && text.length <= 2_000 && NEXT.test(text) ? text : "";
}

function wrongToken(left: number): string {
  if (left === 0) return "This is not the token. No attempt is left for the next 15 minutes.";
  return `This is not the token. ${left === 1 ? "1 attempt is" : `${left} attempts are`} left.`;
}

function tooMany(waitMs: number): string {
  const minutes = Math.ceil(waitMs / 60_000);
  return `Too many wrong tokens. Try again in ${minutes === 1 ? "1 minute" : `${minutes} minutes`}.`;
}

function retryAfter(waitMs: number): Record<string, string> {
  return { "Retry-After": String(Math.ceil(waitMs / 1000)) };
}
