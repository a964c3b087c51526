/** Login and logout, and what requests without access get. */
import assert from "node:assert/strict";
import { BEARER, galleryOf, loggedIn, OWN_PAGE, TOKEN } from "../testing/gallery_requests.ts";
import { TestStore } from "../testing/gallery_store.ts";
import { untilClosed } from "./until_closed.ts";

const post = (body: string, headers: Record<string, string> = OWN_PAGE) => ({
  method: "POST",
  headers,
  body,
});

Deno.test("a login leads back to the page that required it, with a session", async () => {
  const send = galleryOf(new TestStore(), { token: TOKEN });
  const form = await send("/?day=2026-11-26&camera=%22front%22");
  assert.equal(form.status, 401);
  const [, next] = /name="next" type="hidden" value="([^"]*)"/.exec(await form.text())!;
  assert.equal(next, "?day=2026-11-26&#38;camera=%22front%22");
  const body = `token=${TOKEN}&next=${encodeURIComponent("?day=2026-11-26")}`;
  const response = await send("/login", post(body));
  assert.deepEqual([response.status, response.headers.get("location")], [303, "./?day=2026-11-26"]);
  const headers = { cookie: response.headers.get("set-cookie")!.split(";")[0] };
  assert.equal((await send("/", { headers })).status, 200);
  const { expires, ...facts } = await (await send("/api/session", { headers })).json();
  assert.ok(expires > Date.now());
  assert.equal(facts.token, true);
  assert.deepEqual(facts.allow, []);
});

Deno.test("the login leads back at once who has logged in, as in another tab", async () => {
  const send = galleryOf(new TestStore(), { token: TOKEN });
  const path = "/login?next=cameras";
  assert.equal((await send(path)).status, 200);
  const response = await send(path, { headers: await loggedIn(send) });
  assert.deepEqual([response.status, response.headers.get("location")], [303, "./cameras"]);
});

Deno.test("a login leads to no other site", async () => {
  const send = galleryOf(new TestStore(), { token: TOKEN });
  for (
    const next of [
      "//evil.example",
      "https://evil.example",
      "/\\evil.example",
      "javascript:0",
      "a/../b",
      "?\n",
      "?camera=日",
      "?camera=a#b",
    ]
  ) {
    const response = await send("/login", post(`token=${TOKEN}&next=${encodeURIComponent(next)}`));
    assert.equal(response.headers.get("location"), "./", next);
  }
});

Deno.test("a wrong token is said, with the attempts that are left, and then refused", async () => {
  const send = galleryOf(new TestStore(), { token: TOKEN });
  const first = await send("/login", post("token=wrong&next=cameras"));
  assert.equal(first.status, 401);
  assert.match(await first.text(), /value="cameras"[^]*not the token\. 9 attempts are left/);
  for (let attempt = 2; attempt <= 10; attempt++) await send("/login", post("token=wrong"));
  const refused = await send("/login", post(`token=${TOKEN}`));
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("set-cookie"), null);
  assert.match(refused.headers.get("retry-after")!, /^\d+$/);
  assert.match(await refused.text(), /Too many wrong tokens\. Try again in 15 minutes/);
  assert.equal((await send("/api/session", { headers: BEARER })).status, 429);
  assert.equal((await send("/login", { ...post(`token=${TOKEN}`), from: "192.0.2.99" })).status, 303);
});

Deno.test("a login by another site is refused, and one that is too large", async () => {
  const send = galleryOf(new TestStore(), { token: TOKEN });
  const elsewhere = await send("/login", post(`token=${TOKEN}`, { "sec-fetch-site": "cross-site" }));
  assert.equal(elsewhere.status, 403);
  const large = await send("/login", post(`token=${TOKEN}&next=${"x".repeat(5_000)}`));
  assert.equal(large.headers.get("set-cookie"), null);
});

Deno.test("a logout ends the session", async () => {
  const send = galleryOf(new TestStore(), { token: TOKEN });
  const headers = await loggedIn(send);
  assert.equal((await send("/logout", { method: "POST", headers })).status, 403, "from another site");
  const response = await send("/logout", { method: "POST", headers: { ...headers, ...OWN_PAGE } });
  assert.deepEqual([response.status, response.headers.get("location")], [303, "./login"]);
  assert.match(response.headers.get("set-cookie")!, /Max-Age=0/);
  assert.equal((await send("/", { headers })).status, 401);
  const again = await send("/logout", { method: "POST", headers: { ...headers, ...OWN_PAGE } });
  assert.deepEqual([again.status, again.headers.get("location")], [303, "./login"], "after its end");
});

Deno.test("a link from another site loads the page again, so that its session counts", async () => {
  const send = galleryOf(new TestStore(), { token: TOKEN });
  const linked = await send("/?face=a.png", { headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(linked.status, 200);
  assert.match(await linked.text(), /http-equiv="refresh" content="0"/);
  assert.equal((await send("/?face=a.png", { headers: OWN_PAGE })).status, 401);
  assert.equal((await send("/api/faces", { headers: { "sec-fetch-site": "cross-site" } })).status, 401);
});

Deno.test("a refusal below /api/ is JSON with a hint", async () => {
  const answer = await (await galleryOf(new TestStore(), { token: TOKEN })("/api/session")).json();
  assert.equal(answer.error, "token required");
  assert.match(answer.hint, /HAARLEM_TOKEN/);
  const open = galleryOf(new TestStore());
  const proxied = await open("/api/session", { headers: { "x-forwarded-for": "192.0.2.1" } });
  assert.equal(proxied.status, 403);
  assert.match((await proxied.json()).hint, /HAARLEM_TOKEN/);
});

Deno.test("without a token nobody has to log in", async () => {
  const send = galleryOf(new TestStore());
  const response = await send("/login");
  assert.deepEqual([response.status, response.headers.get("location")], [303, "./"]);
  const { token, expires, name } = await (await send("/api/session")).json();
  assert.deepEqual([token, expires, name], [false, null, "a test"]);
});

Deno.test("an event stream ends with its session", async () => {
  let isOpen = true;
  let cancelled = false;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel: () => void (cancelled = true),
  });
  const reader = untilClosed(source, () => isOpen).getReader();
  assert.equal((await reader.read()).done, false);
  isOpen = false;
  assert.equal((await reader.read()).done, true);
  assert.ok(cancelled);
});
