/** Downloads that the gallery refuses: the page stays, and says why. */
import assert from "node:assert/strict";
import { until } from "../../lib/testing/until.ts";
import { json, plain } from "../../lib/web/responses.ts";
import { noon } from "../servers/afternoon.ts";
import { GalleryDouble } from "./double.ts";
import { visitAt } from "./visits.ts";
import { inBrowser, openLive, shows, showsText, texts, Web } from "./web.ts";

Deno.test("a download that is refused", inBrowser, async (t) => {
  await using web = await Web.start();
  await using double = new GalleryDouble();
  double.visits = [1, 2].map((number) => visitAt(noon(0) - number, number));

  await t.step("a zip: the selection stays, and a second try downloads it", async () => {
    const page = await web.page();
    await openLive(page, double.url, 2);
    await page.click("#select");
    for (const number of [1, 2]) await page.click(`[data-id="visit-${number}"] a`);
    await showsText(page, ".actions", "2 visits");
    const answer = { error: "these faces are larger than 4 GiB together", hint: "use fewer faces" };
    double.other = { paths: /zip$/, answer: () => json(answer, 413) };
    await page.click("#zip");
    await showsText(page, ".toast", `No zip: ${answer.error}. Try: ${answer.hint}`);
    assert.equal(page.url(), double.url);
    assert.equal((await texts(page, ".actions b"))[0], "2 visits");
    double.other.paths = /^$/;
    await page.click("#zip");
    await until(() => double.changes.length > 1, "the page asks for the zip, and then for the file");
    await page.close();
  });

  await t.step("a zip that is prepared: a second click starts no second one", async () => {
    const page = await web.page();
    await openLive(page, double.url, 2);
    await page.click("#select");
    await page.click('[data-id="visit-1"] a');
    await showsText(page, ".actions", "1 visit ");
    const checked = Promise.withResolvers<void>();
    double.late = { paths: /zip$/, until: checked.promise };
    const before = double.requests.length;
    await page.click("#zip");
    await showsText(page, ".toast", "Preparing the zip …");
    await page.click("#zip");
    checked.resolve();
    const downloads = () => double.requests.slice(before).filter((request) => request.includes("zip"));
    await until(() => downloads().includes("POST /api/zip?checked"), "the browser downloads the file");
    assert.deepEqual(downloads(), ["POST /api/zip", "POST /api/zip?checked"]);
    await page.close();
  });

  await t.step("a picture", async () => {
    const page = await web.page();
    await openLive(page, double.url, 2);
    await page.click('[data-id="visit-1"] a');
    await shows(page, `document.querySelector("dialog[open] .view img")?.complete`);
    const address = page.url();
    const failure = plain("cannot read the face: access denied", 503);
    double.other = { paths: /^\/faces/, answer: () => failure };
    await page.click(".acts a.button");
    await showsText(page, ".toast", "No download: cannot read the face: access denied");
    assert.equal(page.url(), address);
    const modes: (string | null)[] = [];
    double.other.answer = ({ headers }) => {
      modes.push(headers.get("sec-fetch-mode"));
      return plain("a file");
    };
    await page.click(".acts a.button");
    await until(() => modes.includes("navigate"), "the browser downloads the file");
    await page.close();
  });
});
