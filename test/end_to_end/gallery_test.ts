/** The page of the gallery: the real program and a real browser. */
import assert from "node:assert/strict";
import { COURSE_KEY } from "../../lib/testing/course_key.ts";
import { needs } from "../needs.ts";
import { Chromium } from "../servers/chromium.ts";
import { freePort } from "../servers/free_port.ts";
import { S3Server } from "../servers/s3_server.ts";
import {
  FaceFolder,
  labels,
  MINUTE_MS,
  NOON_MS,
  save,
  showsFaces,
  showsText,
  startGallery,
} from "./gallery_page.ts";

const inBrowser = needs("chromium");

/** `docker stop` kills after this time. The gallery itself waits for 0.7 s at most, see lib/http_listen_test.ts. */
const DOCKER_STOP_MS = 10_000;

Deno.test(
  "the page shows visits newest first, with camera and local time, day by day",
  inBrowser,
  async () => {
    using faces = new FaceFolder();
    const noonMs = Date.UTC(2024, 0, 31, 12); // Of a past year, which the headings name.
    for (let count = 0; count < 4; count++) {
      await faces.save(noonMs - count * MINUTE_MS, { camera: `camera_${count}` });
    }
    const midnightMs = Date.UTC(2024, 0, 31, 5); // In New York.
    await faces.save(midnightMs - 1, { camera: "before_midnight" });
    await using gallery = await startGallery(["--store", faces.path]);
    await using chromium = await Chromium.start();
    const page = await chromium.page({ zone: "America/New_York" });
    await page.goto(gallery.url);
    await showsFaces(page, 5);
    assert.deepEqual(await labels(page), ["camera_0", "camera_1", "camera_2", "camera_3", "before_midnight"]);
    const [time] = await page.$$eval(
      "li time",
      (times) => times.map(({ dateTime, textContent }) => [dateTime, textContent]),
    );
    assert.equal(time[0], "2024-01-31T12:00:00.000Z");
    assert.match(time[1]!.replace(/\s/g, " "), /7:00 AM/);
    const days = await page.$$eval(".day h2", (titles) => titles.map(({ textContent }) => textContent));
    assert.deepEqual(days.slice(1), ["Wednesday, January 31, 2024", "Tuesday, January 30, 2024"]);
  },
);

Deno.test("a new face appears on the open page in its order", inBrowser, async () => {
  using faces = new FaceFolder();
  await using gallery = await startGallery(["--store", faces.path]);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await showsText(page, "#empty", "No faces yet");
  const nowMs = Date.now();
  await faces.save(nowMs, { camera: "first" });
  await showsFaces(page, 1);
  await page.waitForSelector("#empty", { hidden: true });
  await faces.save(nowMs + MINUTE_MS, { camera: "newest" });
  await showsFaces(page, 2);
  await faces.save(nowMs - 10 * MINUTE_MS, { camera: "late" });
  await showsFaces(page, 3);
  assert.deepEqual(await labels(page), ["newest", "first", "late"]);
});

Deno.test("the page shows faces with keys of month, day and year, and new ones", inBrowser, async () => {
  using faces = new FaceFolder();
  await faces.save(NOON_MS, { template: COURSE_KEY });
  await using gallery = await startGallery(["--store", faces.path]);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await showsFaces(page, 1);
  assert.deepEqual(await labels(page), ["door"]);
  // The newest face is shown first, although its key sorts first, and although a board's clock was ahead.
  const nextYear = new Date().getUTCFullYear() + 1;
  await faces.save(Date.UTC(nextYear, 0, 1), { camera: "yard", template: COURSE_KEY });
  await page.reload();
  await showsFaces(page, 2);
  assert.deepEqual(await labels(page), ["yard", "door"]);
});

const withBucket = needs("chromium", "versitygw");

Deno.test(
  "an outage of the bucket is shown on the page and logged once, and new faces appear after it",
  withBucket,
  async () => {
    await using server = await S3Server.start();
    const store = server.store({ prefix: "faces/" });
    const nowMs = Date.now();
    await save(store, nowMs - MINUTE_MS);
    const address = ["--store", `s3://${server.bucket}/faces`, "--s3-endpoint", server.endpoint];
    await using gallery = await startGallery(address, server.credentials);
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    await page.goto(gallery.url);
    await showsFaces(page, 1);
    await showsText(page, "#live", "Live");

    await server.kill();
    await showsText(page, "[role=alert]", "The store does not answer");
    const health = await fetch(`${gallery.url}healthz`);
    assert.deepEqual([health.status, (await health.text()).length > 10], [503, true]);
    for (let request = 0; request < 3; request++) {
      const failed = await fetch(`${gallery.url}api/day?from=${request}&to=1000`);
      assert.match((await failed.json()).error, /./);
    }

    await server.start();
    await save(store, nowMs);
    await showsFaces(page, 2);
    await showsText(page, "#live", "Live");
    assert.equal(await (await fetch(`${gallery.url}healthz`)).text(), "ok\n");
    await gallery.printed(/the store answers again/);
    assert.equal(gallery.stderr.match(/the store does not answer/g)?.length, 1, gallery.stderr);
    assert.equal(gallery.stderr.match(/the store answers again/g)?.length, 1, gallery.stderr);
  },
);

Deno.test(
  "the gallery stops while a page is open, before Docker kills it, and the page reconnects after a restart",
  inBrowser,
  async () => {
    using faces = new FaceFolder();
    await faces.save(Date.now() - MINUTE_MS);
    const listen = ["--store", faces.path, "--listen", `127.0.0.1:${freePort()}`];
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    {
      await using gallery = await startGallery(listen);
      await page.goto(gallery.url);
      await showsFaces(page, 1);
      const beganMs = performance.now();
      gallery.signal("SIGTERM");
      const { code, stderr } = await gallery.ended();
      assert.equal(code, 0, stderr);
      const tookMs = performance.now() - beganMs;
      assert.ok(tookMs < DOCKER_STOP_MS, `it took ${Math.round(tookMs)} ms`);
    }
    await showsText(page, "[role=alert]", "The gallery does not answer");
    await faces.save(Date.now());
    await using _again = await startGallery(listen);
    await showsFaces(page, 2);
  },
);
