/** Pages that are open at midnight, and what they say of times of another day. */
import assert from "node:assert/strict";
import { agoText, dayText, momentText, nearDay, shortDayText } from "../../lib/gallery/page/words.js";
import { GalleryDouble } from "./double.ts";
import { passTo, startAt } from "./page_clock.ts";
import { DAY_MS, dayOfVisits, MINUTE_MS, threeCameras, visitAt } from "./visits.ts";
import {
  becomes,
  inBrowser,
  openLive,
  openScrolled,
  shows,
  showsQuery,
  showsText,
  texts,
  Web,
} from "./web.ts";

/** The last midnight of the year 2027 in a zone that is 45 minutes off the hours of UTC. */
const zone = "Asia/Kathmandu";
const MIDNIGHT = Date.parse("2028-01-01T00:00:00+05:45");
const BEFORE = MIDNIGHT - 5 * MINUTE_MS;
const AFTER = MIDNIGHT + 5 * MINUTE_MS;

const enabled = (id: string, isEnabled = true) =>
  `document.querySelector("#${id}").disabled === ${!isEnabled}`;
/** The URL names the quarter that is pressed. */
const LAST_QUARTER = 95;
const lastBar = `document.querySelector('.bars [data-quarter="${LAST_QUARTER}"]')`;

Deno.test("a page that is open at midnight", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("at its top shows the new day, without the quarter of the day before", async () => {
    await using double = new GalleryDouble();
    double.visits = [visitAt(BEFORE - MINUTE_MS, 1)];
    const page = await web.page({ zone });
    await startAt(page, BEFORE);
    await openLive(page, double.url);
    await page.evaluate(`${lastBar}.click()`);
    await showsQuery(page, `?quarter=2027-12-31T${LAST_QUARTER}`);
    await passTo(page, AFTER);
    await becomes(async () => (await texts(page, ".day h2")).slice(0, 2), ["Today", "Yesterday"]);
    await shows(page, `${lastBar}.getAttribute("aria-pressed") === "false"`);
    await showsQuery(page, "");
    await page.close();
  });

  await t.step("further down stays, and the button leads to the new day", async () => {
    await using double = new GalleryDouble();
    double.visits = dayOfVisits(BEFORE, 40);
    const page = await web.page({ zone });
    await startAt(page, BEFORE);
    await openScrolled(page, double.url);
    await shows(page, enabled("newer-day", false));
    await passTo(page, AFTER);
    await becomes(async () => (await texts(page, ".day h2"))[0], "Yesterday");
    // A look at a face moves nothing.
    const place = await page.evaluate("scrollY");
    await page.click("li[data-id='visit-20'] a");
    await shows(page, `document.querySelector("dialog[open]")`);
    await page.keyboard.press("Escape");
    await showsQuery(page, "");
    assert.equal(await page.evaluate("scrollY"), place);
    await shows(page, enabled("newer-day"));
    await page.click("#newer-day");
    await becomes(async () => (await texts(page, ".day h2")).slice(0, 2), ["Today", "Yesterday"]);
    await shows(page, "scrollY === 0");
    await page.close();
  });

  await t.step("further down names its day in the URL of a quarter", async () => {
    await using double = new GalleryDouble();
    double.visits = dayOfVisits(BEFORE, 40);
    const page = await web.page({ zone });
    await startAt(page, BEFORE);
    await openScrolled(page, double.url);
    await passTo(page, AFTER);
    await becomes(async () => (await texts(page, ".day h2"))[0], "Yesterday");
    await page.evaluate(`${lastBar}.click()`);
    await showsQuery(page, `?quarter=2027-12-31T${LAST_QUARTER}`);
    await page.close();
  });

  await t.step("of the day itself lets go to the next one", async () => {
    await using double = new GalleryDouble();
    double.visits = [visitAt(BEFORE - MINUTE_MS, 1)];
    const page = await web.page({ zone });
    await startAt(page, BEFORE);
    await openLive(page, `${double.url}?day=2027-12-31`);
    await shows(page, enabled("newer-day", false));
    await passTo(page, AFTER);
    await shows(page, enabled("newer-day"));
    await page.click("#newer-day");
    await becomes(async () => (await texts(page, ".day h2")).slice(0, 2), ["Today", "Yesterday"]);
    await showsQuery(page, "");
    await page.close();
  });

  await t.step("says of an outage on which day it began", async () => {
    await using double = new GalleryDouble();
    double.visits = [visitAt(BEFORE - MINUTE_MS, 1)];
    double.cameras = { broker: "away", since: BEFORE, cameras: threeCameras() };
    const page = await web.page({ zone });
    await startAt(page, BEFORE);
    await page.goto(double.url);
    await showsText(page, "#cameras", "does not answer since 11:55");
    double.trouble = "access denied";
    double.send("trouble", "access denied");
    await showsText(page, "[role=alert]", "The store does not answer since 11:55");
    await passTo(page, AFTER);
    await showsText(page, "#cameras", "does not answer since Dec 31, 2027, 11:55");
    await showsText(page, "[role=alert]", "The store does not answer since Dec 31, 2027, 11:55");
    double.cameras = { broker: "away", since: BEFORE - DAY_MS, cameras: threeCameras() };
    await page.goto(`${double.url}cameras`);
    await showsText(page, "#notices", "The broker does not answer since Thu, Dec 30, 11:55");
    await page.close();
  });
});

Deno.test("times of another day are named with their day, and those of another year with their year", () => {
  const now = new Date();
  const nowMs = now.getTime();
  const at = (days: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 12).getTime();
  const today = momentText(at(0), nowMs);
  assert.equal(agoText(at(0), at(0) + 61 * MINUTE_MS), `at ${today}`);
  assert.equal(momentText(at(-1), nowMs), `${shortDayText(at(-1))}, ${today}`);
  assert.equal(agoText(at(-1), at(0)), momentText(at(-1), nowMs));
  assert.deepEqual([-1, 0, 1, 2].map((days) => nearDay(at(days), nowMs)), [
    undefined,
    "today",
    "tomorrow",
    undefined,
  ]);
  const thisYear = new Date(now.getFullYear(), 0, 31).getTime();
  const yearBefore = new Date(now.getFullYear() - 1, 0, 31).getTime();
  assert.doesNotMatch(dayText(thisYear), /\d{4}/);
  assert.ok(dayText(yearBefore).includes(String(now.getFullYear() - 1)));
});
