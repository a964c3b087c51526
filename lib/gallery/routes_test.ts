/** The HTTP routes of the gallery. */
import assert from "node:assert/strict";
import { RejectedMessageError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { openFolderStore } from "../store/folder_store.ts";
import { BEARER, galleryOf, TOKEN } from "../testing/gallery_requests.ts";
import { TestStore } from "../testing/gallery_store.ts";
import { settled } from "../testing/settled.ts";
import { TempFolder } from "../testing/temp_folder.ts";

const PNG = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });

Deno.test("the page uses its own files only, and its policy allows no others", async () => {
  const get = galleryOf(new TestStore());
  const page = await get("/");
  const html = await page.text();
  assert.match(page.headers.get("content-security-policy")!, /default-src 'none'.*script-src 'self'/);
  assert.doesNotMatch(page.headers.get("content-security-policy")!, /unsafe|https?:|\*/);
  assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\son\w+=|style=/);
  assert.equal(page.headers.get("cache-control"), "no-store");
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  assert.ok(addresses.length >= 3);
  for (const address of addresses) {
    const response = await get(`/${address}`);
    assert.equal(response.status, 200, address);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.doesNotMatch(await response.text(), /https?:\/\/(?!www\.w3\.org\/2000\/svg)/, address);
    if (!/\.\w+$/.test(address)) continue; // Another page, or a place on this one.
    const tag = response.headers.get("etag")!;
    const kept = await get(`/${address}`, { headers: { "if-none-match": tag } });
    assert.deepEqual([kept.status, kept.headers.get("etag"), kept.body], [304, tag, null], address);
  }
});

Deno.test("the type of a picture is derived from its bytes, and it is revalidated each time", async () => {
  const store = new TestStore(["a.png"]);
  const get = galleryOf(store);
  store.picture = PNG;
  const png = await get("/faces/a.png");
  assert.deepEqual(new Uint8Array(await png.arrayBuffer()), PNG);
  assert.equal(png.headers.get("content-type"), "image/png");
  assert.equal(png.headers.get("cache-control"), "private, no-cache");
  const tag = png.headers.get("etag")!;
  for (const header of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const kept = await get("/faces/a.png", { headers: { "if-none-match": header } });
    assert.deepEqual([kept.status, kept.headers.get("etag"), kept.body], [304, tag, null], header);
  }
  assert.equal((await get("/faces/a.png", { headers: { "if-none-match": '"other"' } })).status, 200);
  assert.match(png.headers.get("content-security-policy")!, /^default-src 'none'/);
  assert.equal(png.headers.get("x-content-type-options"), "nosniff");
  store.picture = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
  assert.equal((await get("/faces/a.png")).headers.get("content-type"), "image/jpeg");
  store.picture = new TextEncoder().encode("<script>alert(1)</script>");
  const html = await get("/faces/a.png");
  assert.equal(html.status, 404);
  assert.doesNotMatch(await html.text(), /script/);
});

Deno.test("a picture beyond the limit is not found, and few pictures are in memory at the same time", async () => {
  const store = new TestStore(Array.from({ length: 50 }, (_, index) => `${index}.png`));
  let [reading, most, maxBytes] = [0, 0, 0];
  store.get = async (_key: string, options?: { maxBytes: number }) => {
    maxBytes = options!.maxBytes;
    most = Math.max(most, ++reading);
    await settled();
    reading--;
    throw new RejectedMessageError("too large");
  };
  const get = galleryOf(store);
  const answers = await Promise.all(Array.from(store.objects.keys(), (key) => get(`/faces/${key}`)));
  assert.ok(answers.every(({ status }) => status === 404));
  assert.ok(maxBytes * most <= 2 ** 28, `${most} pictures of up to ${maxBytes} bytes`);
});

Deno.test("no path leads to a picture outside the store's folder", async () => {
  using folder = new TempFolder();
  await Deno.mkdir(folder.at("store/inside"), { recursive: true });
  folder.write("secret.png", PNG);
  folder.write("store/inside/a.png", PNG);
  const get = galleryOf(openFolderStore(folder.at("store")));
  assert.equal((await get("/faces/inside/a.png")).status, 200);
  const encoded = encodeURIComponent(folder.at("secret.png"));
  const paths = [
    "../secret.png",
    "..%2fsecret.png",
    "inside/..%2f..%2fsecret.png",
    "%2e%2e%2fsecret.png",
    encoded,
  ];
  for (const path of [...paths, "inside%2fa.png", "inside/./..%5c..%5csecret.png", "inside", "inside/"]) {
    const response = await get(`/faces/${path}`);
    assert.equal(response.status, 404, path);
  }
});

Deno.test("without the token only the status of the store is served", async () => {
  const get = galleryOf(new TestStore(["a.png"]), { token: TOKEN });
  for (const path of ["/", "/api/days", "/events", "/faces/a.png", "/anything"]) {
    const response = await get(path);
    assert.equal(response.status, 401, path);
    assert.match(await response.text(), /HAARLEM_TOKEN/);
  }
  assert.equal(await (await get("/healthz")).text(), "ok\n");
  assert.equal((await get("/api/days", { headers: BEARER })).status, 200);
});

Deno.test("a request with another host name is refused (DNS rebinding)", async () => {
  const get = galleryOf(new TestStore(["a.png"]));
  const headers = { host: "rebound.example" };
  for (const path of ["/", "/api/days", "/events", "/faces/a.png"]) {
    assert.equal((await get(path, { headers })).status, 421, path);
  }
});

Deno.test("the reason of a failure of the store is served only with access", async () => {
  const store = new TestStore();
  store.failure = new Error("no route to my-bucket");
  const get = galleryOf(store, { token: TOKEN });
  const page = await get("/api/days", { headers: BEARER });
  assert.deepEqual([page.status, await page.json()], [503, { error: "no route to my-bucket" }]);
  assert.equal((await get("/faces/a.png", { headers: BEARER })).status, 503);
  const [withAccess, without] = [
    await get("/healthz", { headers: BEARER }),
    await get("/healthz"),
  ];
  assert.deepEqual([withAccess.status, await withAccess.text()], [503, "no route to my-bucket\n"]);
  assert.deepEqual([without.status, await without.text()], [503, "the store does not answer\n"]);
});

Deno.test("methods other than GET and HEAD are not allowed", async () => {
  const get = galleryOf(new TestStore());
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const response = await get("/", { method });
    assert.deepEqual([response.status, await response.text()], [405, "method not allowed\n"], method);
  }
  assert.equal((await get("/events", { method: "HEAD" })).body, null);
  const elsewhere = await get("/elsewhere");
  assert.deepEqual([elsewhere.status, await elsewhere.text()], [404, "not found\n"]);
});
