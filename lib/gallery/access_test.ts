import assert from "node:assert/strict";
import { Access, wrongToken } from "./access.ts";

const TOKEN = "correct horse".replace(" ", "-");

function request(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://192.0.2.1:8080${path}`, { headers });
}

Deno.test("without a token only this machine's own names open the door", () => {
  const door = new Access(undefined);
  for (const host of ["localhost:8080", "LOCALHOST", "127.0.0.1:8080", "127.0.0.1", "[::1]:8080"]) {
    assert.equal(door.check(request("/", { host })), "open", host);
  }
  const strangers = [
    "rebound.example",
    "localhost.example",
    "127.0.0.1.example",
    "x@localhost",
    "[::2]",
    "10.0.0.1",
    "",
  ];
  for (const host of strangers) assert.equal(door.check(request("/", { host })), "wrong host", host);
  assert.equal(door.check(request("/")), "wrong host");
});

Deno.test("a token is shown once and kept as a cookie that no script reads", () => {
  const door = new Access(TOKEN);
  assert.equal(door.check(request("/")), "token wanted");
  const entry = door.check(request(`/?token=${TOKEN}`));
  assert.ok(typeof entry === "object");
  assert.match(
    entry.cookie,
    /^haarlem_gallery=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/,
  );
  assert.ok(!entry.cookie.includes(TOKEN));
  const cookie = entry.cookie.split(";")[0];
  assert.equal(door.check(request("/events", { cookie })), "open");
  assert.equal(door.check(request("/events", { cookie: `other=1; ${cookie}` })), "open");
  assert.equal(new Access("another-token").check(request("/", { cookie })), "token wanted");
});

Deno.test("a wrong or damaged proof keeps the door shut", () => {
  const door = new Access(TOKEN);
  const proofs: [string, Record<string, string>][] = [
    ["/?token=", {}],
    ["/?token=wrong", {}],
    [`/api/faces?token=${TOKEN}`, {}], // in the address of the page alone
    ["/", { authorization: "Bearer wrong" }],
    ["/", { authorization: `Basic ${TOKEN}` }],
    ["/", { cookie: `haarlem_gallery=${TOKEN}` }],
    ["/", { cookie: `haarlem_gallery=${"0".repeat(64)}` }],
    ["/", { cookie: "haarlem_gallery=" }],
  ];
  for (const [path, headers] of proofs) {
    assert.equal(door.check(request(path, headers)), "token wanted", `${path} ${JSON.stringify(headers)}`);
  }
});

Deno.test("a program shows its token in a header, under whatever name it calls", () => {
  const headers = { authorization: `bearer ${TOKEN}`, host: "gallery.example" };
  assert.equal(new Access(TOKEN).check(request("/api/faces", headers)), "open");
});

Deno.test("a token that is guessed soon or cannot be sent is refused", () => {
  assert.equal(wrongToken(TOKEN), undefined);
  for (const token of ["short", "with a space in it", "ünïcödé-token", "x".repeat(201)]) {
    assert.match(wrongToken(token)!, /should be/, token);
  }
});
