/** Answers of a slow gallery or network: events overtake them, and presses last meanwhile. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { stays, until } from "../../lib/testing/until.ts";
import { noon } from "../servers/afternoon.ts";
import { GalleryDouble } from "./double.ts";
import { cameraOf, hundredCameras, MINUTE_MS, visitAt } from "./visits.ts";
import {
  becomes,
  ids,
  inBrowser,
  openLive,
  shows,
  showsCards,
  showsLive,
  showsText,
  texts,
  Web,
} from "./web.ts";

/** Makes answers of these paths late. Returns what lets them go. */
function delayed(double: GalleryDouble, paths: RegExp): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  double.late = { paths, until: promise };
  return () => {
    if (double.late.until === promise) double.late = { paths: /^$/, until: promise };
    resolve();
  };
}

/** Waits until the double has got a number of requests. */
function asked(double: GalleryDouble, request: RegExp, times: number): Promise<unknown> {
  const count = () => double.requests.filter((one) => request.test(one)).length;
  return until(() => count() >= times, `${times} requests ${request}`);
}

/** Resolves when the page has every answer; its stream of events stays open. */
const answered = (page: Page) => page.waitForNetworkIdle({ idleTime: 200, concurrency: 1 });

/** A request for visits of a day. Another one without this limit asks for those since the last look. */
const PART = /visits\?.*limit=120/;

Deno.test("answers that come late", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("what changed before the first stream of events was open comes onto the page", async () => {
    await using double = new GalleryDouble();
    const release = delayed(double, /^\/events/);
    double.visits = [visitAt(noon(0), 1)];
    const page = await web.page();
    await page.goto(double.url);
    await showsCards(page, 1);
    double.arrive(visitAt(noon(0) + 1, 2), visitAt(noon(0), 1, { pictures: 3 }));
    release();
    await becomes(() => ids(page), ["visit-2", "visit-1"]);
    await showsText(page, ".count", "3");
    await page.close();
  });

  await t.step("a visit that grew while visits were asked for is shown as it is", async () => {
    await using double = new GalleryDouble();
    double.visits = [visitAt(noon(0), 1)];
    const page = await web.page();
    await openLive(page, double.url);
    await asked(double, PART, 2); // The second one follows the first event.
    await answered(page);
    const release = delayed(double, /visits/);
    double.visits = [visitAt(noon(0) + 1, 2), ...double.visits];
    double.send("index", { from: noon(0), to: noon(0) + MINUTE_MS });
    await asked(double, PART, 3);
    double.arrive(visitAt(noon(0), 1, { pictures: 3 }));
    await showsText(page, ".count", "3");
    release();
    await becomes(() => ids(page), ["visit-2", "visit-1"]);
    await showsText(page, ".count", "3");
    await page.close();
  });

  await t.step("what an event tells of cameras is newer than an answer that is on its way", async () => {
    for (const path of ["", "cameras"]) {
      await using double = new GalleryDouble();
      double.cameras = { broker: "connected", cameras: [cameraOf("front")] };
      double.visits = [visitAt(noon(0), 1)];
      const first = delayed(double, /cameras/);
      const page = await web.page();
      await page.goto(double.url + path);
      await showsLive(page);
      await asked(double, /api\/cameras/, 1);
      const release = delayed(double, /cameras/);
      first();
      await asked(double, /api\/cameras/, 2); // This one follows the first event.
      double.send("cameras", [cameraOf("front", { state: "trouble", reason: "the detector hangs" })]);
      const place = path === "" ? "#cameras" : "#table";
      await showsText(page, place, "the detector hangs");
      release();
      await answered(page);
      assert.match((await texts(page, place))[0], /the detector hangs/, path);
      await page.close();
    }
  });

  await t.step(
    "visits since the last look are new, also when the page is hidden before they come",
    async () => {
      await using double = new GalleryDouble();
      const now = Date.now();
      double.visits = [visitAt(now - 2 * MINUTE_MS, 1), visitAt(now - 3 * MINUTE_MS, 2)];
      double.trouble = "access denied";
      const page = await web.page({ lookedMs: now - 10 * MINUTE_MS });
      await page.goto(double.url);
      await showsText(page, "#live", "Store away");
      await page.evaluate(`{
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }`);
      double.trouble = null;
      double.send("trouble", null);
      double.send("ready", {});
      await showsText(page, ".since", "2 visits");
      await page.close();
    },
  );

  await t.step("each press of an arrow in the dialog is a step, also while a visit is loaded", async () => {
    await using double = new GalleryDouble();
    double.visits = Array.from({ length: 130 }, (_, index) => visitAt(noon(0) - index * 1_000, index));
    const isShown = (number: number) =>
      `document.querySelector(".view img")?.src.endsWith(${
        JSON.stringify(double.visits[number].faces[0].url)
      })`;
    const page = await web.page();
    const [{ key }] = double.visits[118].faces;
    await page.goto(`${double.url}?${new URLSearchParams({ face: key })}`);
    await shows(page, isShown(118));
    await answered(page);
    const release = delayed(double, /visits/); // One answer has 120 of them.
    for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowRight");
    release();
    await shows(page, isShown(123));
    await page.close();
  });

  await t.step("a store that answers slowly is not back before it has answered", async () => {
    await using double = new GalleryDouble();
    double.visits = [visitAt(noon(0), 1)];
    const page = await web.page();
    await page.evaluateOnNewDocument(`{
      const real = setTimeout;
      globalThis.setTimeout = (run, ms, ...rest) => real(run, ms === 5_000 ? 1_500 : ms, ...rest);
    }`);
    await openLive(page, double.url);
    await asked(double, PART, 2);
    await answered(page);
    double.trouble = "access denied";
    double.send("index", { from: noon(0), to: noon(0) + MINUTE_MS });
    await showsText(page, "#live", "Store away");
    delayed(double, /day/);
    const before = double.requests.length;
    await asked(double, /./, before + 1);
    const isAway = async () => (await texts(page, "#live"))[0] === "Store away";
    await stays(isAway, "the store is away", 2_500);
    await page.close();
  });
});

Deno.test("what is pressed stays while everything is loaded again", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  const now = Date.now();
  double.visits = [1, 2, 3].map((number) => visitAt(now - number * MINUTE_MS, number));
  double.session = { ...double.session, expires: now + 60 * MINUTE_MS };
  double.cameras = { broker: "connected", cameras: hundredCameras() };
  const page = await web.page({ lookedMs: now - 10 * MINUTE_MS });
  await openLive(page, double.url, 3);
  const pressed = ["li a", "li img", ".since button", ".about button", "#cameras a"];
  const all = `[${pressed.map((one) => `document.querySelector(${JSON.stringify(one)})`)}]`;
  await shows(page, `${all}.every((one) => one !== null)`);
  await asked(double, PART, 2);
  await answered(page);
  await page.evaluate(`globalThis.pressed = ${all}`);
  double.send("ready", {});
  double.send("cameras", double.cameras.cameras);
  double.arrive({ ...double.visits[2], detections: 77 });
  await showsText(page, "li", "77 detections");
  await asked(double, PART, 3);
  await answered(page);
  await page.click("#select");
  await page.click('[data-id="visit-1"] .tick');
  await shows(page, `document.querySelectorAll(".picked").length === 1`);
  await page.click('[data-id="visit-1"] .tick');
  await shows(page, `document.querySelectorAll(".picked").length === 0`);
  assert.deepEqual(await page.evaluate("pressed.map((one) => one.isConnected)"), pressed.map(() => true));
  await page.close();
});
