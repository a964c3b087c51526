import assert from "node:assert/strict";
import { join } from "node:path";
import { RejectedMessageError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { openFolderStore } from "../store/folder_store.ts";
import { Album } from "./album.ts";
import { Access } from "./access.ts";
import { LiveFeed } from "./live_feed.ts";
import { readPageFiles } from "./page_files.ts";
import type { PictureStore } from "./picture_store.ts";
import { route } from "./routes.ts";
import { StoreHealth } from "./store_health.ts";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";

const { signal } = new AbortController();
const TOKEN = "a-token-for-tests";
const PNG = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });

/** Asks a gallery of `store`, from its own machine unless the headers say otherwise. */
async function visitor(store: PictureStore, { token }: { token?: string } = {}) {
  const album = new Album(store, { pageSize: 2, freshMs: 0 });
  const health = new StoreHealth(() => {});
  const feed = new LiveFeed(() => album.recent({ signal }), 1000);
  const parts = { store, album, feed, health, door: new Access(token), files: readPageFiles(), signal };
  return (path: string, { method, headers }: { method?: string; headers?: Record<string, string> } = {}) =>
    route(
      new Request(`http://localhost${path}`, { method, headers: { host: "localhost", ...headers } }),
      parts,
    );
}

Deno.test("the page is made of its own files alone, and its policy lets it be nothing else", async () => {
  const ask = await visitor(new TestStore());
  const page = await ask("/");
  const html = await page.text();
  assert.match(page.headers.get("content-security-policy")!, /default-src 'none'.*script-src 'self'/);
  assert.doesNotMatch(page.headers.get("content-security-policy")!, /unsafe|https?:|\*/);
  assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\son\w+=|style=/);
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  assert.ok(addresses.length >= 3);
  for (const address of addresses) {
    const response = await ask(`/${address}`);
    assert.equal(response.status, 200, address);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.doesNotMatch(await response.text(), /https?:\/\/(?!www\.w3\.org\/2000\/svg)/, address);
  }
});

Deno.test("faces come in pages", async () => {
  const keys = [1, 2, 3].map((ms) => keyOfFace(ms));
  const ask = await visitor(new TestStore(keys));
  const first = await (await ask("/api/faces")).json();
  assert.deepEqual([first.store, first.more], ["a test", true]);
  assert.deepEqual(first.faces.map(({ key }: { key: string }) => key), [keys[2], keys[1]]);
  const { ms, key } = first.faces[1];
  const second = await (await ask(`/api/faces?before=${encodeURIComponent(`${ms}_${key}`)}`)).json();
  assert.deepEqual(second.faces.map(({ key }: { key: string }) => key), [keys[0]]);
  assert.equal(second.more, false);
  assert.equal((await ask("/api/faces?before=nonsense")).status, 400);
});

Deno.test("a face is served with the type that it is, for ever", async () => {
  const store = new TestStore(["a.png"]);
  const ask = await visitor(store);
  store.picture = PNG;
  const png = await ask("/faces/a.png");
  assert.deepEqual(new Uint8Array(await png.arrayBuffer()), PNG);
  assert.equal(png.headers.get("content-type"), "image/png");
  assert.match(png.headers.get("cache-control")!, /^private, .*immutable$/);
  assert.match(png.headers.get("content-security-policy")!, /^default-src 'none'/);
  assert.equal(png.headers.get("x-content-type-options"), "nosniff");
  store.picture = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
  assert.equal((await ask("/faces/a.png")).headers.get("content-type"), "image/jpeg");
  store.picture = new TextEncoder().encode("<script>alert(1)</script>");
  const html = await ask("/faces/a.png");
  assert.equal(html.status, 404);
  assert.doesNotMatch(await html.text(), /script/);
});

Deno.test("a picture that is too large for a face is none, and few are read at a time", async () => {
  const store = new TestStore(Array.from({ length: 50 }, (_, index) => `${index}.png`));
  let [reading, most, maxBytes] = [0, 0, 0];
  store.get = async (_key: string, options?: { maxBytes: number }) => {
    maxBytes = options!.maxBytes;
    most = Math.max(most, ++reading);
    await new Promise((resolve) => setTimeout(resolve));
    reading--;
    throw new RejectedMessageError("too large");
  };
  const ask = await visitor(store);
  const answers = await Promise.all(Array.from(store.objects.keys(), (key) => ask(`/faces/${key}`)));
  assert.ok(answers.every(({ status }) => status === 404));
  assert.ok(maxBytes * most <= 2 ** 28, `${most} of up to ${maxBytes} bytes at a time`);
});

Deno.test("no path reaches a picture outside the store's folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "store", "inside"), { recursive: true });
    await Deno.writeFile(join(folder, "secret.png"), PNG);
    await Deno.writeFile(join(folder, "store", "inside", "a.png"), PNG);
    const ask = await visitor(openFolderStore(join(folder, "store")));
    assert.equal((await ask("/faces/inside/a.png")).status, 200);
    const encoded = encodeURIComponent(join(folder, "secret.png"));
    const paths = [
      "../secret.png",
      "..%2fsecret.png",
      "inside/..%2f..%2fsecret.png",
      "%2e%2e%2fsecret.png",
      encoded,
    ];
    for (const path of [...paths, "inside%2fa.png", "inside/./..%5c..%5csecret.png", "inside", "inside/"]) {
      const response = await ask(`/faces/${path}`);
      assert.equal(response.status, 404, path);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("without the token there is no face, no list, no feed; only whether it is well", async () => {
  const ask = await visitor(new TestStore(["a.png"]), { token: TOKEN });
  for (const path of ["/", "/api/faces", "/events", "/faces/a.png", "/anything"]) {
    const response = await ask(path);
    assert.equal(response.status, 401, path);
    assert.match(await response.text(), /HAARLEM_TOKEN/);
  }
  assert.equal(await (await ask("/healthz")).text(), "ok\n");
  assert.equal((await ask("/api/faces", { headers: { authorization: `Bearer ${TOKEN}` } })).status, 200);
  const taken = await ask(`/?token=${TOKEN}`);
  const cookie = taken.headers.get("set-cookie")!.split(";")[0];
  assert.match(await taken.text(), /http-equiv="refresh" content="0; url=.\/"/);
  assert.equal((await ask("/", { headers: { cookie } })).status, 200);
});

Deno.test("a name that a stranger's page points at this machine gets nothing", async () => {
  const ask = await visitor(new TestStore(["a.png"]));
  const headers = { host: "rebound.example" };
  for (const path of ["/", "/api/faces", "/events", "/faces/a.png"]) {
    assert.equal((await ask(path, { headers })).status, 421, path);
  }
});

Deno.test("a store that does not answer is said to those who may know why", async () => {
  const store = new TestStore();
  store.trouble = new Error("no route to my-bucket");
  const ask = await visitor(store, { token: TOKEN });
  const authorization = `Bearer ${TOKEN}`;
  const page = await ask("/api/faces", { headers: { authorization } });
  assert.deepEqual([page.status, await page.json()], [503, { error: "no route to my-bucket" }]);
  assert.equal((await ask("/faces/a.png", { headers: { authorization } })).status, 503);
  const [told, untold] = [await ask("/healthz", { headers: { authorization } }), await ask("/healthz")];
  assert.deepEqual([told.status, await told.text()], [503, "no route to my-bucket\n"]);
  assert.deepEqual([untold.status, await untold.text()], [503, "the store does not answer\n"]);
});

Deno.test("the gallery only shows", async () => {
  const ask = await visitor(new TestStore());
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    assert.equal((await ask("/", { method })).status, 405, method);
  }
  assert.equal((await ask("/events", { method: "HEAD" })).body, null);
  assert.equal((await ask("/elsewhere")).status, 404);
});
