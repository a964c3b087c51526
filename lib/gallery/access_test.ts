/** Access control of the gallery. */
import assert from "node:assert/strict";
import { Access, wrongToken } from "./access.ts";

const TOKEN = "correct horse".replace(" ", "-");

function request(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://192.0.2.1:8080${path}`, { headers });
}

Deno.test("without a token only requests to loopback names are allowed", () => {
  const access = new Access(undefined);
  for (const host of ["localhost:8080", "LOCALHOST", "127.0.0.1:8080", "127.0.0.1", "[::1]:8080"]) {
    assert.equal(access.check(request("/", { host })), "allowed", host);
  }
  const otherHosts = [
    "rebound.example",
    "localhost.example",
    "127.0.0.1.example",
    "x@localhost",
    "[::2]",
    "10.0.0.1",
    "",
  ];
  for (const host of otherHosts) assert.equal(access.check(request("/", { host })), "wrong host", host);
  assert.equal(access.check(request("/")), "wrong host");
});

Deno.test("a token in the URL is replaced by a cookie that scripts cannot read", () => {
  const access = new Access(TOKEN);
  assert.equal(access.check(request("/")), "token required");
  const result = access.check(request(`/?token=${TOKEN}`));
  assert.ok(typeof result === "object");
  assert.match(
    result.cookie,
    /^haarlem_gallery=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/,
  );
  assert.ok(!result.cookie.includes(TOKEN));
  const cookie = result.cookie.split(";")[0];
  assert.equal(access.check(request("/events", { cookie })), "allowed");
  assert.equal(access.check(request("/events", { cookie: `other=1; ${cookie}` })), "allowed");
  assert.equal(new Access("another-token").check(request("/", { cookie })), "token required");
});

Deno.test("a wrong or damaged token or cookie is refused", () => {
  const access = new Access(TOKEN);
  const proofs: [string, Record<string, string>][] = [
    ["/?token=", {}],
    ["/?token=wrong", {}],
    [`/api/faces?token=${TOKEN}`, {}], // Only the URL of the page takes a token.
    ["/", { authorization: "Bearer wrong" }],
    ["/", { authorization: `Basic ${TOKEN}` }],
    ["/", { cookie: `haarlem_gallery=${TOKEN}` }],
    ["/", { cookie: `haarlem_gallery=${"0".repeat(64)}` }],
    ["/", { cookie: "haarlem_gallery=" }],
  ];
  for (const [path, headers] of proofs) {
    assert.equal(
      access.check(request(path, headers)),
      "token required",
      `${path} ${JSON.stringify(headers)}`,
    );
  }
});

Deno.test("a program sends its token in a header, with any host name", () => {
  const headers = { authorization: `bearer ${TOKEN}`, host: "gallery.example" };
  assert.equal(new Access(TOKEN).check(request("/api/faces", headers)), "allowed");
});

Deno.test("wrongToken() rejects tokens that are too short or cannot be sent in a header", () => {
  assert.equal(wrongToken(TOKEN), undefined);
  for (const token of ["short", "with a space in it", "ünïcödé-token", "x".repeat(201)]) {
    assert.match(wrongToken(token)!, /should be/, token);
  }
});
