/** The dialog of a visit: keys, swipes, pictures, facts, links, back. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { GalleryDouble, newestFirst } from "./double.ts";
import { DAY_MS, dayOfVisits, MINUTE_MS, visitAt } from "./visits.ts";
import { becomes, inBrowser, openLive, PHONE, shows, showsQuery, showsText, tap, touch, Web } from "./web.ts";

const IS_OPEN = `document.querySelector("dialog.face").open`;

/** Four visits of today, the second one with three pictures, and one of the day before. */
function fiveVisits(): GalleryDouble {
  const double = new GalleryDouble();
  const now = Date.now();
  double.visits = [
    visitAt(now - MINUTE_MS, 1),
    visitAt(now - 2 * MINUTE_MS, 2, { pictures: 3, detections: 52, lastsMs: 2_600 }),
    visitAt(now - 3 * MINUTE_MS, 3),
    visitAt(now - 4 * MINUTE_MS, 4, { detections: null }),
    visitAt(now - DAY_MS - 5 * MINUTE_MS, 5, { camera: "yard" }),
  ];
  return double;
}

/** Windows, and the minimum size of the picture where they have no room for 480 px. */
const WINDOWS: readonly (readonly [width: number, height: number, minWidth?: number, minHeight?: number])[] =
  [
    [1920, 1080],
    [1366, 768],
    [1366, 650],
    [1280, 800],
    [1280, 600],
    [1060, 700],
    [1024, 768],
    [960, 700],
    [959, 720],
    [900, 1200],
    [820, 1180],
    [800, 600],
    [768, 1024],
    [760, 640],
    [844, 390, 480, 370],
    [667, 375, 390, 355],
    [390, 844, 390, 390],
    [320, 568, 320, 320],
  ];

async function opened(page: Page, double: GalleryDouble, number: number): Promise<void> {
  await openLive(page, double.url, 4);
  await page.click(`[data-id="visit-${number}"] a`);
  await shows(page, IS_OPEN);
}

const shown = (double: GalleryDouble, visit: number, face: number) =>
  `document.querySelector(".view img")?.src.endsWith(${
    JSON.stringify(double.visits[visit].faces[face].url)
  })`;

Deno.test("the dialog of a visit", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("keys change visit and picture, Escape closes and returns the focus", async () => {
    await using double = fiveVisits();
    const page = await web.page();
    await opened(page, double, 1);
    await showsText(page, ".facts-head", "visit 1 of 4");
    await shows(
      page,
      `document.querySelector(".newer").disabled && !document.querySelector(".older").disabled`,
    );
    await page.keyboard.press("ArrowRight");
    await shows(page, shown(double, 1, 2)); // The best picture is the last one.
    await showsText(page, ".sentence", "Detected 52 times in 2.6 s. This is the best of 3 pictures.");
    await page.keyboard.press("ArrowDown");
    await shows(page, shown(double, 1, 0));
    await showsText(page, ".sentence", "This is picture 1 of 3.");
    await page.keyboard.press("ArrowDown");
    await shows(page, shown(double, 1, 1));
    await showsQuery(page, `?${new URLSearchParams({ face: double.visits[1].faces[1].key })}`);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await shows(page, shown(double, 1, 2));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await showsText(page, ".sentence", "A single face, without a visit.");
    await page.keyboard.press("ArrowRight");
    await showsText(page, ".facts-head", "yard");
    await showsText(page, ".facts-head", "visit 1 of 1");
    await shows(page, `document.querySelector(".older").disabled`);
    await page.keyboard.press("ArrowLeft");
    await showsText(page, ".facts-head", "visit 4 of 4");
    await page.keyboard.press("Escape");
    await shows(page, `!${IS_OPEN} && document.activeElement.closest("li")?.dataset.id === "visit-4"`);
    await showsQuery(page, "");
    await page.close();
  });

  await t.step("back closes it, forward opens it, and the page keeps its place", async () => {
    await using double = fiveVisits();
    const page = await web.page();
    await opened(page, double, 3);
    await page.goBack();
    await shows(page, `!${IS_OPEN}`);
    await shows(page, `document.activeElement.closest("li")?.dataset.id === "visit-3"`);
    await page.goForward();
    await shows(page, IS_OPEN);
    await shows(page, shown(double, 2, 0));
    await page.close();
  });

  await t.step("a card that is clicked while the dialog closes opens, and back closes it", async () => {
    await using double = fiveVisits();
    const page = await web.page();
    await opened(page, double, 1);
    await page.evaluate(`document.querySelector("dialog.face").addEventListener("close", () => {
      document.querySelector('[data-id="visit-3"] a').click();
    }, { once: true })`);
    await page.keyboard.press("Escape");
    await showsQuery(page, `?${new URLSearchParams({ face: double.visits[2].faces[0].key })}`);
    await shows(page, `${IS_OPEN} && ${shown(double, 2, 0)}`);
    await page.goBack();
    await showsQuery(page, "");
    await shows(page, `!${IS_OPEN}`);
    await page.close();
  });

  await t.step("a link opens a face of another day, with its neighbours", async () => {
    await using double = fiveVisits();
    const old = [8, 9, 10].map((number) => visitAt(Date.now() - 5 * DAY_MS - number * MINUTE_MS, number));
    double.visits = [...double.visits, ...dayOfVisits(Date.now() - 2 * DAY_MS, 90, { first: 100 }), ...old];
    double.visits.sort(newestFirst);
    const page = await web.page();
    const [{ key }] = old[1].faces;
    await page.goto(`${double.url}?${new URLSearchParams({ face: key })}`);
    await shows(page, IS_OPEN);
    await shows(page, shown(double, double.visits.indexOf(old[1]), 0));
    await showsQuery(page, /day=/);
    await page.keyboard.press("ArrowRight");
    await shows(page, shown(double, double.visits.indexOf(old[2]), 0));
    await page.keyboard.press("Escape");
    await shows(page, `document.activeElement.closest("li")?.dataset.id === "visit-10"`);
    await page.close();
  });

  await t.step("a link to a face that was deleted says so", async () => {
    await using double = fiveVisits();
    const page = await web.page();
    await page.goto(`${double.url}?face=gone.png`);
    await showsText(page, ".toast", "This face cannot be shown: face not found");
    await showsQuery(page, "");
    await page.close();
  });

  await t.step("a finger swipes sideways to visits, and down to close", async () => {
    await using double = fiveVisits();
    const page = await web.page(PHONE);
    await openLive(page, double.url, 4);
    await tap(page, '[data-id="visit-1"] a');
    await shows(page, shown(double, 0, 0));
    await touch(page, [[300, 300], [190, 305], [80, 310]]);
    await shows(page, shown(double, 1, 2));
    await touch(page, [[80, 300], [190, 305], [300, 310]]);
    await shows(page, shown(double, 0, 0));
    await touch(page, [[200, 150], [205, 275], [210, 400]]);
    await shows(page, `!${IS_OPEN}`);
    await page.close();
  });

  await t.step("download has the file's name, and Copy link copies a link that expires", async () => {
    await using double = fiveVisits();
    double.session = { ...double.session, token: true };
    const page = await web.page();
    await page.browserContext().overridePermissions(
      double.url,
      ["clipboard-read", "clipboard-write"] as never[],
    );
    await opened(page, double, 1);
    const [{ key, url }] = double.visits[0].faces;
    const [name, href] = await page.$eval(
      ".acts a",
      (link) => [link.getAttribute("download"), link.getAttribute("href")],
    );
    assert.deepEqual([name, href], [key.split("/")[1], url]);
    await page.click(".acts button");
    await showsText(page, ".toast", "Link copied. It opens this one face until tomorrow");
    await becomes(() => page.evaluate("navigator.clipboard.readText()"), `${double.url}share/TOKEN`);
    assert.deepEqual(JSON.parse(double.changes[0].body), { key, hours: 24 });
    await page.click(".key button");
    await showsText(page, ".toast", "Object key copied");
    await becomes(() => page.evaluate("navigator.clipboard.readText()"), key);
    await page.close();
  });

  await t.step("the picture is at least 480 px wide and high where the window has room", async () => {
    await using double = fiveVisits();
    const page = await web.page();
    await opened(page, double, 2);
    for (const [width, height, minWidth = 480, minHeight = 480] of WINDOWS) {
      await page.setViewport({ width, height });
      const box = await page.$eval(".view img", (img) => img.getBoundingClientRect().toJSON());
      const shown = `${width} x ${height}: ${JSON.stringify(box)}`;
      assert.ok(box.width >= minWidth && box.height >= minHeight, shown);
      assert.ok(box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height, shown);
      const isCut = `[".face", ".facts", ".acts"].map((at) => document.querySelector(at))
        .some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth) ||
        document.querySelector(".film").scrollHeight > document.querySelector(".film").clientHeight`;
      assert.equal(await page.evaluate(isCut), false, `${shown} is cut`);
    }
    await page.close();
  });

  await t.step("a picture that does not load and facts that cannot be read are said", async () => {
    await using double = fiveVisits();
    double.visits = double.visits.map((visit) => ({
      ...visit,
      faces: visit.faces.map((face) => ({ ...face, url: "faces/none", thumb: "thumbs/none" })),
    }));
    const page = await web.page();
    await page.goto(double.url);
    await showsText(page, ".picture", "The picture cannot be shown");
    double.trouble = "access denied";
    await page.click("li a");
    await showsText(page, ".view", "The picture cannot be shown");
    await showsText(page, ".facts", "The facts cannot be read: access denied.");
    await page.close();
  });
});
