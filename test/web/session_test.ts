/** A session that ends while a page is open: by its time, by the logout of another tab, by another token. */
import { noon } from "../servers/afternoon.ts";
import { AimDouble } from "./aim_double.ts";
import { GalleryDouble } from "./double.ts";
import { dayOfVisits } from "./visits.ts";
import { inBrowser, shows, showsLive, showsQuery, showsText, Web } from "./web.ts";

Deno.test("a page whose session ends goes to the login, with the way back", inBrowser, async (t) => {
  await using web = await Web.start();

  for (const path of ["?camera=front&day=2026-11-20", "cameras?state=good"]) {
    await t.step(`/${path}`, async () => {
      await using double = new GalleryDouble();
      double.visits = dayOfVisits(noon(0), 4);
      const page = await web.page();
      await page.goto(double.url + path);
      await showsLive(page);
      // No request but that of the stream: a second after it was open, the page asks for counts.
      await page.waitForNetworkIdle({ idleTime: 1_500, concurrency: 1 });
      double.logOut();
      await shows(page, `location.pathname === "/login"`);
      await showsQuery(page, `?${new URLSearchParams({ next: path })}`);
      await page.close();
    });
  }

  await t.step("the aiming page", async () => {
    const token = "9f86d081884c7d65";
    await using double = new AimDouble({ token });
    const page = await web.page();
    await page.goto(`${double.url}?min=80`);
    await page.type("#token", token);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    await showsText(page, "#live", "pictures/s");
    await page.evaluate(`void fetch("logout", { method: "POST" })`);
    await shows(page, `location.pathname === "/login"`);
    await showsQuery(page, "?next=%3Fmin%3D80");
    await page.close();
  });
});
