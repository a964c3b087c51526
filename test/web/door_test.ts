/** Login and shared faces, with the real gallery: pictures for review, and accessibility. */
import { FaceFolder, NOON_MS, startGallery } from "../end_to_end/gallery_page.ts";
import { inBrowser, review, shows, showsQuery, showsText, VIEWS, Web } from "./web.ts";

const TOKEN = "3f9c1b7e5a2d4806";
/** Five hours behind UTC, also when the clocks of New York change. */
const zone = "Etc/GMT+5";

for (const [view, options] of VIEWS.filter(([view]) => view === "desk_light" || view === "phone_dark")) {
  Deno.test(`login, logout and a shared face: ${view}`, inBrowser, async () => {
    using faces = new FaceFolder();
    const key = await faces.save(NOON_MS);
    await using gallery = await startGallery(["--store", faces.path], { HAARLEM_TOKEN: TOKEN });
    await using web = await Web.start();
    const page = await web.page({ ...options, zone });
    const day = "?day=2026-01-31";
    await page.goto(`${gallery.url}${day}`);
    await shows(page, `document.activeElement.id === "token"`);
    await shows(page, `document.querySelector(".reveal button") !== null`);
    await review(page, `login_${view}`);
    await page.keyboard.type("wrong-token");
    await page.click(".reveal button");
    await shows(
      page,
      `document.querySelector("#token").type === "text" && document.querySelector("#token").value === "wrong-token"`,
    );
    await Promise.all([page.waitForNavigation(), page.click("[type=submit]")]);
    await showsText(page, "#message", "This is not the token. 9 attempts are left.");
    await shows(page, `document.querySelector("#token").getAttribute("aria-invalid") === "true"`);
    await review(page, `login_wrong_${view}`);
    await page.type("#token", TOKEN);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    await shows(page, `document.querySelectorAll("li[data-id]").length === 1`);
    await showsQuery(page, day);

    const { url } = await page.evaluate(
      `fetch("api/share", { method: "POST", body: JSON.stringify({ key: ${
        JSON.stringify(key)
      }, hours: 24 }) }).then((it) => it.json())`,
    ) as { url: string };
    const stranger = await web.page({ ...options, zone });
    await stranger.goto(`${gallery.url}${url}`);
    await showsText(stranger, "h1", "7:00 AM");
    // In the afternoon a link of 24 hours ends tomorrow; at midnight it may have been made yesterday.
    const other = await web.page(options);
    await other.goto(stranger.url());
    await showsText(other, ".expiry", "It expires tomorrow at ");
    await other.close();
    await shows(stranger, `document.querySelector("figure img").naturalWidth > 0`);
    await review(stranger, `share_${view}`);
    await stranger.goto(`${gallery.url}share/none`);
    await showsText(stranger, "h1", "This link leads to no face.");
    await review(stranger, `share_ended_${view}`);
    await stranger.close();

    await shows(page, `document.querySelector(".about button") !== null`);
    await Promise.all([page.waitForNavigation(), page.click(".about button")]);
    await shows(page, `document.activeElement.id === "token"`);
    await page.close();
  });
}
