/** Access control of the gallery: with and without a token, sessions, attempts. */
import assert from "node:assert/strict";
import { TOKEN } from "../testing/gallery_requests.ts";
import { Access, type AccessOptions } from "./access.ts";

const HOUR_MS = 3600_000;
const CLIENT = { address: "192.0.2.7" };

/** An access control whose time the test sets, and the wrong tokens that it reported. */
function accessAtTime(token: string | undefined, options: Partial<AccessOptions> = {}) {
  const time = { ms: Date.UTC(2026, 10, 26) };
  const reports: [string, number][] = [];
  const access = new Access(token, {
    sessionMs: HOUR_MS,
    utcMs: () => time.ms,
    nowMs: () => time.ms,
    onWrongToken: ({ address, behind = "" }, left) => reports.push([`${address} ${behind}`.trim(), left]),
    ...options,
  });
  return { access, time, reports };
}

function request(path: string, headers: Record<string, string> = {}, scheme = "http"): Request {
  return new Request(`${scheme}://192.0.2.1:8080${path}`, { headers });
}

/** The kind of the result of a check. */
const kindOf = (access: Access, path: string, headers: Record<string, string> = {}) =>
  access.check(request(path, headers), CLIENT).kind;

/** Logs in, and returns the whole Set-Cookie header. */
function cookieOf(access: Access, sent = request("/login"), token = TOKEN): string {
  const result = access.login(token, sent, CLIENT);
  assert.equal(result.kind, "session");
  return (result as { cookie: string }).cookie;
}

Deno.test("without a token only requests to loopback names are allowed", () => {
  const { access } = accessAtTime(undefined);
  for (const host of ["localhost:8080", "LOCALHOST", "127.0.0.1:8080", "127.0.0.1", "[::1]:8080"]) {
    assert.equal(kindOf(access, "/", { host }), "allowed", host);
  }
  const others = [
    "rebound.example",
    "localhost.example",
    "127.0.0.1.example",
    "x@localhost",
    "[::2]",
    "10.0.0.1",
    "",
  ];
  for (const host of others) assert.equal(kindOf(access, "/", { host }), "wrong host", host);
  assert.equal(kindOf(access, "/"), "wrong host");
});

Deno.test("without a token a request that a proxy passed on is refused", () => {
  const { access } = accessAtTime(undefined);
  const host = "localhost:8080";
  for (
    const name of [
      "Forwarded",
      "Via",
      "X-Forwarded-For",
      "X-Forwarded-Host",
      "X-Forwarded-Proto",
      "X-Forwarded-Anything",
      "X-Real-IP",
    ]
  ) {
    assert.equal(kindOf(access, "/", { host, [name]: "" }), "behind a proxy", name);
  }
  assert.equal(kindOf(accessAtTime(TOKEN).access, "/", { host, via: "1.1 proxy" }), "token required");
});

Deno.test("the token gives a session, as a cookie that scripts and other sites do not get", () => {
  const { access } = accessAtTime(TOKEN);
  assert.equal(kindOf(access, "/"), "token required");
  const header = cookieOf(access);
  assert.match(
    header,
    /^haarlem_[\w-]{6}=[\w-]{16}\.\d+\.[\w-]{22}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=3600$/,
  );
  assert.ok(!header.includes(TOKEN));
  const [cookie] = header.split(";");
  assert.equal(kindOf(access, "/events", { cookie }), "allowed");
  assert.equal(kindOf(access, "/events", { cookie: `other=1; ${cookie}; more=2` }), "allowed");
  assert.notEqual(cookieOf(access), header, "each login is a session of its own");
});

Deno.test("a session ends at its time, by a logout, and with another token; a restart does not end it", () => {
  const { access, time } = accessAtTime(TOKEN);
  const [cookie] = cookieOf(access).split(";");
  const again = accessAtTime(TOKEN).access;
  assert.equal(kindOf(again, "/", { cookie }), "allowed");
  assert.equal(kindOf(accessAtTime(`${TOKEN}0`).access, "/", { cookie }), "token required");

  const removed = again.logout(request("/logout", { cookie }));
  assert.match(removed, /^haarlem_[\w-]{6}=; .*Max-Age=0$/);
  assert.equal(kindOf(again, "/", { cookie }), "token required");

  time.ms += HOUR_MS - 1;
  const result = access.check(request("/", { cookie }), CLIENT);
  assert.ok(result.kind === "allowed" && access.isOpen(result.session!));
  time.ms += 1;
  assert.equal(kindOf(access, "/", { cookie }), "token required");
  assert.ok(!access.isOpen(result.session!));
});

Deno.test("a changed cookie is no session", () => {
  const { access } = accessAtTime(TOKEN);
  const [, name, id, expires, signature] = /^(\w+)=([\w-]+)\.(\d+)\.([\w-]+)/.exec(cookieOf(access))!;
  const texts = [
    `${id}.${Number(expires) + 1}.${signature}`,
    `${"A".repeat(16)}.${expires}.${signature}`,
    `${id}.${expires}.${"A".repeat(22)}`,
    `${id}.${expires}`,
    "",
    TOKEN,
  ];
  for (const text of texts) {
    assert.equal(kindOf(access, "/", { cookie: `${name}=${text}` }), "token required", text);
  }
  assert.equal(kindOf(access, "/", { cookie: `other=${id}.${expires}.${signature}` }), "token required");
});

Deno.test("behind TLS the cookie is sent over TLS only, and belongs to this host alone", () => {
  const { access } = accessAtTime(TOKEN);
  const overTls = [
    request("/login", {}, "https"),
    request("/login", { "x-forwarded-proto": "https" }),
    request("/login", { forwarded: 'for=192.0.2.1;proto="https"' }),
  ];
  for (const sent of overTls) {
    const header = cookieOf(access, sent);
    assert.match(header, /^__Host-haarlem_.*; Secure$/);
    assert.equal(kindOf(access, "/", { cookie: header.split(";")[0] }), "allowed");
  }
  assert.doesNotMatch(cookieOf(access, request("/login", { "x-forwarded-proto": "http" })), /Secure|__Host/);
});

Deno.test("a program sends its token in a header, with any host name", () => {
  const { access, reports } = accessAtTime(TOKEN);
  const host = "gallery.example";
  assert.equal(kindOf(access, "/api/faces", { authorization: `bearer ${TOKEN}`, host }), "allowed");
  assert.equal(kindOf(access, "/api/faces", { authorization: "Bearer wrong", host }), "token required");
  assert.equal(kindOf(access, "/api/faces", { authorization: `Basic ${TOKEN}`, host }), "token required");
  assert.equal(kindOf(access, `/?token=${TOKEN}`), "token required", "no token in an address");
  assert.deepEqual(reports, [["192.0.2.7", 9]]);
});

Deno.test("after ten wrong tokens a client waits, its sessions and other clients do not", () => {
  const { access, time, reports } = accessAtTime(TOKEN);
  const [cookie] = cookieOf(access).split(";");
  for (let attempt = 1; attempt <= 10; attempt++) {
    const result = access.login(`wrong${attempt}`, request("/login"), CLIENT);
    assert.deepEqual(result, { kind: "wrong token", left: 10 - attempt });
  }
  assert.equal(reports.length, 10);
  assert.deepEqual(access.login(TOKEN, request("/login"), CLIENT), {
    kind: "too many attempts",
    waitMs: 15 * 60_000,
  });
  assert.equal(kindOf(access, "/", { authorization: `Bearer ${TOKEN}` }), "too many attempts");
  assert.equal(reports.length, 10, "a refused attempt is not logged");
  assert.equal(kindOf(access, "/", { cookie }), "allowed");
  assert.equal(access.login(TOKEN, request("/login"), { address: "192.0.2.8" }).kind, "session");
  time.ms += 15 * 60_000;
  assert.equal(access.login(TOKEN, request("/login"), CLIENT).kind, "session");
});

Deno.test("a change comes from the gallery's own page, or from a program with the token", () => {
  const { access } = accessAtTime(TOKEN);
  const mayChange = (headers: Record<string, string>) => access.mayChange(request("/logout", headers));
  const host = "192.0.2.1:8080";
  assert.ok(mayChange({ "sec-fetch-site": "same-origin" }));
  assert.ok(mayChange({ host, origin: `http://${host}` }));
  assert.ok(mayChange({ host: "Gallery.example", origin: "https://gallery.example" }));
  assert.ok(mayChange({ host: "gallery.example:443", origin: "https://gallery.example" }));
  assert.ok(mayChange({ authorization: `Bearer ${TOKEN}` }));
  for (const site of ["cross-site", "same-site", "none"]) {
    assert.ok(!mayChange({ host, origin: `http://${host}`, "sec-fetch-site": site }), site);
  }
  for (const origin of ["http://192.0.2.1:8081", "http://evil.example", "null", "", "http://"]) {
    assert.ok(!mayChange({ host, origin }), origin);
  }
  assert.ok(!mayChange({ host }));
  assert.ok(!accessAtTime(undefined).access.mayChange(request("/logout", { authorization: "Bearer x" })));
});
