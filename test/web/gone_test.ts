/** Pictures that were deleted while the event stream was closed, or with too many others for one event. */
import assert from "node:assert/strict";
import { noon } from "../servers/afternoon.ts";
import { GalleryDouble } from "./double.ts";
import { dayOfVisits, MINUTE_MS, visitAt } from "./visits.ts";
import { becomes, ids, inBrowser, openLive, openScrolled, shows, showsText, Web } from "./web.ts";

Deno.test("pictures that were deleted while no event told of it", inBrowser, async (t) => {
  await using web = await Web.start();

  await t.step("leave a page that is scrolled, which stays where it is", async () => {
    await using double = new GalleryDouble();
    const visits = dayOfVisits(noon(0), 40);
    double.visits = visits;
    const page = await web.page();
    await openScrolled(page, double.url);
    const names = visits.map(({ id }) => id);
    await becomes(() => ids(page), names);
    double.visits = visits.slice(0, -3);
    double.send("ready", {});
    await becomes(() => ids(page), names.slice(0, -3));
    assert.equal(await page.evaluate("scrollY"), 900);
    await page.close();
  });

  await t.step("close their dialog, and leave the selection and the banner", async () => {
    await using double = new GalleryDouble();
    const now = Date.now();
    const visits = Array.from({ length: 6 }, (_, index) => visitAt(now - (index + 1) * MINUTE_MS, index));
    double.visits = visits;
    const page = await web.page({ lookedMs: now - 60 * MINUTE_MS });
    await openLive(page, double.url, 6);
    await showsText(page, ".since", "6 visits");
    await page.click('[data-id="visit-1"] a');
    await shows(page, `document.querySelector("dialog[open]")`);
    double.visits = visits.slice(4);
    double.send("ready", {});
    await shows(page, `!document.querySelector("dialog[open]")`);
    await showsText(page, ".toast", "This face was deleted");
    await showsText(page, ".since", "2 visits");
    await page.click("#select");
    for (const number of [4, 5]) await page.click(`[data-id="visit-${number}"] a`);
    await showsText(page, ".actions", "2 visits");
    double.visits = visits.slice(5);
    double.send("ready", {});
    await showsText(page, ".actions", "1 visit ");
    await page.close();
  });
});
