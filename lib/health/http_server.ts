/** An address that says how a program health, for Docker, Kubernetes and whoever else asks over HTTP. */
import { type ListenAddress, type Listening, listenOn } from "../http_listen.ts";
import type { Health } from "./health.ts";
import { VERSION } from "../version.ts";

const HEADERS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/**
 * Answers `/healthz` (is it alive, or should it be started anew?) and `/readyz` (does it do its job now?), each with
 * 200 or 503 and the same JSON:
 * `{"status": "ok" | "waiting" | "stuck", "program": "saver", "version": "0.1.0", "why": "…", "done": {"stored": 3}}`.
 */
export function serveHealth(address: ListenAddress, program: string, health: Health): Listening {
  const onError = () => Response.json({ status: "failed" }, { status: 500, headers: HEADERS });
  return listenOn(address, (request) => answer(request, program, health), { flag: "--health", onError });
}

function answer({ url, method }: Request, program: string, health: Health): Response {
  const path = URL.parse(url)?.pathname;
  if (path !== "/healthz" && path !== "/readyz") return new Response("nothing here\n", { status: 404 });
  if (method !== "GET" && method !== "HEAD") {
    return new Response("only GET\n", { status: 405, headers: { Allow: "GET, HEAD" } });
  }
  const { notAlive, notReady, done } = health;
  const state = notAlive ? "stuck" : notReady ? "waiting" : "ok";
  const well = path === "/healthz" ? !notAlive : !notReady;
  const body = { status: state, program, version: VERSION, why: notAlive ?? notReady, done };
  return Response.json(body, { status: well ? 200 : 503, headers: HEADERS });
}
