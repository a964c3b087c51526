/** 100,000 faces, 10,000 of them in one day: the page holds a bounded number of elements and visits. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { noon } from "../servers/afternoon.ts";
import { GalleryDouble, type Visit } from "./double.ts";
import { visitAt } from "./visits.ts";
import { inBrowser, openLive, PHONE, shows, showsCards, showsText, Web } from "./web.ts";

const DAYS = 10;
const PER_DAY = 10_000;
/** Elements of a page, whatever the store holds. */
const MAX_ELEMENTS = 3_000;

function manyVisits(): Visit[] {
  const visits: Visit[] = [];
  for (let number = 0; number < DAYS * PER_DAY; number++) {
    const day = Math.floor(number / PER_DAY) + 1;
    // Between 8 and 16 o'clock.
    const ms = noon(day) + 4 * 3_600_000 - (number % PER_DAY) / PER_DAY * 8 * 3_600_000;
    visits.push(visitAt(Math.floor(ms), number));
  }
  return visits;
}

const elements = (page: Page) => page.evaluate(`document.querySelectorAll("*").length`) as Promise<number>;

Deno.test("100,000 faces, 10,000 a day", inBrowser, async (t) => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  double.visits = manyVisits();
  const page = await web.page();
  await page.goto(double.url);

  await t.step("the first page is there after few requests", async () => {
    await showsCards(page, 12);
    await showsText(page, ".day-head", "10,000 visits");
    assert.ok(await elements(page) < MAX_ELEMENTS);
    assert.ok(double.requests.length < 20, `${double.requests}`);
  });

  await t.step("End of the page loads the oldest day, far jumps load what they show", async () => {
    const first = `document.querySelector(".day:nth-child(2)")`; // Yesterday; today has no visits.
    const height = await page.evaluate(`${first}.offsetHeight`) as number;
    assert.ok(height > PER_DAY / 6 * 200, `${height}`);
    let most = 0;
    for (let step = 1; step <= 20; step++) {
      await page.evaluate(`scrollTo(0, ${first}.offsetTop + ${height} * ${step} / 20 - innerHeight)`);
      await showsCards(page, 12);
      most = Math.max(most, await elements(page));
    }
    assert.ok(most < MAX_ELEMENTS, `${most} elements`);
    await shows(page, `document.querySelector('[data-id="visit-${PER_DAY - 1}"]') !== null`); // The last of the day.
    const toEnd = "scrollTo(0, document.documentElement.scrollHeight)";
    await shows(
      page,
      `(${toEnd}, document.querySelector('[data-id="visit-${DAYS * PER_DAY - 1}"]') !== null)`,
    );
    await showsCards(page, 6);
    assert.ok(await elements(page) < MAX_ELEMENTS, `${await elements(page)} elements`);
  });

  await t.step("a quarter in the middle of a day is one jump", async () => {
    const before = double.requests.length;
    await page.evaluate("scrollTo(0, 0)");
    await showsCards(page, 6);
    await page.click('.day:nth-child(2) [data-quarter="48"]');
    await shows(
      page,
      `document.activeElement.closest("li")?.querySelector("time").innerText.startsWith("12:1")`,
    );
    await showsCards(page, 12);
    assert.ok(double.requests.length - before < 10, `${double.requests.slice(before)}`);
  });

  await t.step("arrow keys walk through cards that did not exist", async () => {
    for (let step = 0; step < 12; step++) await page.keyboard.press("ArrowDown");
    await shows(page, `document.activeElement.closest("li") !== null`);
    const box = await page.evaluate(
      `JSON.stringify(document.activeElement.getBoundingClientRect())`,
    ) as string;
    const { top, bottom } = JSON.parse(box);
    assert.ok(top > 0 && bottom < 900, box);
  });
  await t.step("a range of the selection has the visits that were not loaded between its ends", async () => {
    const extendTo = async (quarter: number) => {
      await page.click(`.day:nth-child(2) [data-quarter="${quarter}"]`);
      await shows(page, `document.activeElement.closest("li[data-id]") !== null`);
      const id = await page.evaluate(`document.activeElement.closest("li").dataset.id`) as string;
      await page.keyboard.down("Shift");
      await page.click(`[data-id="${id}"] a`);
      await page.keyboard.up("Shift");
      return Number(id.slice("visit-".length)) + 1;
    };
    await page.goto(double.url);
    await showsCards(page, 6);
    await page.click("#select");
    await page.click('[data-id="visit-0"] .tick');
    await showsText(page, ".actions", "1 visit");
    const count = await extendTo(62);
    assert.ok(count > 250, `${count}`);
    await showsText(page, ".actions", `${count} visits`);
    await extendTo(48);
    await showsText(page, ".toast", "At most 1,000 visits can be selected");
    await showsText(page, ".actions", `${count} visits`);
    const larger = await extendTo(61);
    assert.ok(larger > count && larger < 1_000, `${larger}`);
    await showsText(page, ".actions", `${larger} visits`);
  });

  await page.close();

  await t.step("on a phone", async () => {
    const phone = await web.page(PHONE);
    await openLive(phone, double.url, 4);
    await phone.evaluate("scrollTo(0, 200000)");
    await showsCards(phone, 4);
    assert.ok(await elements(phone) < MAX_ELEMENTS);
    await phone.close();
  });
});
