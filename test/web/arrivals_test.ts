/** New, changed and deleted visits while a page is open. */
import assert from "node:assert/strict";
import { noon } from "../servers/afternoon.ts";
import { GalleryDouble } from "./double.ts";
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
  showsQuery,
  showsText,
  texts,
  Web,
} from "./web.ts";

Deno.test("visits that arrive, change and vanish while the page is open", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("at the top of the page a new visit enters in its place, with a ring", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    double.visits = dayOfVisits(now - 10 * MINUTE_MS, 5);
    const page = await web.page();
    await openLive(page, double.url, 5);
    double.arrive(visitAt(now, 900));
    await shows(page, `document.querySelector("li[data-id]").matches('[data-id="visit-900"].arriving')`);
    await showsText(page, ".day-head", "6 visits");
    await shows(page, `document.querySelector("#said").textContent.startsWith("New visit: front")`);
    // One that was late takes its place among the others.
    double.arrive(visitAt(double.visits[3].ms + 1, 901));
    await shows(page, `document.querySelectorAll("li[data-id]").length === 7`);
    await becomes(async () => (await ids(page))[3], "visit-901");
    await becomes(() => page.title(), "Haarlem"); // What was seen is not counted.
    await page.close();
  });

  await t.step("while the page is scrolled new visits wait behind the pill, and nothing moves", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    double.visits = dayOfVisits(now - 10 * MINUTE_MS, 40);
    const page = await web.page();
    await openScrolled(page, double.url);
    const top = `document.querySelector('[data-id="visit-20"]').getBoundingClientRect().top`;
    const before = await page.evaluate(top);
    double.arrive(visitAt(now, 900), visitAt(now + 1, 901));
    await showsText(page, ".pill", "2 new");
    double.arrive(visitAt(now + 2, 902), visitAt(now, 900, { pictures: 2 }));
    await showsText(page, ".pill", "3 new");
    await showsText(page, ".day-head", "43 visits");
    assert.equal(await page.evaluate(top), before);
    await shows(page, `document.title === "(3) Haarlem"`);
    await page.click(".pill");
    await shows(page, `scrollY === 0 && document.querySelector("li[data-id]").dataset.id === "visit-902"`);
    await shows(page, `!document.querySelector(".pill")`);
    await showsCards(page, 10);
    await page.close();
  });

  await t.step("a visit that gets a better picture changes its card", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    double.visits = [visitAt(now - MINUTE_MS, 1)];
    const page = await web.page();
    await openLive(page, double.url);
    await page.focus("li a");
    double.arrive(visitAt(now - MINUTE_MS, 1, { pictures: 3, detections: 52 }));
    await showsText(page, ".count", "3");
    await showsText(page, "li", "52 detections · 3 s");
    assert.equal((await ids(page)).length, 1);
    await shows(page, `document.activeElement.closest("li")?.dataset.id === "visit-1"`);
    await page.close();
  });

  await t.step("deleted pictures leave the page, the open dialog and the selection at once", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    double.visits = [visitAt(now - MINUTE_MS, 1, { pictures: 2 }), visitAt(now - 2 * MINUTE_MS, 2)];
    const page = await web.page();
    await openLive(page, double.url, 2);
    await page.click("li a");
    await shows(page, `document.querySelectorAll(".film button").length === 2`);
    const [first, second] = double.visits[0].faces.map(({ key }) => key);
    double.remove([second]);
    await showsText(page, ".sentence", "One picture was sent.");
    await shows(page, `!document.querySelector(".count")`);
    double.remove([first]);
    await shows(page, `!document.querySelector("dialog[open]")`);
    await showsText(page, ".toast", "This face was deleted");
    await shows(page, `document.querySelectorAll("li[data-id]").length === 1`);
    await becomes(() => ids(page), ["visit-2"]);
    await showsText(page, ".day-head", "1 visit");
    await showsQuery(page, "");
    await page.close();
  });

  await t.step("a late visit of a day that had none adds that day in its place", async () => {
    await using double = new GalleryDouble();
    double.visits = [visitAt(noon(0), 1), visitAt(noon(3), 2)];
    const page = await web.page();
    await page.setViewport({ width: 1280, height: 3000 }); // Cards exist near the window only.
    await openLive(page, double.url, 2);
    double.arrive(visitAt(noon(1), 3)); // between the days of the page
    await becomes(() => ids(page), ["visit-1", "visit-3", "visit-2"]);
    double.arrive(visitAt(noon(400), 4)); // before all of them
    await becomes(() => ids(page), ["visit-1", "visit-3", "visit-2", "visit-4"]);
    double.visits = [...double.visits, visitAt(noon(2), 5), visitAt(noon(500), 6)].sort((a, b) =>
      b.ms - a.ms
    );
    double.send("index", { from: noon(500), to: noon(2) + 1 });
    await becomes(() => ids(page), ["visit-1", "visit-3", "visit-5", "visit-2", "visit-4", "visit-6"]);
    await shows(page, `document.querySelectorAll(".day").length === 6`);
    await page.close();
  });

  await t.step("a late visit of another day moves nothing while the page is scrolled", async () => {
    await using double = new GalleryDouble();
    double.visits = [visitAt(noon(0), 1), ...dayOfVisits(noon(3), 40, { first: 10 })];
    const page = await web.page();
    await openScrolled(page, double.url);
    const top = `document.querySelector('[data-id="visit-20"]').getBoundingClientRect().top`;
    const before = await page.evaluate(top);
    double.arrive(visitAt(noon(1), 3), visitAt(noon(8), 4));
    await showsText(page, ".pill", "1 new");
    assert.equal(await page.evaluate(top), before);
    await page.click(".pill");
    await shows(page, "scrollY === 0");
    await becomes(async () => (await texts(page, ".day h2")).slice(0, 2), ["Today", "Yesterday"]);
    await page.evaluate("scrollTo(0, 400)");
    await shows(page, `document.querySelector('[data-id="visit-3"]')`);
    await page.evaluate("scrollTo(0, 100_000)");
    await shows(page, `document.querySelector('[data-id="visit-4"]')`);
    await page.close();
  });

  await t.step("the first visit of all takes the place of the empty state", async () => {
    await using double = new GalleryDouble();
    const page = await web.page();
    await page.goto(double.url);
    await showsText(page, "#empty", "No faces yet");
    await showsLive(page);
    double.arrive(visitAt(Date.now(), 1));
    await showsCards(page);
    await shows(page, `document.querySelector("#empty").hidden`);
    await page.close();
  });

  await t.step("visits that the gallery finds in its store later appear", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    double.isComplete = false;
    double.visits = [visitAt(now - MINUTE_MS, 1)];
    const page = await web.page();
    await openLive(page, double.url);
    await showsText(page, ".day-head", "still counting");
    double.isComplete = true;
    double.visits = [...double.visits, ...dayOfVisits(now - 5 * MINUTE_MS, 6, { first: 10 })];
    double.send("index", { from: now - 86_400_000, to: now });
    await shows(page, `document.querySelectorAll("li[data-id]").length === 7`);
    await shows(page, `!document.querySelector(".day-head").innerText.includes("still counting")`);
    await page.close();
  });

  await t.step("after an outage the page shows what came meanwhile, by itself", async () => {
    const double = new GalleryDouble();
    const now = Date.now();
    double.visits = [visitAt(now - MINUTE_MS, 1)];
    const page = await web.page();
    await openLive(page, double.url);
    await double.stop();
    await showsText(page, "#live", "Not connected");
    await using again = new GalleryDouble({ port: double.port });
    again.visits = [visitAt(now, 2), ...double.visits];
    await showsText(page, "#live", "Live");
    await shows(page, `document.querySelectorAll("li[data-id]").length === 2`);
    await shows(page, `!document.querySelector(".notice.caution")`);
    await page.close();
  });

  await t.step("a request that failed is repeated, and the notice ends without an event", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    double.visits = [visitAt(now - MINUTE_MS, 1)];
    const page = await web.page();
    await openLive(page, double.url);
    double.trouble = "access denied";
    double.send("index", { from: now - 86_400_000, to: now });
    await showsText(page, "#live", "Store away");
    double.trouble = null;
    await showsText(page, "#live", "Live");
    await shows(page, `!document.querySelector(".notice.bad")`);
    await page.close();
  });

  await t.step("a store that was away answers again", async () => {
    await using double = new GalleryDouble();
    double.trouble = "access denied";
    const page = await web.page();
    await page.goto(double.url);
    await showsText(page, "#live", "Store away");
    double.trouble = null;
    double.visits = [visitAt(Date.now(), 1)];
    double.send("trouble", null);
    double.send("ready", {});
    await showsCards(page);
    await showsText(page, "#live", "Live");
    await page.close();
  });
});

Deno.test("visits since the last look", inBrowser, async (t) => {
  await using web = await Web.start();
  const now = Date.now();
  const visits = [1, 2, 3, 4, 5].map((number) => visitAt(now - number * MINUTE_MS, number));

  await t.step(
    "they have a dot and are counted in banner and title until they are marked as seen",
    async () => {
      await using double = new GalleryDouble();
      double.visits = visits;
      const page = await web.page({ lookedMs: now - 2.5 * MINUTE_MS - 5 * MINUTE_MS });
      double.visits = visits.map((visit, index) =>
        index < 2 ? visit : { ...visit, ms: visit.ms - 10 * MINUTE_MS }
      );
      await page.goto(double.url);
      await showsText(page, ".since", "2 visits");
      await shows(page, `document.title === "(2) Haarlem"`);
      await shows(page, `document.querySelectorAll(".fresh").length === 2`);
      await page.reload();
      await showsText(page, ".since", "2 visits");
      await page.click(".since button:last-child");
      await shows(page, `!document.querySelector(".since") && !document.querySelector(".fresh")`);
      await shows(page, `document.title === "Haarlem"`);
      await page.reload();
      await showsCards(page, 5);
      await shows(page, `!document.querySelector(".since")`);
      await page.close();
    },
  );

  await t.step("Show only these hides the others, and the URL says so", async () => {
    await using double = new GalleryDouble();
    double.visits = visits.map((visit, index) =>
      index < 2 ? visit : { ...visit, ms: visit.ms - 10 * MINUTE_MS }
    );
    const page = await web.page({ lookedMs: now - 8 * MINUTE_MS });
    await page.goto(double.url);
    await showsText(page, ".since", "2 visits");
    await page.click(".since button");
    await shows(page, `document.querySelectorAll("li[data-id]").length === 2`);
    await showsQuery(page, `?since=${now - 8 * MINUTE_MS}`);
    await showsText(page, ".since", "Show all");
    // The link shows the same in a browser that has looked since.
    const other = await web.page({ lookedMs: now });
    await other.goto(page.url());
    await showsText(other, ".since", "Only visits since");
    await becomes(() => ids(other), ["visit-1", "visit-2"]);
    await other.click(".since button");
    await becomes(async () => (await ids(other)).length, 5);
    await shows(other, `!document.querySelector(".since")`);
    await other.close();
    await page.goBack();
    await shows(page, `document.querySelectorAll("li[data-id]").length === 5`);
    await showsText(page, ".since", "Show only these");
    await page.close();
  });
});
