/** The routes of the aiming page. All but the public files, login and logout are for the holders of the token. */
import type { Access } from "../web/access.ts";
import { clientOf } from "../web/attempts.ts";
import { type Door, login, loginPage, logout, notFromOwnPage, refuse, refused } from "../web/login.ts";
import { unlessKept } from "../web/etag.ts";
import { json, plain, respond } from "../web/responses.ts";
import type { LivePictures, NumberedPicture } from "./live_pictures.ts";
import { type PageFiles, publicFileAt } from "./page_files.ts";
import type { UnsentFaces } from "./unsent_faces.ts";

/** Paths of pages, to which a login leads back. */
const PAGES = /^(\?[!"$-[\]-~]*)?$/;

/** The parts of the page. */
export interface PreviewParts {
  readonly access: Access;
  readonly files: PageFiles;
  readonly pictures: LivePictures;
  readonly unsent: UnsentFaces;
  /** What the page shows besides pictures and unsent faces. */
  readonly facts: () => Readonly<Record<string, unknown>>;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
}

/** Responds to one request from an IP address. */
export async function respondTo(request: Request, address: string, parts: PreviewParts): Promise<Response> {
  if (!URL.canParse(request.url)) return plain("invalid URL", 400);
  const url = new URL(request.url);
  const visitor = { request, url, client: clientOf(request, address) };
  const { access, files } = parts;
  const door: Door = { access, files, pages: PAGES, program: "detector", action: "Show the picture" };
  const isPost = request.method === "POST";
  if (!isPost && request.method !== "GET" && request.method !== "HEAD") {
    return plain("method not allowed", 405, { Allow: "GET, HEAD, POST" });
  }
  if (isPost && !access.mayChange(request)) return notFromOwnPage(visitor, door);
  const file = publicFileAt(url.pathname);
  if (file && !isPost) return await unlessKept(request, files(file));
  if (isPost && url.pathname === "/login") return await login(visitor, door);
  // Also for a session that has ended: its page may still be open.
  if (isPost && url.pathname === "/logout") return logout(visitor, door);
  const result = access.check(request, visitor.client);
  if (url.pathname === "/login") return loginPage(visitor, door, { isAllowed: result.kind === "allowed" });
  if (result.kind !== "allowed") return refused(visitor, result, door);
  if (isPost) return plain("not found", 404);
  return await shown(url, parts);
}

async function shown(url: URL, parts: PreviewParts): Promise<Response> {
  const { pathname } = url;
  if (pathname === "/") return parts.files("aim.html");
  if (pathname === "/api/view") return await view(url, parts);
  if (pathname === "/picture.jpg") return await picture(url, parts);
  const crop = /^\/crops\/(\d{1,15})\.jpg$/.exec(pathname)?.[1];
  const jpeg = crop === undefined ? undefined : parts.unsent.jpegOf(Number(crop));
  return jpeg ? asJpeg(jpeg) : plain("not found", 404);
}

/** `GET /api/view?after=N`: waits for a picture after N, and says what is in it. */
async function view(url: URL, parts: PreviewParts): Promise<Response> {
  const next = await nextPicture(url, parts);
  if (next === "busy") return tooMany(url);
  const { frame, boxes, regions, number } = next ?? { boxes: [], regions: [], number: 0 };
  const { all: unsent } = parts.unsent;
  return json({ number, frame: frame ?? null, boxes, regions, ...parts.facts(), unsent });
}

/** `GET /picture.jpg?number=N`: a picture that `view` named; without a number the next one. */
async function picture(url: URL, parts: PreviewParts): Promise<Response> {
  const number = url.searchParams.get("number");
  if (number !== null) {
    const known = parts.pictures.picture(Number(number));
    return known ? asJpeg(known.jpeg) : plain("this picture is gone", 404);
  }
  const next = await nextPicture(url, parts);
  if (next === "busy") return tooMany(url);
  return next ? asJpeg(next.jpeg) : plain("no frame so far", 503, { "Retry-After": "2" });
}

async function nextPicture(
  url: URL,
  { pictures, signal }: PreviewParts,
): Promise<NumberedPicture | "busy" | undefined> {
  if (!pictures.hasRoom) return "busy";
  const after = Number(url.searchParams.get("after") ?? 0);
  return await pictures.next(Number.isSafeInteger(after) ? after : 0, { signal });
}

function tooMany(url: URL): Response {
  return refuse({ url }, 503, { error: "too many open pages", headers: { "Retry-After": "5" } });
}

function asJpeg(jpeg: Uint8Array<ArrayBuffer>): Response {
  return respond(jpeg, { type: "image/jpeg" });
}
