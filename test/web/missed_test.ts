/** Changes that no event told the open page of, and events for visits that the page does not hold. */
import assert from "node:assert/strict";
import { noon } from "../servers/afternoon.ts";
import { GalleryDouble, type Visit } from "./double.ts";
import { dayOfVisits, MINUTE_MS, visitAt } from "./visits.ts";
import {
  becomes,
  ids,
  inBrowser,
  openLive,
  openScrolled,
  shows,
  showsCards,
  showsLive,
  showsText,
  texts,
  Web,
} from "./web.ts";

/** The page's long timers end sooner, so that no test waits for them. */
const SOONER = `{
  const real = setTimeout;
  globalThis.setTimeout = (run, ms, ...rest) => real(run, ms > 30_000 ? ms / 20 : ms, ...rest);
}`;

/** A gallery that stops and starts again with other visits at the same address. */
async function restarted(double: GalleryDouble, visits: Visit[]): Promise<GalleryDouble> {
  await double.stop();
  const again = new GalleryDouble({ port: double.port });
  again.visits = visits;
  return again;
}

/** What the gallery shows of a visit before the metadata of its pictures are read: each is a visit of its own. */
function picturesOf(visit: Visit): Visit[] {
  return visit.faces.map((face) => ({
    ...visit,
    id: face.key,
    faces: [face],
    count: 1,
    best: 0,
    detections: null,
  }));
}

Deno.test("what changed while the event stream was cut", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("a day that appeared meanwhile comes onto the page", async () => {
    const double = new GalleryDouble();
    const page = await web.page();
    await page.setViewport({ width: 1280, height: 3000 });
    double.visits = [visitAt(noon(0), 1), visitAt(noon(3), 2)];
    await openLive(page, double.url, 2);
    await using _ = await restarted(double, [double.visits[0], visitAt(noon(1), 3), double.visits[1]]);
    await showsText(page, "#live", "Live");
    await becomes(() => ids(page), ["visit-1", "visit-3", "visit-2"]);
    await page.close();
  });

  await t.step(
    "a visit that grew, and one that another took the place of, are shown as they are",
    async () => {
      const double = new GalleryDouble();
      const page = await web.page();
      double.visits = [visitAt(noon(0) + 2, 1), visitAt(noon(0) + 1, 2)];
      await openLive(page, double.url, 2);
      await using _ = await restarted(double, [
        visitAt(noon(0) + 2, 1, { pictures: 3 }),
        visitAt(noon(0), 3),
      ]);
      await showsText(page, "#live", "Live");
      await becomes(() => ids(page), ["visit-1", "visit-3"]);
      await showsText(page, ".count", "3");
      await page.close();
    },
  );

  await t.step(
    "visits that came while the page was scrolled are shown at its top, without the pill",
    async () => {
      const double = new GalleryDouble();
      const visits = dayOfVisits(noon(0), 40);
      const page = await web.page();
      double.visits = visits;
      await openScrolled(page, double.url);
      await using _ = await restarted(double, [visitAt(noon(0) + MINUTE_MS, 900), ...visits]);
      await showsText(page, "#live", "Live");
      await showsText(page, ".pill", "1 new");
      await page.evaluate("scrollTo(0, 0)");
      await becomes(async () => (await ids(page))[0], "visit-900");
      await shows(page, `!document.querySelector(".pill")`);
      await page.close();
    },
  );
});

Deno.test(
  "a page that was opened while the store was away has its banner once the store answers",
  inBrowser,
  async () => {
    await using web = await Web.start();
    await using double = new GalleryDouble();
    const now = Date.now();
    double.visits = [visitAt(now - MINUTE_MS, 1)];
    double.trouble = "access denied";
    const page = await web.page({ lookedMs: now - 10 * MINUTE_MS });
    await page.goto(double.url);
    await showsText(page, "#live", "Store away");
    double.trouble = null;
    double.send("trouble", null);
    double.send("ready", {});
    await showsText(page, ".since", "1 visit");
    await shows(page, `document.querySelectorAll(".fresh").length === 1`);
    await page.close();
  },
);

Deno.test("a stream that was cut without an end is found, and opened again", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  double.visits = [visitAt(noon(0), 1)];
  const page = await web.page();
  await page.evaluateOnNewDocument(SOONER);
  await openLive(page, double.url, 1);
  double.isSilent = true;
  double.arrive(visitAt(noon(0) + 1, 2));
  await showsText(page, "#live", "Not connected");
  double.isSilent = false;
  await showsText(page, "#live", "Live");
  await becomes(() => ids(page), ["visit-2", "visit-1"]);
  await page.close();
});

Deno.test("events for visits that the page does not show", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("only new visits: an older one that comes late does not appear", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    double.visits = [visitAt(now - MINUTE_MS, 1), visitAt(now - 60 * MINUTE_MS, 2)];
    const page = await web.page({ lookedMs: now - 10 * MINUTE_MS });
    await page.goto(`${double.url}?since=1`);
    await becomes(() => ids(page), ["visit-1"]);
    await showsLive(page);
    double.arrive(visitAt(now - 30 * MINUTE_MS, 3), visitAt(noon(1), 4), visitAt(now, 5));
    await becomes(() => ids(page), ["visit-5", "visit-1"]);
    assert.deepEqual(await texts(page, ".day h2"), ["Today"]);
    await page.close();
  });

  await t.step("only new visits: the pill counts no older ones", async () => {
    await using double = new GalleryDouble();
    const now = noon(0);
    const visits = dayOfVisits(now, 40);
    double.visits = visits;
    const page = await web.page({ phone: true, lookedMs: visits[29].ms + 1 });
    await openLive(page, `${double.url}?since=1`, 6);
    await page.evaluate("scrollTo(0, 900)");
    await showsCards(page, 6);
    double.arrive(visitAt(now + 1, 900));
    await showsText(page, ".pill", "1 new");
    await showsText(page, ".day-head", "41 visits");
    assert.deepEqual(await texts(page, ".pill"), ["1 new"]);
    await page.close();
  });

  await t.step("a deleted visit that is not on the page leaves the selection", async () => {
    await using double = new GalleryDouble();
    const visits = [visitAt(noon(0) + 1, 1), visitAt(noon(0), 2, { camera: "yard" })];
    double.visits = visits;
    const page = await web.page();
    await openLive(page, double.url, 2);
    await page.click("#select");
    await page.click(`[data-id="visit-1"] a`);
    await page.click(`[data-id="visit-2"] a`);
    await showsText(page, ".actions", "2 visits");
    const chip = `[...document.querySelectorAll("#chips button")].find((one) => /front/.test(one.innerText))`;
    await page.evaluate(`${chip}.click()`);
    await becomes(() => ids(page), ["visit-1"]);
    double.remove(visits[1].faces.map(({ key }) => key));
    await showsText(page, ".actions", "1 visit");
    assert.equal((await texts(page, ".actions b"))[0], "1 visit");
    await page.close();
  });

  await t.step("the dialog of a picture whose visit is known later shows that visit", async () => {
    await using double = new GalleryDouble();
    const visit = visitAt(noon(0), 1, { pictures: 2 });
    double.visits = picturesOf(visit).slice(0, 1);
    const page = await web.page();
    await openLive(page, double.url);
    await page.click("li a");
    await shows(page, `document.querySelector("dialog[open]")`);
    double.visits = [];
    double.arrive(visit);
    await shows(page, `document.querySelectorAll("dialog[open] .film button").length === 2`);
    await becomes(() => texts(page, ".toast"), []);
    await page.close();
  });

  await t.step(
    "a picture since the last look whose visit is known later keeps its place in the banner",
    async () => {
      await using double = new GalleryDouble();
      const now = Date.now();
      const visit = visitAt(now - MINUTE_MS, 1, { pictures: 2 });
      double.visits = picturesOf(visit);
      const page = await web.page({ lookedMs: now - 10 * MINUTE_MS });
      await page.goto(double.url);
      await showsText(page, ".since", "2 visits");
      await showsLive(page);
      double.visits = [];
      double.arrive(visit);
      await showsText(page, ".since", "1 visit");
      await shows(page, `document.querySelectorAll(".fresh").length === 1`);
      await page.close();
    },
  );

  await t.step("pictures that wait behind the pill are one visit once it is known", async () => {
    await using double = new GalleryDouble();
    const visits = dayOfVisits(noon(0), 40);
    double.visits = visits;
    const page = await web.page();
    await openScrolled(page, double.url);
    const visit = visitAt(noon(0) + MINUTE_MS, 900, { pictures: 2 });
    double.arrive(...picturesOf(visit));
    await showsText(page, ".pill", "2 new");
    double.visits = visits;
    double.arrive(visit);
    await becomes(() => texts(page, ".pill"), ["1 new"]);
    await page.click(".pill");
    await becomes(async () => (await ids(page))[0], "visit-900");
    await page.close();
  });

  await t.step("a visit of a new day waits for a page that is scrolled", async () => {
    await using double = new GalleryDouble();
    const visits = dayOfVisits(noon(0), 40);
    double.visits = visits;
    const page = await web.page();
    await openScrolled(page, double.url);
    double.arrive(visitAt(noon(-1), 900));
    await showsText(page, ".pill", "1 new");
    await page.click(".pill");
    await becomes(async () => (await ids(page))[0], "visit-900");
    await shows(page, `!document.querySelector(".pill")`);
    await page.close();
  });

  await t.step("a day is found between more days than one request names", async () => {
    await using double = new GalleryDouble();
    const day = (number: number) => visitAt(noon(number), number);
    const numbers = Array.from({ length: 70 }, (_, index) => index);
    double.visits = numbers.filter((number) => number !== 40).map(day);
    const page = await web.page();
    await page.setViewport({ width: 1280, height: 30_000, deviceScaleFactor: 0.1 });
    await openLive(page, double.url, 69);
    double.visits = numbers.map(day);
    double.send("ready", {});
    await showsCards(page, 70);
    assert.equal((await ids(page))[40], "visit-40");
    await page.close();
  });
});
