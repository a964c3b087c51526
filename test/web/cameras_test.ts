/** The page of cameras: none, three and a hundred boards, filters, changes, accessibility. */
import assert from "node:assert/strict";
import { type Camera, GalleryDouble } from "./double.ts";
import { cameraOf, dayOfVisits, hundredCameras, MINUTE_MS, threeCameras } from "./visits.ts";
import {
  becomes,
  inBrowser,
  review,
  shows,
  showsLive,
  showsText,
  texts,
  type View,
  VIEWS,
  Web,
} from "./web.ts";

const names = `[...document.querySelectorAll("tbody b")].map((name) => name.innerText)`;

/** A gallery with these cameras, and visits of the first three. */
function watching(cameras: Camera[], broker: "connected" | "away" | "none" = "connected"): GalleryDouble {
  const double = new GalleryDouble();
  double.cameras = { broker, since: Date.now() - 5 * MINUTE_MS, cameras };
  double.visits = dayOfVisits(Date.now() - MINUTE_MS, 40).map((visit, index) => ({
    ...visit,
    camera: index < 30 ? visit.camera : "dock-01",
  }));
  return double;
}

for (const [view, options] of VIEWS.filter(([view]) => view === "desk_light" || view === "phone_dark")) {
  Deno.test(`the page of cameras: ${view}`, inBrowser, async (t) => {
    await using web = await Web.start();
    const open = async (double: GalleryDouble, look: View = options) => {
      const page = await web.page(look);
      await page.goto(`${double.url}cameras`);
      return page;
    };

    await t.step("three cameras, the one in trouble first", async () => {
      await using double = watching(threeCameras());
      const page = await open(double);
      await showsText(page, "h1", "3 cameras");
      await showsText(page, "#sum", "1 in trouble · updated");
      await becomes(() => page.evaluate(names), ["garage", "front", "yard"]);
      await showsText(page, "tr.trouble", "no frame for 4 min");
      await shows(page, `document.querySelectorAll(".chart").length === 3`);
      await review(page, `cameras_3_${view}`);
      await page.close();
    });

    await t.step("a hundred boards, with filter and search in the URL", async () => {
      await using double = watching(hundredCameras());
      const page = await open(double);
      await showsText(page, "h1", "100 cameras");
      await showsText(page, "#sum", "3 in trouble, 3 with a warning");
      await shows(page, `document.querySelectorAll("tbody tr").length === 100`);
      await shows(page, `document.querySelectorAll(".chart").length > 1`);
      await review(page, `cameras_100_${view}`);
      const charts = double.requests.filter((request) => request.includes("/api/day")).length;
      assert.ok(charts < 60, `${charts} requests: one for each row in the window`);
      await page.click('[data-state="trouble"]');
      await shows(page, `document.querySelectorAll("tbody tr").length === 3`);
      await page.click('[data-state=""]');
      await page.type("#words", "dock-1");
      await shows(page, `document.querySelectorAll("tbody tr").length === 11`);
      await page.reload();
      await shows(page, `document.querySelectorAll("tbody tr").length === 11`);
      await page.type("#words", "nowhere");
      await showsText(page, "#table", "No camera matches.");
      await page.close();
    });

    await t.step("a camera that fails while the page is open", async () => {
      await using double = watching(threeCameras().slice(0, 2));
      const page = await open(double);
      await showsText(page, "h1", "2 cameras");
      await showsLive(page);
      double.send("cameras", [
        cameraOf("front", { state: "trouble", reason: "the detector hangs" }),
        cameraOf("yard"),
      ]);
      await showsText(page, "tr.trouble", "the detector hangs");
      double.send("broker", { broker: "away", since: Date.now() });
      await showsText(page, "#notices", "The broker does not answer since");
      double.send("cameras", [cameraOf("yard")]);
      await shows(page, `document.querySelectorAll("tbody tr").length === 1`);
      await showsText(page, "#notices", "The broker does not answer since");
      double.send("broker", { broker: "connected", since: Date.now() });
      await shows(page, `document.querySelector("#notices").childElementCount === 0`);
      await page.close();
    });

    await t.step("without a broker, with one that is away, and without cameras", async () => {
      await using none = watching([], "none");
      let page = await open(none);
      await showsText(page, "#table", "haarlem gallery --broker mqtt://BROKER");
      await review(page, `cameras_no_broker_${view}`);
      await page.close();
      await using away = watching(threeCameras(), "away");
      page = await open(away);
      await showsText(page, "#notices", "The broker does not answer since");
      await review(page, `cameras_away_${view}`);
      await away.stop();
      await showsText(page, "#notices", "The gallery does not answer since");
      await page.close();
      await using empty = watching([]);
      page = await open(empty);
      await showsText(page, "#table", "No detector has reported to this broker so far.");
      await page.close();
    });
  });
}

Deno.test("the line of cameras shows a dead camera without a click", inBrowser, async () => {
  await using web = await Web.start();
  await using double = watching(hundredCameras());
  for (const phone of [false, true]) {
    const page = await web.page({ phone });
    await page.goto(double.url);
    await showsText(page, "#cameras", "dock-07");
    assert.match((await texts(page, "#cameras li"))[0].replace(/\s+/g, " "), /Trouble: ?dock-07 offline/);
    const isSeen = `(() => {
      const box = document.querySelector("#cameras li").getBoundingClientRect();
      return box.top >= 0 && box.bottom < innerHeight && box.left >= 0 && box.right <= innerWidth;
    })()`;
    assert.equal(await page.evaluate(isSeen), true);
    await showsText(page, "#cameras", "and 88 more");
    await showsLive(page);
    double.send("broker", { broker: "away", since: Date.now() });
    await showsText(page, "#cameras", "does not answer since");
    assert.equal(
      (await texts(page, "#cameras li")).length,
      1,
      "what the cameras reported before is not of now",
    );
    double.send("broker", { broker: "connected", since: Date.now() });
    await showsText(page, "#cameras", "dock-07");
    await page.close();
  }
});
