/** The routes of login and logout, and the responses to requests without access; see lib/web/login.ts. */
import type { Refusal } from "../web/access.ts";
import * as generic from "../web/login.ts";
import { json } from "../web/responses.ts";
import { VERSION } from "../version.ts";
import type { Call, Gallery } from "./route.ts";

/** Paths of pages, to which a login leads back. */
const PAGES = /^(cameras)?(\?[!"$-[\]-~]*)?$/;

function doorOf({ access, files }: Gallery): generic.Door {
  return { access, files, pages: PAGES, program: "gallery", action: "Show the faces" };
}

/** `GET /login` */
export function loginPage(call: Call): Response {
  return generic.loginPage(call, doorOf(call.gallery), { isAllowed: call.access.kind === "allowed" });
}

/** `POST /login`, from the form of the page. */
export function login(call: Call): Promise<Response> {
  return generic.login(call, doorOf(call.gallery));
}

/** `POST /logout` */
export function logout(call: Call): Response {
  return generic.logout(call, doorOf(call.gallery));
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

/** The response to a request without access. */
export function refused(call: Call, refusal: Refusal): Response {
  return generic.refused(call, refusal, doorOf(call.gallery));
}

/** The response to a change that another site may have caused. */
export function notFromOwnPage(call: Call): Response {
  return generic.notFromOwnPage(call, doorOf(call.gallery));
}
