/** The routes of the aiming page: what they answer, and who gets it. */
import assert from "node:assert/strict";
import { Access } from "../web/access.ts";
import { type LivePicture, LivePictures } from "./live_pictures.ts";
import { readPreviewFiles } from "./page_files.ts";
import { respondTo } from "./routes.ts";
import { UnsentFaces } from "./unsent_faces.ts";

const TOKEN = "b5bb9d8014a0f9b1";
const PICTURE: LivePicture = {
  frame: { width: 64, height: 48 },
  boxes: [{ x: 1, y: 2, width: 3, height: 4, kind: "unsent", text: "3 px, minimum 24", short: "3 px" }],
  regions: [{ x: 0, y: 0, width: 8, height: 8 }],
  jpeg: Uint8Array.of(255, 216),
};

function start({ token }: { token?: string } = {}) {
  const pictures = new LivePictures({
    delay: () => Promise.resolve(),
    onFailure: (error) => assert.fail(String(error)),
  });
  const parts = {
    access: new Access(token, { sessionMs: 60_000 }),
    files: readPreviewFiles(),
    pictures,
    unsent: new UnsentFaces(),
    facts: () => ({ camera: "front" }),
    signal: new AbortController().signal,
  };
  const ask = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    respondTo(
      new Request(`http://localhost:8081${path}`, {
        ...init,
        headers: { host: "localhost:8081", ...init.headers },
      }),
      "127.0.0.1",
      parts,
    );
  return { ask, pictures, parts };
}

Deno.test("/api/view says what is in the next picture, and /picture.jpg is that picture", async () => {
  const { ask, pictures } = start();
  const first = await (await ask("/api/view")).json();
  assert.deepEqual(first, { number: 0, frame: null, boxes: [], regions: [], camera: "front", unsent: [] });
  assert.equal((await ask("/picture.jpg")).status, 503);
  await pictures.make(() => Promise.resolve(PICTURE));
  const { number, frame, boxes } = await (await ask("/api/view?after=0")).json();
  assert.deepEqual({ number, frame, boxes }, { number: 1, frame: PICTURE.frame, boxes: PICTURE.boxes });
  for (const path of ["/picture.jpg?number=1", "/picture.jpg"]) {
    const response = await ask(path);
    assert.equal(response.headers.get("content-type"), "image/jpeg");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.deepEqual(await response.bytes(), PICTURE.jpeg);
  }
  assert.equal((await ask("/picture.jpg?number=9")).status, 404);
});

Deno.test("without a token another host name and a proxy are refused, and no picture is made for them", async () => {
  const { ask, pictures } = start();
  const foreign: Record<string, string>[] = [{ host: "evil.example" }, { "x-forwarded-for": "10.0.0.1" }, {
    via: "1.1 proxy",
  }];
  for (const headers of foreign) {
    for (const path of ["/", "/api/view", "/picture.jpg", "/crops/1.jpg"]) {
      const { status } = await ask(path, { headers });
      assert.ok(status === 421 || status === 403, `${path} ${status}`);
    }
  }
  assert.ok(!pictures.isWatched);
});

Deno.test("with a token only its holders see something, by login or by header", async () => {
  const { ask, pictures } = start({ token: TOKEN });
  for (const path of ["/api/view", "/picture.jpg", "/crops/1.jpg"]) {
    assert.equal((await ask(path)).status, 401, path);
  }
  const form = await ask("/");
  assert.equal(form.status, 401);
  assert.match(await form.text(), /on the machine where the detector runs/);
  assert.ok(!pictures.isWatched);
  assert.equal((await ask("/api/view", { headers: { authorization: `Bearer ${TOKEN}` } })).status, 200);
  const own = { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
  const login = await ask("/login", { method: "POST", headers: own, body: `token=${TOKEN}&next=` });
  assert.equal(login.status, 303);
  const cookie = login.headers.get("set-cookie")!.split(";")[0];
  assert.equal((await ask("/", { headers: { cookie } })).status, 200);
  for (const time of ["first", "again"]) {
    const logout = await ask("/logout", { method: "POST", headers: { ...own, cookie } });
    assert.deepEqual([logout.status, logout.headers.get("location")], [303, "./login"], time);
  }
  assert.equal((await ask("/", { headers: { cookie } })).status, 401);
  const foreign = await ask("/login", {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site" },
    body: `token=${TOKEN}`,
  });
  assert.equal(foreign.status, 403);
});

Deno.test("every file of the page is served with the policy of pages, and nothing else", async () => {
  const { ask } = start({ token: TOKEN });
  for (
    const path of [
      "/preview/page/aim.js",
      "/preview/page/aim.css",
      "/gallery/page/base.css",
      "/door.js",
      "/icon.svg",
    ]
  ) {
    const response = await ask(path);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get("content-security-policy")!, /default-src 'none'; img-src 'self'/);
  }
  assert.equal((await ask("/../detector.ts")).status, 401);
  const { ask: open } = start();
  for (const path of ["/preview/page/aim.html", "/gallery/page/gallery.js", "/crops/1.jpg", "/x"]) {
    assert.equal((await open(path)).status, 404, path);
  }
  assert.equal((await open("/", { method: "PUT" })).status, 405);
});
