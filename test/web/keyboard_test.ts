/** The page without a mouse, and what a browser needs to install it. */
import assert from "node:assert/strict";
import { GalleryDouble } from "./double.ts";
import { dayOfVisits, MINUTE_MS, threeCameras } from "./visits.ts";
import { inBrowser, openLive, shows, Web } from "./web.ts";

/** A short name of what has the focus. */
const FOCUSED = `(() => {
  const one = document.activeElement;
  const { id, className } = one;
  return id || one.closest("li")?.dataset.id || (one.closest(".bars") ? "bar" : "") || one.dataset.camera ||
    className || one.innerText;
})()`;

Deno.test("Tab reaches everything in the order of the page, and each has a ring", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  double.visits = dayOfVisits(Date.now() - MINUTE_MS, 12);
  double.cameras = { broker: "connected", cameras: threeCameras() };
  const page = await web.page({ lookedMs: Date.now() - 30 * MINUTE_MS });
  await openLive(page, double.url, 12);
  // All that a key reaches is there, in its place.
  await shows(
    page,
    `document.querySelector(".since") !== null && !document.querySelector("#cameras").hidden`,
  );
  const reached: string[] = [];
  for (let count = 0; count < 20; count++) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(FOCUSED) as string);
    const ring = await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`);
    assert.equal(ring, "solid", reached.join(", "));
  }
  const order = [
    "skip",
    "brand",
    "Visits",
    "Cameras",
    "older-day",
    "pick-day",
    "cameras",
    "front",
    "select",
    "bar",
    "visit-0",
    "visit-1",
  ];
  let last = -1;
  for (const name of order) {
    const at = reached.indexOf(name);
    assert.ok(at > last, `${name} in ${reached.join(", ")}`);
    last = at;
  }
  assert.equal(reached.filter((name) => name === "bar").length, 1, "the strip is one tab stop");
  await page.close();
});

Deno.test("the strip moves by arrows, and Enter jumps", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  double.visits = dayOfVisits(Date.now() - MINUTE_MS, 8);
  const page = await web.page();
  await openLive(page, double.url, 8);
  const bars = await page.$$eval(".bars button", ({ length }) => length);
  assert.ok(bars > 2);
  await page.focus('.bars [tabindex="0"]');
  await page.keyboard.press("Home");
  await shows(page, `document.activeElement === document.querySelector(".bars button")`);
  await page.keyboard.press("ArrowRight");
  await shows(page, `document.activeElement === document.querySelectorAll(".bars button")[1]`);
  await shows(page, `!document.querySelector(".tip").hidden`);
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await shows(page, `document.activeElement.closest("li")?.dataset.id === "visit-0"`);
  await page.close();
});

Deno.test("the skip link leads past the head", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  double.visits = dayOfVisits(Date.now() - MINUTE_MS, 3);
  const page = await web.page();
  await openLive(page, double.url, 3);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await shows(page, `document.activeElement.id === "visits"`);
  await page.close();
});

Deno.test("a browser can install the page", inBrowser, async () => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  const page = await web.page();
  await page.goto(double.url);
  const client = await page.createCDPSession();
  const { errors, data } = await client.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const { icons, display } = JSON.parse(data!);
  assert.equal(display, "standalone");
  for (const { src, sizes } of icons.filter(({ type }: { type: string }) => type === "image/png")) {
    const size = await page.evaluate(
      `new Promise((done) => Object.assign(new Image(), { src: ${
        JSON.stringify(src)
      }, onload: (event) => done(event.target.width) }))`,
    );
    assert.equal(`${size}x${size}`, sizes);
  }
  const { installabilityErrors } = await client.send("Page.getInstallabilityErrors");
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"), []);
  await client.detach();
  await page.close();
});
