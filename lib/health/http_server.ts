/** Serves the health of a program over HTTP, for Docker, Kubernetes and `--probe`, and its metrics for Prometheus. */
import { type ListenAddress, type Listening, listenOn } from "../http_listen.ts";
import { VERSION } from "../version.ts";
import { METRICS_TYPE, metricsText } from "./exposition.ts";
import type { Health } from "./health.ts";

const PATHS = ["/healthz", "/readyz", "/metrics"];
const HEADERS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/**
 * Answers `/healthz` (alive: a restart would not help) and `/readyz` (does its job now), each with 200 or 503 and the
 * same JSON:
 * `{"status": "ok" | "waiting" | "stuck", "program": "saver", "version": "0.1.0", "why": "…", "done": {"stored": 3}}`.
 * `/metrics` answers with the metrics as text, see exposition.ts.
 */
export function serveHealth(address: ListenAddress, program: string, health: Health): Listening {
  const onError = () => Response.json({ status: "failed" }, { status: 500, headers: HEADERS });
  return listenOn(address, (request) => answer(request, program, health), { flag: "--health", onError });
}

function answer({ url, method }: Request, program: string, health: Health): Response {
  const path = URL.parse(url)?.pathname;
  if (!PATHS.includes(path ?? "")) return new Response("not found\n", { status: 404 });
  if (method !== "GET" && method !== "HEAD") {
    return new Response("method not allowed\n", { status: 405, headers: { Allow: "GET, HEAD" } });
  }
  if (path === "/metrics") {
    return new Response(metricsText(health.metrics), {
      headers: { ...HEADERS, "Content-Type": METRICS_TYPE },
    });
  }
  const { notAlive, notReady, done } = health;
  const status = notAlive ? "stuck" : notReady ? "waiting" : "ok";
  const isGood = path === "/healthz" ? !notAlive : !notReady;
  const body = { status, program, version: VERSION, why: notAlive ?? notReady, done };
  return Response.json(body, { status: isGood ? 200 : 503, headers: HEADERS });
}
