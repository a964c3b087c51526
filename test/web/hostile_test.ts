/** Texts and answers that somebody made to do harm, or that are broken: the page shows them as text and stays whole. */
import assert from "node:assert/strict";
import { GalleryDouble, type Visit } from "./double.ts";
import { cameraOf, MINUTE_MS, visitAt } from "./visits.ts";
import { DESK, inBrowser, openLive, PHONE, review, shows, showsText, texts, Web } from "./web.ts";

const MARKUP = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const DIRECTION = "front\u202egnp.exe\u200b";
const LONG = "x".repeat(5_000);

function hostile(now: number): Visit[] {
  return [MARKUP, DIRECTION, LONG, "javascript:alert(1)", "\ud800"].map((text, number) => {
    const visit = visitAt(now - number * MINUTE_MS, number + 1);
    return { ...visit, id: `${number}${text}`, camera: text, device: text };
  });
}

for (const [view, options] of [["desk_light", DESK], ["phone_dark", PHONE]] as const) {
  Deno.test(`hostile metadata are text: ${view}`, inBrowser, async (t) => {
    await using web = await Web.start();

    await t.step("on cards, chips, in the dialog and in the line of cameras", async () => {
      await using double = new GalleryDouble();
      const now = Date.now();
      double.visits = hostile(now);
      double.store = double.session.name = MARKUP;
      double.cameras = {
        broker: "connected",
        cameras: [
          cameraOf(MARKUP, { state: "trouble", reason: `${MARKUP}${LONG}` }),
          cameraOf(LONG, { device: LONG }),
        ],
      };
      double.facts = {
        device: MARKUP,
        box: { width: "wide" },
        frame: null,
        clock: { synchronised: MARKUP, corrected: { byMs: "much" } },
        model: `${MARKUP}${LONG}`,
        detectionScore: "certain",
      };
      const page = await web.page(options);
      await openLive(page, double.url, 5);
      await review(page, `hostile_${view}`);
      const names = await texts(page, ".where");
      assert.equal(names[0], MARKUP.slice(0, 200));
      assert.doesNotMatch(names.join(), /[\u202e\u200b\ud800]/);
      await page.click("li a");
      await showsText(page, ".facts dd", MARKUP.slice(0, 20));
      await review(page, `hostile_face_${view}`);
      await page.goto(`${double.url}cameras`);
      await showsText(page, "#table", MARKUP);
      await review(page, `hostile_cameras_${view}`);
      assert.equal(await page.$("img[src=x], script:not([src])"), null);
      assert.doesNotMatch(await page.title(), /owned/);
      await page.close();
    });

    await t.step("in the URL", async () => {
      await using double = new GalleryDouble();
      double.visits = hostile(Date.now());
      const page = await web.page(options);
      const query = new URLSearchParams({
        camera: MARKUP,
        face: MARKUP,
        quarter: "1e9",
        day: MARKUP,
        since: MARKUP,
      });
      await page.goto(`${double.url}?${query}`);
      await showsText(page, ".toast", "This face cannot be shown");
      await showsText(page, ".chip", "<img src=x");
      assert.equal(await page.$("img[src=x]"), null);
      await page.goto(`${double.url}cameras?${new URLSearchParams({ state: MARKUP, find: MARKUP })}`);
      await showsText(page, "#table", "The gallery watches no cameras.");
      assert.doesNotMatch(await page.title(), /owned/);
      await page.close();
    });

    await t.step("visits without pictures and without a best one", async () => {
      await using double = new GalleryDouble();
      const now = Date.now();
      const whole = visitAt(now, 1);
      double.visits = [whole, { ...visitAt(now - 1, 2), best: 7 }, { ...visitAt(now - 2, 3), faces: [] }];
      const page = await web.page(options);
      await openLive(page, double.url, 2);
      await page.click("li:nth-child(2) a");
      await shows(page, `document.querySelector("dialog.face").open`);
      double.send("visits", [{ ...visitAt(now + 1, 4), faces: [] }]);
      double.arrive(visitAt(now + 2, 5));
      await shows(page, `document.querySelector("li[data-id]").dataset.id === "visit-5"`);
      await page.close();
    });
  });
}
