/** The gallery as its users meet it: the real program, a real browser. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Page } from "puppeteer-core";
import { readFace, writeFace } from "../../lib/face/face_file.ts";
import { DEFAULT_KEY, HOMEWORK_KEY, KeyTemplate } from "../../lib/face/object_key.ts";
import { openFolderStore } from "../../lib/store/folder_store.ts";
import { saveFace } from "../../lib/store/save_face.ts";
import type { Store } from "../../lib/store/store.ts";
import { needs } from "../needs.ts";
import { Chromium } from "../servers/chromium.ts";
import { freePort } from "../servers/free_port.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";

const { signal } = new AbortController();
const TOKEN = "a-token-for-tests";
const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 0, 31, 12);
const SIZE = 24;

/** A folder of faces, removed when the test ends. */
class Faces implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "gallery-" });

  save(
    takenMs: number,
    { camera = "door", template = DEFAULT_KEY, store = openFolderStore(this.folder) } = {},
  ) {
    return save(store, takenMs, { camera, template });
  }

  /** Any bytes under any name. */
  async write(key: string, bytes: Uint8Array): Promise<void> {
    await Deno.mkdir(dirname(join(this.folder, key)), { recursive: true });
    await Deno.writeFile(join(this.folder, key), bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function save(
  store: Store,
  takenMs: number,
  { camera = "door", template = DEFAULT_KEY } = {},
): Promise<string> {
  return saveFace(store, face(takenMs, camera), {
    template: new KeyTemplate(template),
    arrivedMs: takenMs,
    signal,
  });
}

/** A face whose colour is its time. */
function face(takenMs: number, camera: string) {
  const colour = [takenMs / MINUTE_MS * 40, takenMs / MINUTE_MS * 90, 120].map((value) =>
    Math.abs(value) % 256
  );
  const rgb = new Uint8Array(SIZE * SIZE * 3).map((_, index) => colour[index % 3]);
  const box = { x: 0, y: 0, width: SIZE, height: SIZE };
  return writeFace({ width: SIZE, height: SIZE, rgb }, {
    camera,
    device: "board",
    captured: new Date(takenMs).toISOString(),
    epoch: "e",
    sequence: 1,
    box,
    crop: box,
    frame: { width: 640, height: 480 },
    cascade: "none",
    settings: {},
  });
}

/** A gallery that listens, with its address. */
async function startGallery(args: readonly string[], env: Record<string, string> = {}) {
  const gallery = new RunningProgram("gallery", ["--listen", "127.0.0.1:0", "--poll", "0.2", ...args], {
    env,
  });
  try {
    const [, url] = await gallery.printed(/gallery at (http:\S+)/);
    return Object.assign(gallery, { url });
  } catch (error) {
    await gallery.kill();
    throw error;
  }
}

/** What stands under the pictures. */
function labels(page: Page): Promise<string[]> {
  return page.$$eval("#faces b", (names) => names.map((name) => name.textContent ?? ""));
}

/** Waits until `count` faces are on the page and their pictures are there. */
async function hasFaces(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    `document.querySelectorAll("#faces li").length === ${count} &&
     [...document.querySelectorAll("#faces img")].every((picture) => picture.complete && picture.naturalWidth > 0)`,
    { timeout: 15_000 },
  );
}

function says(page: Page, selector: string, text: string): Promise<unknown> {
  const expression = `document.querySelector("${selector}:not([hidden])")?.textContent.includes("${text}")`;
  return page.waitForFunction(expression, { timeout: 20_000 });
}

const inBrowser = needs("chromium");

Deno.test(
  "faces are shown newest first, with camera and local time, and older ones on demand",
  inBrowser,
  async () => {
    await using faces = new Faces();
    for (let count = 0; count < 10; count++) {
      await faces.save(NOON_MS - count * MINUTE_MS, {
        camera: `camera_${count}`,
      });
    }
    await using gallery = await startGallery(["--store", faces.folder, "--page-size", "4"]);
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    await page.goto(gallery.url);
    await hasFaces(page, 4);
    assert.deepEqual(await labels(page), ["camera_0", "camera_1", "camera_2", "camera_3"]);
    const [time] = await page.$$eval(
      "#faces time",
      (times) => times.map(({ dateTime, textContent }) => [dateTime, textContent]),
    );
    assert.equal(time[0], "2026-01-31T12:00:00.000Z");
    assert.match(time[1]!.replace(/\s/g, " "), /7:00:00 AM/);

    await page.click("#older");
    await hasFaces(page, 8);
    await page.click("#older");
    await hasFaces(page, 10);
    assert.deepEqual(await labels(page), Array.from({ length: 10 }, (_, count) => `camera_${count}`));
    await page.waitForSelector("#older", { hidden: true });
  },
);

Deno.test("a face appears on the open page as soon as it is stored, in its place", inBrowser, async () => {
  await using faces = new Faces();
  await using gallery = await startGallery(["--store", faces.folder]);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await says(page, "#empty", "No faces yet");
  const nowMs = Date.now();
  await faces.save(nowMs, { camera: "first" });
  await hasFaces(page, 1);
  await page.waitForSelector("#empty", { hidden: true });
  await faces.save(nowMs + MINUTE_MS, { camera: "newest" });
  await hasFaces(page, 2);
  await faces.save(nowMs - 10 * MINUTE_MS, { camera: "late" });
  await hasFaces(page, 3);
  assert.deepEqual(await labels(page), ["newest", "first", "late"]);
});

Deno.test("the homework's names are shown too, and appear too", inBrowser, async () => {
  await using faces = new Faces();
  const key = await faces.save(NOON_MS, { template: HOMEWORK_KEY });
  await using gallery = await startGallery(["--store", faces.folder]);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await hasFaces(page, 1);
  // The newest is what was written last: its key sorts first.
  await faces.save(Date.UTC(2027, 0, 1), { template: HOMEWORK_KEY });
  await hasFaces(page, 2);
  assert.deepEqual(await labels(page), ["01-01-2027-00-00-00_image", key.slice(4, -4)]);
});

Deno.test("names and files that would run as a script do not", inBrowser, async () => {
  await using faces = new Faces();
  const evil = `<img src=x onerror="document.title='owned'">`;
  const names = [
    `2026-01-31/12-00-00-003_${evil}_0123456789ab.png`,
    `2026-01-31/12-00-00-002_"><svg onload=document.title='owned'>_0123456789ab.png`,
    `2026-01-31/12-00-00-001_javascript:document.title='owned'_0123456789ab.png`,
  ];
  const { bytes } = face(NOON_MS, "door");
  for (const name of names) await faces.write(name, bytes);
  await using gallery = await startGallery(["--store", faces.folder]);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await hasFaces(page, 3);
  await faces.write(`2026-01-31/12-00-00-004_${evil}_ba9876543210.png`, bytes);
  await hasFaces(page, 4);
  assert.deepEqual((await labels(page))[0], evil);
  assert.equal(await page.$$eval("svg, script:not([src]), img[src='x']", ({ length }) => length), 0);
  assert.equal(await page.title(), "Haarlem");

  await faces.write(
    "2026-01-31/page.png",
    new TextEncoder().encode("<script>document.title='owned'</script>"),
  );
  const answer = await page.goto(`${gallery.url}faces/2026-01-31/page.png`);
  assert.equal(answer!.status(), 404);
  assert.notEqual(await page.title(), "owned");
});

Deno.test(
  "a gallery for others lets in who has the token, also by a link from elsewhere",
  inBrowser,
  async () => {
    await using faces = new Faces();
    await faces.save(NOON_MS);
    await using gallery = await startGallery(["--store", faces.folder], { HAARLEM_TOKEN: TOKEN });
    await using elsewhere = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
      const html = `<a href="${gallery.url}?token=${TOKEN}">faces</a>`;
      return new Response(html, { headers: { "Content-Type": "text/html" } });
    });
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    assert.equal((await page.goto(gallery.url))!.status(), 401);
    await page.type("input[name=token]", "a-wrong-token");
    await Promise.all([page.waitForNavigation(), page.click("button")]);
    await page.waitForSelector("input[name=token]");
    // Another site, as far as a browser is concerned: it would not send a strict cookie along a redirect.
    await page.goto(`http://localhost:${elsewhere.addr.port}/`);
    await page.click("a");
    await hasFaces(page, 1);
    assert.equal(page.url(), gallery.url, "the token does not stay in the address");
    assert.equal(await page.evaluate("document.cookie"), "");
    assert.ok(!gallery.stderr.includes(TOKEN));
    await page.close();
  },
);

const withBucket = needs("chromium", "versitygw");

Deno.test(
  "a bucket that goes away is said on the page and once in the log, and it goes on",
  withBucket,
  async () => {
    await using server = await S3Server.start();
    const store = server.store({ prefix: "faces/" });
    const nowMs = Date.now();
    await save(store, nowMs - MINUTE_MS);
    const address = ["--store", `s3://${server.bucket}/faces`, "--s3-endpoint", server.endpoint];
    await using gallery = await startGallery([...address, "--s3-timeout", "2"], server.credentials);
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    await page.goto(gallery.url);
    await hasFaces(page, 1);
    await says(page, "#status", "Live");

    await server.kill();
    await says(page, "#status", "The store does not answer");
    const health = await fetch(`${gallery.url}healthz`);
    assert.deepEqual([health.status, (await health.text()).length > 10], [503, true]);
    await new Promise((resolve) => setTimeout(resolve, 1000));

    await server.start();
    await save(store, nowMs);
    await hasFaces(page, 2);
    await says(page, "#status", "Live");
    assert.equal(await (await fetch(`${gallery.url}healthz`)).text(), "ok\n");
    assert.equal(gallery.stderr.match(/the store does not answer/g)?.length, 1, gallery.stderr);
    assert.equal(gallery.stderr.match(/the store answers again/g)?.length, 1, gallery.stderr);
  },
);

Deno.test(
  "it stops within a second although a page is open, and the page goes on when it is back",
  inBrowser,
  async () => {
    await using faces = new Faces();
    await faces.save(Date.now() - MINUTE_MS);
    const listen = ["--store", faces.folder, "--listen", `127.0.0.1:${freePort()}`];
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    {
      await using gallery = await startGallery(listen);
      await page.goto(gallery.url);
      await hasFaces(page, 1);
      const beganMs = performance.now();
      gallery.signal("SIGTERM");
      const { code, stderr } = await gallery.ended();
      assert.equal(code, 0, stderr);
      const tookMs = performance.now() - beganMs;
      assert.ok(tookMs < 1000, `it took ${Math.round(tookMs)} ms`);
    }
    await says(page, "#status", "connection to the gallery is lost");
    await faces.save(Date.now());
    await using _again = await startGallery(listen);
    await hasFaces(page, 2);
  },
);

Deno.test("no picture outside the folder can be read, whatever a client sends", async () => {
  await using faces = new Faces();
  const { bytes } = face(NOON_MS, "door");
  await faces.write("secret.png", bytes);
  await faces.write("store/a.png", bytes);
  await using gallery = await startGallery(["--store", join(faces.folder, "store")]);
  // As bytes on the wire: fetch would tidy these paths up.
  const statusOf = async (path: string): Promise<string> => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(gallery.url).port) });
    const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    const answer = new Uint8Array(16);
    await connection.read(answer);
    return new TextDecoder().decode(answer).split(" ")[1];
  };
  assert.equal(await statusOf("/faces/a.png"), "200");
  const paths = [
    "/faces/../secret.png",
    "/faces/..%2fsecret.png",
    "/faces/%2e%2e/secret.png",
    "/faces/..%5csecret.png",
  ];
  for (const path of [...paths, `/faces/${faces.folder}/secret.png`, `/faces//${faces.folder}/secret.png`]) {
    assert.match(await statusOf(path), /^4\d\d$/, path);
  }
});

Deno.test("a face that is fetched is the face that was stored", async () => {
  await using faces = new Faces();
  const key = await faces.save(NOON_MS);
  await using gallery = await startGallery(["--store", faces.folder]);
  const { faces: [shown] } = await (await fetch(`${gallery.url}api/faces`)).json();
  assert.equal(shown.key, key);
  const answer = await fetch(new URL(shown.url, gallery.url));
  assert.equal(readFace(new Uint8Array(await answer.arrayBuffer())).id, face(NOON_MS, "door").id);
});

Deno.test("what cannot work is said in one message, before any work", async () => {
  const open = await runProgram("gallery", ["--store", "faces", "--listen", "0.0.0.0:0"]);
  assert.equal(open.code, 78);
  assert.match(
    open.stderr,
    /^gallery: refusing to listen on "0\.0\.0\.0" without a token: .*\nTry: set HAARLEM_TOKEN=.*\n$/,
  );

  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const listen = `127.0.0.1:${taken.addr.port}`;
  const busy = await runProgram("gallery", ["--store", "faces", "--listen", listen]);
  assert.equal(busy.code, 1);
  assert.match(
    busy.stderr,
    /^gallery: cannot listen on "127\.0\.0\.1:\d+": address already in use\nTry: set --listen .*\n$/,
  );

  const wrong = await runProgram("gallery", ["--listen", "8080", "--page-size", "0"], {
    env: { HAARLEM_TOKEN: "short" },
  });
  assert.equal(wrong.code, 78);
  for (
    const part of [
      /--store is required/,
      /--listen is "8080"/,
      /--page-size is "0"/,
      /HAARLEM_TOKEN is \(not shown\)/,
    ]
  ) {
    assert.match(wrong.stderr, part);
  }
});
