/** Selecting, deleting and downloading visits. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { until } from "../../lib/testing/until.ts";
import { GalleryDouble } from "./double.ts";
import { MINUTE_MS, visitAt } from "./visits.ts";
import { becomes, ids, inBrowser, openLive, PHONE, shows, showsText, tap, Web } from "./web.ts";

/** Eight visits of today; those with even numbers have two pictures. */
function eightVisits(): GalleryDouble {
  const double = new GalleryDouble();
  double.session = { ...double.session, allow: ["delete"], token: true };
  const now = Date.now();
  double.visits = [1, 2, 3, 4, 5, 6, 7, 8].map((number) =>
    visitAt(now - number * MINUTE_MS, number, { pictures: number % 2 === 0 ? 2 : 1 })
  );
  return double;
}

const tick = (number: number) => `[data-id="visit-${number}"] .tick`;
const picked = (page: Page) =>
  page.$$eval(".picked", (items) => items.map((item) => item.getAttribute("data-id")!.slice(6)).join(" "));
const isFocused = (number: number) =>
  `document.activeElement.closest("li")?.dataset.id === "visit-${number}"`;

Deno.test("selecting and deleting", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("with the mouse: ticks, a range with Shift, and Escape", async () => {
    await using double = eightVisits();
    const page = await web.page();
    await openLive(page, double.url, 8);
    await page.click("#select");
    await page.click(tick(2));
    await showsText(page, ".actions", "1 visit 2 pictures");
    await page.keyboard.down("Shift");
    await page.click('[data-id="visit-5"] a');
    await page.keyboard.up("Shift");
    await showsText(page, ".actions", "4 visits 6 pictures");
    await becomes(() => picked(page), "2 3 4 5");
    await page.click('[data-id="visit-3"] a');
    await shows(page, `document.querySelectorAll(".picked").length === 3`);
    await page.keyboard.press("Escape");
    await shows(page, `!document.querySelector(".picked") && !document.querySelector(".actions")`);
    await page.close();
  });

  await t.step("with the keyboard alone", async () => {
    await using double = eightVisits();
    const page = await web.page();
    await openLive(page, double.url, 8);
    await page.focus('[data-id="visit-1"] a');
    await page.keyboard.press("ArrowRight");
    await shows(page, isFocused(2));
    await page.keyboard.press("Space");
    await showsText(page, ".actions", "1 visit");
    await shows(page, isFocused(2));
    await page.keyboard.down("Shift");
    await page.keyboard.press("ArrowRight");
    await shows(page, isFocused(3));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.up("Shift");
    await showsText(page, ".actions", "3 visits 5 pictures");
    await page.focus("#delete");
    await page.keyboard.press("Enter");
    await showsText(page, ".ask", "Delete 3 visits with 5 pictures?");
    await shows(page, `document.activeElement.innerText === "Cancel"`);
    await page.keyboard.press("Enter");
    await shows(page, `!document.querySelector(".ask")`);
    assert.equal(double.changes.length, 0);
    await becomes(() => picked(page), "2 3 4");
    await page.keyboard.press("Enter");
    await showsText(page, ".ask", "Delete 3 visits");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await showsText(page, ".toast", "5 pictures deleted");
    await shows(page, `document.querySelectorAll("li[data-id]").length === 5`);
    await becomes(() => ids(page), [1, 5, 6, 7, 8].map((number) => `visit-${number}`));
    assert.equal(double.visits.length, 5);
    await page.close();
  });

  await t.step("on a phone: a long press selects", async () => {
    await using double = eightVisits();
    const page = await web.page(PHONE);
    await openLive(page, double.url, 4);
    const box = (await (await page.$('[data-id="visit-1"] a'))!.boundingBox())!;
    await page.touchscreen.touchStart(box.x + 60, box.y + 60);
    await showsText(page, ".actions", "1 visit");
    await page.touchscreen.touchEnd();
    await shows(page, `!document.querySelector("dialog[open]")`);
    await tap(page, '[data-id="visit-2"] a');
    await showsText(page, ".actions", "2 visits 3 pictures");
    await page.close();
  });

  await t.step("a card leaves at once, and returns with the reason when the store refuses", async () => {
    await using double = eightVisits();
    const [refused] = double.visits[1].faces.map(({ key }) => key);
    double.undeletable.set(refused, "access denied");
    const page = await web.page();
    await openLive(page, double.url, 8);
    const gate = Promise.withResolvers<void>();
    double.gate = gate.promise;
    await page.click("#select");
    for (const number of [1, 2]) await page.click(tick(number));
    await page.click("#delete");
    await page.click(".ask .main");
    await shows(page, `document.querySelectorAll("li[data-id]").length === 6`);
    gate.resolve();
    await showsText(page, ".toast", "1 picture not deleted: access denied");
    await shows(page, `document.querySelectorAll("li[data-id]").length === 7`);
    await becomes(async () => (await ids(page))[0], "visit-2");
    assert.deepEqual(double.visits[0].faces.map(({ key }) => key), [refused]);
    await page.close();
  });

  await t.step("one picture in the dialog, or the whole visit", async () => {
    await using double = eightVisits();
    const page = await web.page();
    await openLive(page, double.url, 8);
    await page.click('[data-id="visit-2"] a');
    await showsText(page, ".acts", "Delete");
    await page.keyboard.press("Delete");
    await showsText(page, ".ask", "The visit keeps its 1 other picture.");
    await page.click(".ask .main");
    await showsText(page, ".sentence", "One picture was sent.");
    await page.keyboard.press("Escape");
    await shows(page, `!document.querySelector("dialog.face").open`);
    await page.click('[data-id="visit-4"] a');
    await showsText(page, ".acts", "Delete");
    await page.click(".acts .danger");
    await page.click(".ask .plain");
    await shows(page, `!document.querySelector("dialog.face").open`);
    await shows(page, `document.querySelectorAll("li[data-id]").length === 7`);
    assert.equal(double.visits.length, 7);
    await page.close();
  });

  await t.step("a zip is a download of the browser", async () => {
    await using double = eightVisits();
    const page = await web.page();
    await openLive(page, double.url, 8);
    await page.click("#select");
    for (const number of [1, 2]) await page.click(tick(number));
    await page.click("#zip");
    await until(() => double.changes.length > 1, "the page asks for the zip, and then for the file");
    const { path, body } = double.changes[1];
    assert.equal(path, "/api/zip");
    const keys = double.visits.slice(0, 2).flatMap(({ faces }) => faces.map(({ key }) => key));
    assert.deepEqual(new URLSearchParams(body).getAll("keys"), keys);
    await page.close();
  });

  await t.step("of a visit with more pictures than the page has, all of them", async () => {
    await using double = eightVisits();
    const long = visitAt(Date.now() - 30_000, 70, { pictures: 73, lastsMs: 60 * MINUTE_MS });
    const keys = long.faces.map(({ key }) => key);
    double.visits = [long, ...double.visits];
    const page = await web.page();
    await openLive(page, double.url, 9);
    await page.click("#select");
    await page.click(tick(70));
    await showsText(page, ".actions", "1 visit 73 pictures");
    await page.click("#zip");
    await until(() => double.changes.length > 1, "the page asks for the zip, and then for the file");
    assert.deepEqual(new URLSearchParams(double.changes[1].body).getAll("keys"), keys);
    await page.keyboard.press("Escape");
    await page.click('[data-id="visit-70"] a');
    await showsText(page, ".film", "23 more in the zip");
    await page.click(".acts .danger");
    await showsText(page, ".ask", "The visit keeps its 72 other pictures.");
    await page.click(".ask .plain");
    await showsText(page, ".toast", "73 pictures deleted");
    assert.equal(double.visits.length, 8);
    await page.close();
  });

  await t.step("without --allow delete nothing offers it, and Del does nothing", async () => {
    await using double = eightVisits();
    double.session = { ...double.session, allow: [] };
    const page = await web.page();
    await openLive(page, double.url, 8);
    await page.click('[data-id="visit-2"] a');
    await showsText(page, ".acts", "Download");
    await page.keyboard.press("Delete");
    assert.equal(await page.$(".ask"), null);
    await shows(page, `document.querySelector(".acts .danger").offsetParent === null`);
    await page.close();
  });
});
