/** Login, logout, and the responses to requests without access, of any program that shows pages. */
import type { Access, Refusal } from "./access.ts";
import type { Client } from "./attempts.ts";
import type { PageFiles } from "./page_files.ts";
import { readBody } from "./request_body.ts";
import { json, plain, respond } from "./responses.ts";

/** A login holds one token. */
const MAX_LOGIN_BYTES = 4 * 1024;
const FOR_PROGRAMS = "open /login, or send the value of HAARLEM_TOKEN as Authorization: Bearer TOKEN";

/** What a program lets people in to. */
export interface Door {
  readonly access: Access;
  readonly files: PageFiles<"login.html" | "reload.html">;
  /** Paths of pages, to which a login leads back; relative, so that they also work below the path of a proxy. */
  readonly pages: RegExp;
  /** The program, as in "the gallery". */
  readonly program: string;
  /** The button of the form, an imperative. */
  readonly action: string;
}

/** One request. */
export interface Visitor {
  readonly request: Request;
  readonly url: URL;
  readonly client: Client;
}

/** `GET /login` */
export function loginPage({ url }: Visitor, door: Door, { isAllowed }: { isAllowed: boolean }): Response {
  const next = nextOf(url.searchParams.get("next"), door);
  // Nobody has to log in without a token, or in a second tab after the first one.
  if (isAllowed || !door.access.keys) return seeOther(next);
  return form(door, { next });
}

/** `POST /login`, from the form of the page. */
export async function login({ request, client }: Visitor, door: Door): Promise<Response> {
  const sent = new URLSearchParams(await readBody(request, { maxBytes: MAX_LOGIN_BYTES }) ?? "");
  const next = nextOf(sent.get("next"), door);
  const result = door.access.login((sent.get("token") ?? "").trim(), request, client);
  if (result.kind === "session") {
    return seeOther(next, { "Set-Cookie": result.cookie });
  }
  const isWrong = result.kind === "wrong token";
  const message = isWrong ? wrongToken(result.left) : tooMany(result.waitMs);
  const headers = isWrong ? undefined : retryAfter(result.waitMs);
  return form(door, { status: isWrong ? 401 : 429, headers, message, next });
}

/** `POST /logout`: ends the session, and removes the pictures from the browser's cache. */
export function logout({ request }: Pick<Visitor, "request">, { access }: Door): Response {
  return seeOther("login", { "Set-Cookie": access.logout(request), "Clear-Site-Data": '"cache"' });
}

/** The response to a request without access: a form for people, a status for programs. */
export function refused(visitor: Visitor, refusal: Refusal, door: Door): Response {
  const { url, request } = visitor;
  const { program } = door;
  switch (refusal.kind) {
    case "wrong host":
      return refuse(visitor, 421, {
        error: `refusing this host name: without a token the ${program} serves localhost only`,
        hint: `open the ${program} as localhost, or start it with HAARLEM_TOKEN`,
      });
    case "behind a proxy":
      return refuse(visitor, 403, {
        error:
          `refusing a request that a proxy passed on: without a token the ${program} serves this machine only`,
        hint: `start the ${program} with HAARLEM_TOKEN`,
      });
    case "too many attempts":
      return refuse(visitor, 429, { error: tooMany(refusal.waitMs), headers: retryAfter(refusal.waitMs) });
    case "token required":
  }
  if (request.method !== "GET" || !isPage(url.pathname, door)) {
    return refuse(visitor, 401, {
      error: "token required",
      hint: FOR_PROGRAMS,
      headers: { "WWW-Authenticate": "Bearer" },
    });
  }
  // A browser sends no SameSite=Strict cookie with a link from another site. Loaded again, the page is its own origin.
  if (/^(cross|same)-site$/.test(request.headers.get("sec-fetch-site") ?? "")) {
    return door.files("reload.html");
  }
  return form(door, { status: 401, next: nextOf(url.pathname.slice(1) + url.search, door) });
}

/** The response to a change that another site may have caused. */
export function notFromOwnPage(visitor: Pick<Visitor, "url">, { program }: Door): Response {
  return refuse(visitor, 403, {
    error: `refusing a change that does not come from the ${program}'s own page`,
    hint: `open the ${program} and repeat it there; a program sends Authorization: Bearer TOKEN`,
  });
}

/** A response that says what is wrong: as JSON below `/api/`, else as text. `hint` is an imperative. */
export function refuse(
  { url }: Pick<Visitor, "url">,
  status: number,
  { error, hint, headers }: { error: string; hint?: string; headers?: Record<string, string> },
): Response {
  if (url.pathname.startsWith("/api/")) return json({ error, hint }, status, headers);
  return plain(hint === undefined ? error : `${error}\nTry: ${hint}`, status, headers);
}

function form(
  { files, program, action }: Door,
  { status, headers, message = "", next }: {
    status?: number;
    headers?: Record<string, string>;
    message?: string;
    next: string;
  },
): Response {
  return files("login.html", { status, headers, values: { message, next, program, action } });
}

function seeOther(path: string, headers: Record<string, string> = {}): Response {
  return respond(null, { status: 303, type: "text/plain", headers: { ...headers, Location: `./${path}` } });
}

function isPage(pathname: string, { pages }: Door): boolean {
  return pages.test(pathname.slice(1));
}

/** Where a login leads; the first page for anything else than a page of the program. */
function nextOf(text: string | null, { pages }: Door): string {
  return text !== null && text.length <= 2_000 && pages.test(text) ? text : "";
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
