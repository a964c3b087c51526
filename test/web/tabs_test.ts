/** Many tabs of one browser: it opens at most six connections to a server over HTTP/1.1, for all of them together. */
import { GalleryDouble } from "./double.ts";
import { dayOfVisits, MINUTE_MS, visitAt } from "./visits.ts";
import { inBrowser, shows, showsCards, showsLive, Web } from "./web.ts";

const TABS = 9;

Deno.test("every tab shows its cards, and new visits once it is looked at", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  double.visits = dayOfVisits(Date.now() - 10 * MINUTE_MS, 5);
  const first = await web.page();
  const pages = [first];
  while (pages.length < TABS) pages.push(await first.browserContext().newPage());
  for (const page of pages) {
    await page.bringToFront();
    await page.goto(double.url, { waitUntil: "domcontentloaded" });
    await showsCards(page, 5);
    await showsLive(page);
  }
  double.arrive(visitAt(Date.now(), 900));
  await first.bringToFront();
  await shows(first, `document.querySelector("li[data-id]").dataset.id === "visit-900"`);
});
