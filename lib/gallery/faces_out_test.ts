/** What leaves the gallery or the store: deletion, archives, shared links. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { findParts } from "../../test/parts.ts";
import { writeFace } from "../face/face_file.ts";
import { encodePng } from "../image/png.ts";
import { METADATA } from "../testing/face_metadata.ts";
import { BEARER, galleryOf, loggedIn, OWN_PAGE, TOKEN } from "../testing/gallery_requests.ts";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { TextReader } from "../testing/text_reader.ts";
import { DeletedFaces } from "./deleted_faces.ts";
import { FaceIndex } from "./face_index.ts";
import { LiveFeed } from "./live_feed.ts";
import { MAX_FACE_BYTES } from "./shown_face.ts";

const PNG = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });
const KEYS = [1, 2, 3].map((ms) => keyOfFace(ms));

function storeOf(keys: readonly string[] = KEYS): TestStore {
  const store = new TestStore(keys);
  store.picture = PNG;
  return store;
}

const send = (method: string, value: unknown, headers: Record<string, string> = BEARER) => ({
  method,
  body: JSON.stringify(value),
  headers,
});

Deno.test("without --allow delete nothing is deleted", async () => {
  const store = storeOf();
  const gallery = galleryOf(store, { token: TOKEN });
  const response = await gallery("/api/faces", send("DELETE", { keys: KEYS }));
  assert.equal(response.status, 403);
  assert.match((await response.json()).hint, /--allow delete/);
  assert.equal(store.objects.size, 3);
});

Deno.test("faces are deleted by their session and their own page only, and every open page gets the keys", async () => {
  const store = storeOf();
  const deletion = new DeletedFaces(store);
  const index = new FaceIndex(deletion.store, { freshMs: 0, signal: new AbortController().signal });
  const feed = new LiveFeed({ poll: async () => {}, take: () => index.changes.take() }, { pollMs: 1000 });
  const logged: unknown[] = [];
  const gallery = galleryOf(store, {
    token: TOKEN,
    deletion,
    index,
    feed,
    log: (message, fields) => logged.push(message, fields.deleted),
  });
  const cookie = await loggedIn(gallery);
  for (
    const [status, headers] of [[401, OWN_PAGE], [403, cookie], [403, {
      ...cookie,
      origin: "http://evil.example",
    }]] as const
  ) {
    assert.equal((await gallery("/api/faces", send("DELETE", { keys: KEYS }, headers))).status, status);
  }
  assert.equal(store.objects.size, 3);
  const events = new TextReader(feed.open()!);
  await events.until(/event: ready/);
  const response = await gallery(
    "/api/faces",
    send("DELETE", { keys: KEYS.slice(1) }, { ...cookie, ...OWN_PAGE }),
  );
  const { deleted, failed } = await response.json();
  assert.deepEqual([deleted.sort(), failed], [KEYS.slice(1), []]);
  assert.deepEqual([...store.objects.keys()], [KEYS[0]]);
  assert.deepEqual(logged, ["faces were deleted", 2]);
  await events.until(/event: removed/);
  for (const key of deleted) assert.ok(events.text.includes(key));
  await events.cancel();
});

Deno.test("a request that is no list of keys, or too long, is refused", async () => {
  const gallery = galleryOf(storeOf(), { token: TOKEN, deletion: new DeletedFaces(storeOf()) });
  for (const body of [{}, { keys: [] }, { keys: [1] }, { keys: "a.png" }, null, [1]]) {
    assert.equal((await gallery("/api/faces", send("DELETE", body))).status, 400, JSON.stringify(body));
  }
  const keys = Array.from({ length: 1_001 }, (_, index) => `${index}.png`);
  assert.equal((await gallery("/api/faces", send("DELETE", { keys }))).status, 413);
  assert.equal(
    (await gallery("/api/faces", send("DELETE", { keys: ["x".repeat(5 * 2 ** 20)] }))).status,
    413,
  );
});

Deno.test(
  "a zip holds the faces under safe names, and names those that are missing",
  needs("python"),
  async () => {
    const keys = [...KEYS, "a:b.png", "a?b.png"];
    const gallery = galleryOf(storeOf(keys), { token: TOKEN });
    const body = new URLSearchParams([...keys, "gone.png", "../evil.png"].map((key) => ["keys", key]))
      .toString();
    const response = await gallery("/api/zip", {
      method: "POST",
      body,
      headers: { ...BEARER, "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    });
    assert.match(response.headers.get("content-disposition")!, /^attachment; filename="faces-[\dT-]+\.zip"$/);
    using folder = new TempFolder();
    folder.write("faces.zip", await response.bytes());
    const script = "import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n" +
      "print(json.dumps([[i.filename,i.file_size,i.compress_type,z.read(i).decode('latin1')] for i in z.infolist()]))";
    const { stdout } = await new Deno.Command(findParts().python!, {
      args: ["-c", script, folder.at("faces.zip")],
    })
      .output();
    const entries: [string, number, number, string][] = JSON.parse(new TextDecoder().decode(stdout));
    assert.deepEqual(entries.map(([name]) => name), [...KEYS, "a_b.png", "a_b_2.png", "not-included.txt"]);
    assert.deepEqual(entries[0].slice(1), [
      PNG.length,
      0,
      Array.from(PNG, (byte) => String.fromCharCode(byte)).join(""),
    ]);
    assert.match(entries.at(-1)![3], /\r\ngone\.png\r\n$/);
  },
);

Deno.test("JSON with the type of a form is read as JSON, as curl sends it", async () => {
  const headers = { ...BEARER, "content-type": "application/x-www-form-urlencoded" };
  const response = await galleryOf(storeOf(), { token: TOKEN })(
    "/api/zip",
    send("POST", { keys: KEYS }, headers),
  );
  assert.equal(response.status, 200);
  await response.body!.cancel();
});

Deno.test("a zip is read as slowly as it is received, and not further once the download ends", async () => {
  const store = storeOf(Array.from({ length: 100 }, (_, index) => `${index}.png`));
  let reads = 0;
  store.get = async () => {
    reads++;
    return PNG;
  };
  const gallery = galleryOf(store, { token: TOKEN });
  const response = await gallery("/api/zip", send("POST", { keys: [...store.objects.keys()] }));
  const reader = response.body!.getReader();
  while (reads < 3) assert.ok(!(await reader.read()).done);
  await reader.cancel();
  assert.ok(reads <= 5, `${reads} faces were read`);
});

Deno.test("a zip beyond 4 GiB is refused before it begins", async () => {
  const store = storeOf(Array.from({ length: 200 }, (_, index) => `${index}.png`));
  store.size = async () => MAX_FACE_BYTES;
  const gallery = galleryOf(store, { token: TOKEN });
  const response = await gallery("/api/zip", send("POST", { keys: [...store.objects.keys()] }));
  assert.equal(response.status, 413);
  assert.match((await response.json()).error, /4 GiB/);
});

Deno.test("a zip that was checked begins without a second look at the sizes", async () => {
  const store = storeOf(Array.from({ length: 200 }, (_, index) => `${index}.png`));
  store.size = () => assert.fail("a size was read");
  const gallery = galleryOf(store, { token: TOKEN });
  const response = await gallery("/api/zip?checked", send("POST", { keys: [...store.objects.keys()] }));
  assert.equal(response.status, 200);
  await response.body!.cancel();
});

Deno.test("a zip is refused with the reason when the store does not answer, and not begun", async () => {
  const store = storeOf();
  store.failure = new Error("access denied");
  const response = await galleryOf(store, { token: TOKEN })("/api/zip", send("POST", { keys: KEYS }));
  assert.deepEqual([response.status, await response.json()], [503, {
    error: "cannot read the faces: access denied",
  }]);
});

Deno.test("a shared link shows one face to everybody until it ends", async () => {
  const time = { ms: Date.UTC(2026, 10, 26, 14) };
  const store = storeOf([...KEYS, keyOfFace(Date.UTC(2026, 10, 26, 13, 3))]);
  const gallery = galleryOf(store, { token: TOKEN, utcMs: () => time.ms });
  const key = keyOfFace(Date.UTC(2026, 10, 26, 13, 3));
  const { url, expires } = await (await gallery("/api/share", send("POST", { key, hours: 2 }))).json();
  assert.equal(expires, time.ms + 2 * 3600_000);
  assert.match(url, /^share\/[\w.-]+$/);
  const page = await gallery(`/${url}`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("cache-control")!, /no-cache/);
  assert.equal(page.headers.get("x-robots-tag"), "noindex, nofollow");
  const html = await page.text();
  assert.match(html, /26 November 2026 at 13:03 UTC|26 November 2026, 13:03 UTC/);
  assert.match(html, /<h1>door, <time/);
  assert.ok(!html.includes("a test"), "the store's name is not public");
  const picture = await gallery(`/share/${/src="([^"]+picture)"/.exec(html)![1]}`);
  assert.deepEqual(await picture.bytes(), new Uint8Array(PNG));
  assert.match(picture.headers.get("cache-control")!, /no-cache/);

  time.ms = expires;
  for (const path of [url, `${url}/picture`]) {
    const ended = await gallery(`/${path}`);
    assert.equal(ended.status, 410);
    assert.match(await ended.text(), /This link has expired\./);
  }
  time.ms -= 1;
  store.objects.delete(key);
  assert.equal((await gallery(`/${url}`)).status, 404);
});

Deno.test("a shared face whose key has no time has the one of its metadata", async () => {
  const key = "HW3/a_image.png";
  const store = new TestStore([key]);
  const captured = "2026-11-26T13:03:00.000Z";
  store.picture =
    writeFace({ width: 4, height: 4, rgb: new Uint8Array(48) }, { ...METADATA, captured }).bytes;
  const gallery = galleryOf(store, { token: TOKEN });
  const { url } = await (await gallery("/api/share", send("POST", { key, hours: 1 }))).json();
  const html = await (await gallery(`/${url}`)).text();
  assert.match(html, /26 November 2026/);
  assert.match(html, new RegExp(`<h1>${METADATA.camera}, <time`));
});

Deno.test("a shared third-party picture has neither time nor camera, and no name that is markup", async () => {
  const odd = "2026-01-31/12-00-00-003_<b>_0123456789ab.png";
  const store = storeOf(["HW3/a_image.png", odd]);
  const gallery = galleryOf(store, { token: TOKEN });
  const page = async (key: string) => {
    const { url } = await (await gallery("/api/share", send("POST", { key, hours: 1 }))).json();
    return await (await gallery(`/${url}`)).text();
  };
  assert.match(await page("HW3/a_image.png"), /<h1>A face <time datetime=""/);
  assert.match(await page(odd), /<h1>&#60;b&#62;, <time/);
});

Deno.test("a link that was changed, or made with another token, leads to no face", async () => {
  const gallery = galleryOf(storeOf(), { token: TOKEN });
  const { url } = await (await gallery("/api/share", send("POST", { key: KEYS[0], hours: 1 }))).json();
  const [, payload, signature] = /^share\/([\w-]+)\.([\w-]+)$/.exec(url)!;
  const other = btoa(JSON.stringify([KEYS[1], 9e9])).replaceAll("=", "").replaceAll("+", "-").replaceAll(
    "/",
    "_",
  );
  for (
    const path of [
      `share/${other}.${signature}`,
      `share/${payload}.${"A".repeat(22)}`,
      `share/${payload}`,
      "share/",
      `share/../${url}/x`,
    ]
  ) {
    assert.equal((await gallery(`/${path}`)).status, 404, path);
  }
  assert.equal((await galleryOf(storeOf(), { token: `${TOKEN}0` })(`/${url}`)).status, 404);
  assert.equal((await galleryOf(storeOf())(`/${url}`)).status, 404);
});

Deno.test("only holders of a token share, for at most 30 days", async () => {
  const gallery = galleryOf(storeOf(), { token: TOKEN });
  for (
    const body of [
      { key: KEYS[0], hours: 0 },
      { key: KEYS[0], hours: 721 },
      { key: KEYS[0] },
      { key: "../x", hours: 1 },
      { hours: 1 },
      null,
    ]
  ) {
    assert.equal((await gallery("/api/share", send("POST", body))).status, 400, JSON.stringify(body));
  }
  assert.equal((await gallery("/api/share", send("POST", {}, {}))).status, 401);
  const open = await galleryOf(storeOf())("/api/share", send("POST", { key: KEYS[0], hours: 1 }, OWN_PAGE));
  assert.equal(open.status, 403);
});
