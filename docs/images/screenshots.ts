/**
 * `deno task screenshots`: takes the pictures of the pages that stand in README and docs, from the real pages in
 * Chromium. The visits are made from the project's public-domain portraits; the cameras come from the test double, since
 * nothing here has three boards. The aiming page is that of a detector that watches the scene of the sample.
 */
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { writeFace } from "../../lib/face/face_file.ts";
import { DEFAULT_KEY, KeyTemplate } from "../../lib/face/object_key.ts";
import { openFolderStore } from "../../lib/store/folder_store.ts";
import { saveFace } from "../../lib/store/save_face.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { answerHelp } from "../../lib/program/usage.ts";
import { startGallery } from "../../test/end_to_end/gallery_page.ts";
import { GalleryDouble, type Visit } from "../../test/web/double.ts";
import { RunningProgram } from "../../test/servers/run_program.ts";
import { pictureOf } from "../../test/web/pictures.ts";
import { dayOfVisits, MINUTE_MS, threeCameras } from "../../test/web/visits.ts";
import { shows, showsCards, Web } from "../../test/web/web.ts";

answerHelp(
  "deno task screenshots\nTakes the pictures of README and docs in Chromium, and writes them to docs/images.",
);

const FOLDER = import.meta.dirname!;
const TOKEN = "3f9c1b7e5a2d4806";
const VISITS = 26;

/** Saves all pictures of a visit as a saver does. */
async function save(folder: string, visit: Visit, number: number): Promise<void> {
  const store = openFolderStore(folder);
  for (const [index, { ms, why, score }] of visit.faces.entries()) {
    const picture = pictureOf(number + 15 * index);
    const box = { x: 500, y: 200, width: 79, height: 79 };
    const file = writeFace(picture, {
      camera: visit.camera,
      device: "porch",
      captured: new Date(ms).toISOString(),
      epoch: "0c9d3a51b2e4f687",
      sequence: number * 10 + index + 1,
      box,
      crop: { x: 444, y: 144, width: picture.width, height: picture.height },
      frame: { width: 1280, height: 720 },
      score: Math.min(0.9, (score ?? 0.5) + 0.1),
      sharpness: 0.71,
      detectionScore: 0.93,
      model: "face_detection_yunet_2023mar",
      settings: {},
      clock: { synchronised: "yes", bootId: "b4b38f5f00484098b55946a812fa4c51", monotonicMs: ms % 1e8 },
      ...(visit.detections !== null && {
        visit: {
          number: number + 1,
          detections: visit.detections,
          began: new Date(visit.began).toISOString(),
          last: new Date(visit.last).toISOString(),
          why: why ?? "first",
        },
      }),
    });
    const { signal } = new AbortController();
    await saveFace(store, file, { template: new KeyTemplate(DEFAULT_KEY), arrivedMs: ms, signal });
  }
}

async function take(page: Page, name: string): Promise<void> {
  const path = join(FOLDER, name);
  await page.screenshot({ path: path as `${string}.webp`, type: "webp", quality: 82 });
  console.log(`${name}: ${Math.round((await Deno.stat(path)).size / 1024)} KiB`);
}

const now = Date.now();
const visits = dayOfVisits(now - 2 * MINUTE_MS, VISITS);
using folder = new TempFolder();
for (const [number, visit] of visits.entries()) await save(folder.path, visit, number);
await using gallery = await startGallery(["--store", folder.path, "--allow", "delete"], {
  HAARLEM_TOKEN: TOKEN,
});
await using web = await Web.start();

const page = await web.page({ lookedMs: now - 100 * MINUTE_MS });
await page.goto(`${gallery.url}login`);
await page.type("#token", TOKEN);
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
await showsCards(page, 12);
await shows(
  page,
  `document.querySelector(".day-head").innerText.includes("${VISITS} visits") &&
  !document.querySelector(".day-head").innerText.includes("still counting")`,
);
await showsCards(page, 12);
await take(page, "gallery.webp");
await page.click("li.many a");
await shows(
  page,
  `document.querySelectorAll(".facts dt").length > 6 &&
    [...document.querySelectorAll(".face img")].every((one) => one.complete && one.naturalWidth > 0)`,
);
await take(page, "face.webp");

await using double = new GalleryDouble();
double.visits = visits;
double.cameras = { broker: "connected", cameras: threeCameras() };
const cameras = await web.page();
await cameras.setViewport({ width: 1280, height: 420 });
await cameras.goto(`${double.url}cameras`);
await shows(cameras, `document.querySelectorAll(".chart").length === 3`);
await take(cameras, "cameras.webp");

await using detector = new RunningProgram("detector", [
  ...["--source", "sample:yard", "--camera", "yard", "--preview", "127.0.0.1:0", "--out", folder.at("aim")],
], { env: { HAARLEM_FACES: "best", HAARLEM_MOTION: "" } });
const [, aimUrl] = await detector.printed(/aiming page of yard at (\S+)/);
const aim = await web.page();
await aim.setViewport({ width: 1280, height: 860 });
await aim.goto(aimUrl);
await shows(
  aim,
  `document.querySelectorAll("#boxes .counts").length > 0 && document.querySelector("#unsent li")`,
);
await take(aim, "aim.webp");
