/** The health of a program: its states, its answers over HTTP, the probe. */
import assert from "node:assert/strict";
import { Health } from "./health.ts";
import { counter } from "./metric.ts";
import { serveHealth } from "./http_server.ts";
import { probe } from "./probe.ts";
import { VERSION } from "../version.ts";

/** A health whose time the test sets. */
function healthAtTime() {
  const time = { nowMs: 0 };
  return { time, health: new Health({ nowMs: () => time.nowMs }) };
}

Deno.test("a program is ready when all its components work, and alive before", () => {
  const health = new Health();
  assert.equal(health.notReady, "starting");
  const edge = health.component("edge broker");
  const cloud = health.component("cloud broker");
  assert.equal(health.notReady, "edge broker: not available yet; cloud broker: not available yet");
  for (const part of [edge, cloud]) {
    part.started();
    assert.match(health.notReady!, /broker: /);
    part.ok();
  }
  assert.equal(health.notReady, undefined);
  cloud.waiting("nothing listens on cloud:1883");
  assert.equal(health.notReady, "cloud broker: nothing listens on cloud:1883");
  assert.equal(health.notAlive, undefined);
});

Deno.test("a component whose sign of life is overdue makes the program not alive, until the sign comes", () => {
  const { time, health } = healthAtTime();
  const camera = health.component("camera", { withinMs: 3_000 });
  time.nowMs += 5_000;
  assert.equal(health.notAlive, undefined, "before it is started, no sign of life is due");
  camera.started();
  time.nowMs += 5_000;
  assert.match(health.notAlive!, /^camera: no sign of life for 5 s$/);
  camera.ok();
  assert.deepEqual([health.notAlive, health.notReady], [undefined, undefined]);
  time.nowMs += 5_000;
  assert.match(health.notReady!, /^camera: no sign of life/);
});

Deno.test("late results of a lost camera do not end the waiting for it", () => {
  const { time, health } = healthAtTime();
  const camera = health.component("camera", { withinMs: 3_000 });
  camera.started();
  camera.ok();
  camera.waiting("unplugged");
  camera.ok();
  time.nowMs += 5_000;
  assert.deepEqual([health.notAlive, health.notReady], [undefined, "camera: unplugged"]);
  camera.started();
  assert.deepEqual([health.notAlive, health.notReady], [undefined, "camera: no result yet"]);
});

Deno.test("each change is reported once, signs of life are not", () => {
  const health = new Health();
  let changes = 0;
  health.onChange = () => changes++;
  const part = health.component("broker");
  part.started();
  for (let signs = 0; signs < 10; signs++) part.ok();
  assert.equal(changes, 2);
  part.waiting("gone");
  assert.equal(changes, 3);
});

Deno.test("/healthz fails only when a restart would help, /readyz whenever the job is not done", async () => {
  const { time, health } = healthAtTime();
  health.metrics.read(counter("x_total", { help: "x", field: "frames" }), "" as never, () => 3);
  const camera = health.component("camera", { withinMs: 3_000 });
  const server = serveHealth({ host: "127.0.0.1", port: 0 }, "detector", health);
  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`);
    return { code: response.status, ...await response.json() };
  };
  const body = { program: "detector", version: VERSION, done: { frames: 3 } };
  const waiting = { ...body, status: "waiting", why: "camera: not available yet" };
  assert.deepEqual(await get("healthz"), { code: 200, ...waiting });
  assert.deepEqual(await get("readyz"), { code: 503, ...waiting });

  camera.started();
  camera.ok();
  for (const path of ["healthz", "readyz"]) {
    assert.deepEqual(await get(path), { code: 200, ...body, status: "ok" });
  }
  time.nowMs += 5_000;
  for (const path of ["healthz", "readyz"]) {
    const { code, status, why } = await get(path);
    assert.deepEqual([code, status], [503, "stuck"]);
    assert.match(why, /^camera: no sign of life/);
  }
  const head = await fetch(`${server.url}healthz`, { method: "HEAD" });
  const post = await fetch(`${server.url}healthz`, { method: "POST" });
  const other = await fetch(server.url);
  assert.deepEqual([head.status, post.status, other.status], [503, 405, 404]);
  for (const response of [head, post, other]) await response.body?.cancel();
  await server.close();
});

Deno.test("probe() tells a healthy program from an unhealthy one and from no answer", async () => {
  const health = new Health();
  const part = health.component("broker");
  const server = serveHealth({ host: "127.0.0.1", port: 0 }, "logger", health);
  assert.equal((await probe(`${server.url}healthz`)).isHealthy, true);
  const ready = await probe(`${server.url}readyz`);
  assert.equal(ready.isHealthy, false);
  assert.match(ready.answer, /"why":"broker: not available yet"/);
  part.started();
  part.ok();
  assert.equal((await probe(`${server.url}readyz`)).isHealthy, true);
  await server.close();

  const gone = await probe(`${server.url}healthz`);
  assert.equal(gone.isHealthy, false);
  assert.match(gone.answer, /does not answer: .*refused/i);
  for (const wrong of ["", "here", "https://127.0.0.1:1/healthz", "ftp://x"]) {
    assert.equal((await probe(wrong)).isHealthy, false, wrong);
  }
});
