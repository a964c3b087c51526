/**
 * A test double of the gallery: it serves the real page and answers its requests from memory. With it, tests reach states
 * that the real gallery takes long to get into: a hundred boards, 100,000 faces, a store that is away, a broken answer.
 */
import type { Camera, Cameras, Day, Face, Session, Visit } from "../../lib/gallery/page/api.js";
import { publicFileAt, readPageFiles } from "../../lib/gallery/page_files.ts";
import { json, plain, respond } from "../../lib/web/responses.ts";
import { daysOf } from "./days_answer.ts";
import { pngOf } from "./pictures.ts";

export type { Camera, Face, Visit };

/** Maximum number of pictures of a visit in an answer, as of the gallery. */
const MAX_FACES = 50;
const QUARTER_MS = 15 * 60_000;
/** As the gallery does. */
const ALIVE_MS = 15_000;
const files = readPageFiles();

/** A request to change something, as the double got it. */
interface Change {
  readonly path: string;
  readonly body: string;
}

/** The double. Tests change its fields while a page is open. */
export class GalleryDouble implements AsyncDisposable {
  /** Newest first. */
  visits: Visit[] = [];
  cameras: Cameras = { broker: "none", cameras: [] };
  session: Session = { allow: [], token: false, expires: null, version: "1.2.3", name: "s3://faces/door" };
  store = "s3://faces/door";
  isComplete = true;
  /** Responses of the data wait for it. */
  gate: Promise<unknown> = Promise.resolve();
  /** Cameras that an answer does not name. */
  others = { cameras: 0, visits: 0 };
  /** Answers of these paths come when a promise has resolved. Those with data say how it was at their request. */
  late: { paths: RegExp; until: Promise<unknown> } = { paths: /^$/, until: Promise.resolve() };
  /** Requests of these paths have another answer. */
  other: { paths: RegExp; answer: (request: Request) => Response } = { paths: /^$/, answer: () => plain("") };
  /** The reason why the store does not answer. */
  trouble: string | null = null;
  /** Keys that cannot be deleted, with the reason. */
  readonly undeletable = new Map<string, string>();
  facts: Record<string, unknown> | null = null;
  readonly requests: string[] = [];
  readonly changes: Change[] = [];
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #stopped = new AbortController();
  #isLoggedOut = false;
  #alive?: ReturnType<typeof setInterval>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor({ port = 0 } = {}) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {}, signal: this.#stopped.signal },
      (request) => this.#respond(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Adds visits and tells the open pages. */
  arrive(...visits: Visit[]): void {
    const ids = new Set(visits.map(({ id }) => id));
    this.visits = [...visits, ...this.visits.filter(({ id }) => !ids.has(id))].sort(newestFirst);
    this.send("visits", visits);
  }

  /** Whether nothing is sent any more, as when the cable is pulled: no end of a connection arrives. */
  isSilent = false;

  /** Sends an event to the open pages. What it says of cameras and broker, `/api/cameras` says from then on. */
  send(name: string, data: unknown): void {
    if (name === "cameras") this.cameras = { ...this.cameras, cameras: data as Camera[] };
    if (name === "broker") this.cameras = { ...this.cameras, ...data as Cameras };
    if (this.isSilent) return;
    for (const stream of this.#streams) stream.enqueue(event(name, data));
  }

  /** Removes pictures and tells the open pages. */
  remove(keys: readonly string[]): void {
    this.visits = this.visits.flatMap((visit) => {
      const faces = visit.faces.filter(({ key }) => !keys.includes(key));
      return faces.length > 0
        ? [{ ...visit, faces, count: faces.length, best: Math.min(visit.best, faces.length - 1) }]
        : [];
    });
    this.send("removed", keys);
  }

  async #respond(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const { pathname } = url;
    const file = publicFileAt(pathname);
    if (file) return files(file);
    if (pathname === "/login") return plain("the login");
    if (this.#isLoggedOut) return json({ error: "token required" }, 401);
    if (this.other.paths.test(pathname)) return this.other.answer(request);
    if (pathname === "/") return files("gallery.html");
    if (pathname === "/cameras") return files("cameras.html");
    if (pathname === "/events") {
      await this.#late(pathname);
      return this.#events();
    }
    if (/^\/(faces|thumbs)\//.test(pathname)) return picture(pathname);
    this.requests.push(`${request.method} ${pathname}${url.search}`);
    if (pathname === "/api/gone") return this.#gone((await request.json()).keys);
    if (request.method !== "GET") this.changes.push({ path: pathname, body: await request.text() });
    await this.gate;
    if (this.trouble !== null && /^\/api\/(day|visits|days|face)/.test(pathname)) {
      const failure = json({ error: this.trouble }, 503);
      await this.#late(pathname);
      return failure;
    }
    const answer = this.#data(request.method, pathname, url.searchParams);
    await this.#late(pathname);
    return answer ?? plain("not found", 404);
  }

  async #late(path: string): Promise<void> {
    if (this.late.paths.test(path)) await this.late.until;
  }

  #data(method: string, pathname: string, params: URLSearchParams): Response | undefined {
    switch (`${method} ${pathname}`) {
      case "GET /api/day":
        return json(this.#day(params));
      case "GET /api/visits":
        return json(this.#page(params));
      case "GET /api/days":
        return json(daysOf(this.visits, params));
      case "GET /api/visit":
        return this.#keys(params.get("key") ?? "");
      case "GET /api/face":
        return this.#face(params.get("key") ?? "");
      case "GET /api/cameras":
        return json(this.cameras);
      case "GET /api/session":
        return json(this.session);
      case "DELETE /api/faces":
        return this.#delete();
      case "POST /api/share":
        return json({ url: "share/TOKEN", expires: Date.now() + 24 * 3_600_000 });
      case "POST /api/zip":
        return respond("PK", {
          type: "application/zip",
          headers: { "Content-Disposition": "attachment; filename=faces.zip" },
        });
    }
  }

  #between(params: URLSearchParams): Visit[] {
    const [from, to] = [Number(params.get("from")), Number(params.get("to"))];
    return this.visits.filter(({ ms }) => ms >= from && ms < to);
  }

  #day(params: URLSearchParams): Day {
    const [from, to] = [Number(params.get("from")), Number(params.get("to"))];
    const all = this.#between(params);
    const cameras = params.getAll("camera");
    const visits = all.filter(({ camera }) => cameras.length === 0 || cameras.includes(camera));
    const quarters = new Array(Math.ceil((to - from) / QUARTER_MS)).fill(0);
    for (const { ms } of visits) quarters[Math.floor((ms - from) / QUARTER_MS)]++;
    const faces = (some: Visit[]) => some.reduce((sum, { count }) => sum + count, 0);
    const names = [...new Set(all.map(({ camera }) => camera))];
    return {
      store: this.store,
      from,
      to,
      complete: this.isComplete,
      faces: faces(visits),
      visits: visits.length,
      quarters,
      cameras: names.map((name) => {
        const own = all.filter(({ camera }) => camera === name);
        return { name, visits: own.length, faces: faces(own) };
      }),
      others: this.others,
    };
  }

  #page(params: URLSearchParams): { visits: Visit[]; next: string | null } {
    const cameras = params.getAll("camera");
    const visits = this.#between(params)
      .filter(({ camera }) => cameras.length === 0 || cameras.includes(camera));
    const start = Number(params.get("before") ?? 0);
    const end = start + Number(params.get("limit") ?? 60);
    const sent = visits.slice(start, end).map((visit) => ({
      ...visit,
      faces: visit.faces.slice(0, MAX_FACES),
      best: Math.min(visit.best, MAX_FACES - 1),
    }));
    return { visits: sent, next: end < visits.length ? String(end) : null };
  }

  #keys(key: string): Response | undefined {
    const visit = this.visits.find(({ faces }) => faces.some((face) => face.key === key));
    return visit && json({ keys: visit.faces.map(({ key }) => key) });
  }

  #face(key: string): Response {
    const visit = this.visits.find(({ faces }) => faces.some((face) => face.key === key));
    const face = visit?.faces.find((one) => one.key === key);
    if (!visit || !face) return json({ error: "face not found" }, 404);
    return json({ ...face, visit, facts: this.facts });
  }

  #gone(keys: readonly string[]): Response {
    const kept = new Set(this.visits.flatMap(({ faces }) => faces.map(({ key }) => key)));
    return json({ gone: keys.filter((key) => !kept.has(key)) });
  }

  #delete(): Response {
    const keys: string[] = JSON.parse(this.changes.at(-1)!.body).keys;
    if (!this.session.allow.includes("delete")) {
      return json({ error: "deleting is off", hint: "start the gallery with --allow delete" }, 403);
    }
    const deleted = keys.filter((key) => !this.undeletable.has(key));
    this.remove(deleted);
    const failed = keys.filter((key) => this.undeletable.has(key))
      .map((key) => ({ key, reason: this.undeletable.get(key)! }));
    return json({ deleted, failed });
  }

  #events(): Response {
    let stream: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream = controller;
        this.#streams.add(stream);
        stream.enqueue(event("ready", {}));
        this.#alive ??= setInterval(() => this.send("alive", {}), ALIVE_MS);
        if (this.trouble !== null) stream.enqueue(event("trouble", this.trouble));
      },
      cancel: () => {
        this.#streams.delete(stream);
      },
    });
    return respond(body, { type: "text/event-stream" });
  }

  /** Ends the session of all pages, and their streams with it. */
  logOut(): void {
    this.#isLoggedOut = true;
    this.#endStreams();
  }

  #endStreams(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  /** Stops answering. */
  async stop(): Promise<void> {
    clearInterval(this.#alive);
    this.#endStreams();
    this.#stopped.abort();
    await this.#server.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function event(name: string, data: unknown): Uint8Array {
  return new TextEncoder().encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function picture(pathname: string): Response {
  const number = Number(/(\d+)\.png$/.exec(decodeURIComponent(pathname))?.[1] ?? NaN);
  if (Number.isNaN(number)) return plain("face not found", 404);
  return respond(pngOf(number), { type: "image/png", headers: { "Cache-Control": "private, no-cache" } });
}

export function newestFirst(a: Visit, b: Visit): number {
  return b.ms - a.ms || (a.id < b.id ? 1 : -1);
}
