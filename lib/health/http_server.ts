/** Serves the health of a program over HTTP, for Docker, Kubernetes and `--probe`. */
import { type ListenAddress, type Listening, listenOn } from "../http_listen.ts";
import { VERSION } from "../version.ts";
import type { Health } from "./health.ts";

const HEADERS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/**
 * Answers `/healthz` (alive: a restart would not help) and `/readyz` (does its job now), each with 200 or 503 and the
 * same JSON:
 * `{"status": "ok" | "waiting" | "stuck", "program": "saver", "version": "0.1.0", "why": "…", "done": {"stored": 3}}`.
 */
export function serveHealth(address: ListenAddress, program: string, health: Health): Listening {
  const onError = () => Response.json({ status: "failed" }, { status: 500, headers: HEADERS });
  return listenOn(address, (request) => answer(request, program, health), { flag: "--health", onError });
}

function answer({ url, method }: Request, program: string, health: Health): Response {
  const path = URL.parse(url)?.pathname;
  if (path !== "/healthz" && path !== "/readyz") return new Response("not found\n", { status: 404 });
  if (method !== "GET" && method !== "HEAD") {
    return new Response("method not allowed\n", { status: 405, headers: { Allow: "GET, HEAD" } });
  }
  const { notAlive, notReady, done } = health;
  const status = notAlive ? "stuck" : notReady ? "waiting" : "ok";
  const isGood = path === "/healthz" ? !notAlive : !notReady;
  const body = { status, program, version: VERSION, why: notAlive ?? notReady, done };
  return Response.json(body, { status: isGood ? 200 : 503, headers: HEADERS });
}
