/** Cameras, days and quarters: all of it in the URL, so that back, bookmarks and links work. */
import assert from "node:assert/strict";
import { dayOf, noon } from "../servers/afternoon.ts";
import { GalleryDouble, newestFirst } from "./double.ts";
import { dayOfVisits, MINUTE_MS, visitAt } from "./visits.ts";
import {
  becomes,
  inBrowser,
  openLive,
  PHONE,
  shows,
  showsCards,
  showsQuery,
  showsText,
  texts,
  Web,
} from "./web.ts";

const chip = (name: string) => `.chip[data-camera="${name}"]`;

/** Three days: four visits in different hours yesterday, then three, then two. */
function threeDays(): GalleryDouble {
  const double = new GalleryDouble();
  const hours = [[4, 2, 1, 0], [3, 2, 1], [1, 0]];
  double.visits = hours.flatMap((some, day) =>
    some.map((hour, index) =>
      visitAt(noon(day + 1) + hour * 60 * MINUTE_MS, 10 * (day + 1) + index, {
        camera: index % 2 === 0 ? "front" : "yard",
      })
    )
  );
  return double;
}

Deno.test("filters change the page and its URL, and back returns", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("camera chips", async () => {
    await using double = threeDays();
    const page = await web.page();
    await openLive(page, `${double.url}?day=${dayOf(noon(1))}`, 9);
    const chips = async () => (await texts(page, ".chip")).map((text) => text.replace(/\s+/g, " "));
    await becomes(chips, ["All 4", "front 2", "yard 2"]);
    await page.click(chip("yard"));
    await shows(page, `document.querySelectorAll("li[data-id]").length === 4`);
    await showsQuery(page, /camera=yard/);
    assert.ok((await texts(page, ".where")).every((name) => name === "yard"));
    await page.click(chip("front"));
    await shows(page, `document.querySelectorAll("li[data-id]").length === 9`);
    await showsQuery(page, /camera=yard&camera=front/);
    await page.goBack();
    await shows(page, `document.querySelectorAll("li[data-id]").length === 4`);
    await shows(page, `document.querySelector('${chip("yard")}').getAttribute("aria-pressed") === "true"`);
    await page.reload();
    await showsCards(page, 4);
    await page.click(chip(""));
    await shows(page, `document.querySelectorAll("li[data-id]").length === 9`);
    await showsQuery(page, /^(?!.*camera)/);
    await page.close();
  });

  await t.step("more cameras than chips: selected ones have theirs, and the others are counted", async () => {
    await using double = new GalleryDouble();
    const camera = (number: number) => `camera_${number}`;
    double.visits = Array.from(
      { length: 120 },
      (_, number) => visitAt(noon(1) - number, number, { camera: camera(number) }),
    );
    double.others = { cameras: 30, visits: 40 };
    const page = await web.page();
    const query = new URLSearchParams(
      Array.from({ length: 50 }, (_, number) => ["camera", camera(69 + number)]),
    );
    query.append("camera", "away");
    query.delete("camera", camera(69));
    await page.goto(`${double.url}?day=${dayOf(noon(1))}&${query}`);
    await showsText(page, ".day-head", "49 visits");
    const pressed = `document.querySelectorAll('.chip[aria-pressed="true"]').length`;
    await shows(page, `${pressed} === 50`);
    assert.equal((await texts(page, ".chip"))[0].replace(/\s+/g, " "), "All 160");
    await showsText(page, "#chips", "and 51 more");
    await page.click(chip(camera(0)));
    await showsText(page, ".toast", "At most 50 cameras can be selected");
    await shows(page, `${pressed} === 50`);
    await page.click(chip("away"));
    await shows(page, `${pressed} === 49`);
    await page.click(chip(camera(0)));
    await showsText(page, ".day-head", "50 visits");
    await page.close();
  });

  await t.step("previous and next day, and the date", async () => {
    await using double = threeDays();
    const page = await web.page();
    await openLive(page, double.url, 9);
    await showsText(page, ".day h2", "Today");
    await becomes(() => page.$eval("#newer-day", (button) => button.hasAttribute("disabled")), true);
    await page.click("#older-day");
    await showsText(page, ".day:first-child h2", "Yesterday");
    await showsQuery(page, `?day=${dayOf(noon(1))}`);
    await page.evaluate(`{
      const field = document.querySelector("#day-field");
      field.value = "${dayOf(noon(3))}";
      field.dispatchEvent(new Event("change"));
    }`);
    await shows(page, `document.querySelectorAll("li[data-id]").length === 2`);
    await showsQuery(page, `?day=${dayOf(noon(3))}`);
    await page.goBack();
    await showsText(page, ".day:first-child h2", "Yesterday");
    await page.click("#newer-day");
    await showsText(page, ".day:first-child h2", "Today");
    await showsQuery(page, "");
    await page.close();
  });

  await t.step("a quarter of the strip, with the mouse", async () => {
    await using double = threeDays();
    double.visits = [...dayOfVisits(noon(1) + 11 * 60 * MINUTE_MS, 60, { first: 100 }), ...double.visits];
    const page = await web.page();
    await openLive(page, `${double.url}?day=${dayOf(noon(1))}`, 10);
    const first = double.visits.findIndex(({ id }) => id === "visit-13"); // At noon.
    assert.ok(first > 30);
    await page.hover('.bars [data-quarter="48"]');
    await showsText(page, ".tip", "12:00 PM to 12:15 PM · ");
    await page.click('.bars [data-quarter="48"]');
    await shows(
      page,
      `scrollY > 500 && document.activeElement.closest("li")?.getBoundingClientRect().top < 200`,
    );
    await showsQuery(page, `?day=${dayOf(noon(1))}&quarter=${dayOf(noon(1))}T48`);
    await shows(
      page,
      `document.querySelector('[data-quarter="48"]').getAttribute("aria-pressed") === "true"`,
    );
    // The link leads there.
    const again = await web.page();
    await again.goto(page.url());
    await shows(again, `scrollY > 500 && document.querySelector('[data-id="visit-13"]') !== null`);
    await again.close();
    await page.close();
  });

  await t.step("a quarter of a day further down", async () => {
    await using double = threeDays();
    const crowd = dayOfVisits(noon(2) + 11 * 60 * MINUTE_MS, 60, { first: 100 });
    const old = Array.from({ length: 10 }, (_, day) => visitAt(noon(5 + day), 200 + day));
    double.visits = [...double.visits, ...crowd, ...old].sort(newestFirst);
    const [first, second] = [dayOf(noon(1)), dayOf(noon(2))];
    const bar = `.day:nth-child(2) [data-quarter="52"]`;
    const pressed = (isPressed: boolean) =>
      `document.querySelector('${bar}').getAttribute("aria-pressed") === "${isPressed}"`;
    const isReached = `scrollY > 500 && (() => {
      const { top } = document.querySelector('[data-id="visit-22"]')?.getBoundingClientRect() ?? {};
      return top > 0 && top < 200;
    })()`;
    const page = await web.page();
    await openLive(page, `${double.url}?day=${first}`, 9);
    await page.click(bar);
    await shows(page, isReached);
    await showsQuery(page, `?day=${first}&quarter=${second}T52`);
    await shows(page, pressed(true));
    await page.click(bar); // Again: it is no second step for back.
    await shows(page, isReached);
    await page.goBack();
    await showsQuery(page, `?day=${first}`);
    await shows(page, pressed(false));
    await page.goForward();
    await shows(page, pressed(true));
    // The page starts at its own day, or at the quarter's where that is far down.
    const farDay = dayOf(noon(14));
    const links: [string, string, string][] = [
      [`?day=${first}&quarter=${second}T52`, first, isReached],
      [`?quarter=${second}T52`, dayOf(noon(0)), isReached],
      [`?day=${second}&quarter=52`, second, isReached],
      [
        `?day=${first}&quarter=${farDay}T48`,
        farDay,
        `document.querySelector('[data-id="visit-209"]') !== null`,
      ],
      [`?day=${farDay}&quarter=${second}T52`, second, isReached],
    ];
    for (const [query, day, isThere] of links) {
      const another = await web.page();
      await another.goto(`${double.url}${query}`);
      await shows(another, isThere);
      await shows(another, `document.querySelector('.bars [aria-pressed="true"]') !== null`);
      await shows(another, `document.querySelector(".day h2").id === "day-${day}"`);
      await another.close();
    }
    await page.close();
  });

  await t.step("a quarter of the strip, with a finger beside it", async () => {
    await using double = threeDays();
    const page = await web.page(PHONE);
    await openLive(page, `${double.url}?day=${dayOf(noon(2))}`, 3);
    const box = (await (await page.$(".bars"))!.boundingBox())!;
    // Visits are at 13, 14 and 15 h: a finger at 20 h means the last one.
    const x = box.x + box.width * 20 / 24;
    await page.touchscreen.touchStart(x, box.y + 20);
    await showsText(page, ".tip", "3:00 PM to 3:15 PM");
    await page.touchscreen.touchEnd();
    await shows(page, `document.activeElement.closest("li")?.dataset.id === "visit-20"`);
    await page.close();
  });

  await t.step("a camera without visits on a day says so, and an impossible day is ignored", async () => {
    await using double = threeDays();
    const page = await web.page();
    await page.goto(`${double.url}?day=${dayOf(noon(1))}&camera=attic`);
    await showsText(page, ".nothing", "No visits of attic on this day.");
    await page.goto(`${double.url}?day=2026-02-31&quarter=x&since=2&camera=`);
    await showsText(page, ".day h2", "Today");
    for (const day of ["1969-12-31", "1000-01-01", "0099-05-05"]) {
      await page.goto(`${double.url}?day=${day}&camera=&face=`);
      await showsText(page, ".day h2", "Today");
      // The gallery refuses times before 1970 and empty names.
      assert.deepEqual(double.requests.filter((one) => /from=-\d{9}|(camera|key)=(&|$)/.test(one)), []);
    }
    await page.goto(`${double.url}?day=1970-01-01`);
    await shows(page, `document.querySelector("#older-day").disabled`);
    await page.goto(`${double.url}?day=2024-02-29`);
    await showsText(page, "#day-shown", "Feb 29, 2024");
    await page.close();
  });
});

Deno.test("a strip of a day of 25 hours has 100 quarters", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  // In New York 1 November 2026 has two hours from 1 to 2.
  double.visits = [visitAt(Date.UTC(2026, 10, 2, 4, 50), 1), visitAt(Date.UTC(2026, 10, 1, 4, 10), 2)];
  const page = await web.page({ zone: "America/New_York" });
  await openLive(page, `${double.url}?day=2026-11-01`, 2);
  assert.deepEqual(
    await page.$$eval(".bars button", (bars) => bars.map((bar) => bar.getAttribute("aria-label"))),
    ["12:00 AM to 12:15 AM, 1 visit", "11:45 PM to 12:00 AM, 1 visit"],
  );
  await page.close();
});
