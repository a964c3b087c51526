/** Every state of the page of visits, light and dark, on a desk and on a phone: pictures for review, and axe-core. */
import type { Page } from "puppeteer-core";
import { quarterOf } from "../servers/afternoon.ts";
import { GalleryDouble } from "./double.ts";
import { cameraOf, DAY_MS, dayOfVisits, MINUTE_MS, threeCameras, visitAt } from "./visits.ts";
import { inBrowser, review, shows, showsCards, showsLive, showsText, type View, VIEWS, Web } from "./web.ts";

/** A state: how the gallery is, and what is done on the page. */
interface State {
  readonly name: string;
  readonly double?: (double: GalleryDouble) => void;
  /** Path and query of the page. */
  readonly path?: string | ((double: GalleryDouble) => string);
  /** Whether somebody looked before. */
  readonly isFirstLook?: boolean;
  readonly act: (page: Page, double: GalleryDouble, view: View) => Promise<void>;
}

const STATES: readonly State[] = [
  { name: "gallery", act: (page) => settled(page) },
  {
    name: "gallery_first_look",
    isFirstLook: true,
    act: async (page) => {
      await showsCards(page);
      await shows(page, `!document.querySelector(".since")`);
    },
  },
  {
    name: "gallery_loading",
    double: (double) => double.gate = new Promise(() => {}),
    act: (page) => shows(page, `document.querySelectorAll(".picture.waiting").length > 5`),
  },
  {
    name: "gallery_empty",
    double: (double) => {
      double.visits = [];
      double.cameras = { broker: "connected", cameras: [cameraOf("front")] };
    },
    act: (page) => showsText(page, "#empty", "29.9 frames/s"),
  },
  {
    name: "gallery_empty_cameras",
    double: (double) => {
      double.visits = [];
      double.cameras = { broker: "connected", cameras: [..."abcdefg"].map((name) => cameraOf(name)) };
    },
    act: (page) => showsText(page, "#empty", "and 2 more"),
  },
  {
    name: "gallery_empty_no_broker",
    double: (double) => {
      double.visits = [];
      double.cameras = { broker: "none", cameras: [] };
    },
    act: (page) => showsText(page, "#empty", "haarlem gallery --broker"),
  },
  {
    name: "gallery_reading",
    double: (double) => {
      double.visits = [];
      double.isComplete = false;
    },
    act: (page) => showsText(page, ".nothing", "The gallery reads this day."),
  },
  {
    name: "gallery_away",
    act: async (page, double) => {
      await settled(page);
      double.cameras.cameras[2].waiting = 12;
      double.send("cameras", double.cameras.cameras);
      double.send("trouble", "connection refused by 10.0.0.5:9000");
      await showsText(
        page,
        "[role=alert]",
        "Connection refused by 10.0.0.5:9000. You see what was loaded before.",
      );
      await showsText(page, "[role=alert]", "No face is lost: 12 faces wait in the outboxes");
      await showsText(page, "#live", "Store away");
      await showsCards(page);
    },
  },
  {
    name: "gallery_away_at_first",
    double: (double) => double.trouble = "access denied",
    act: async (page) => {
      await showsText(page, "[role=alert]", "The store does not answer");
      await showsText(page, "#live", "Store away");
    },
  },
  {
    name: "gallery_lost",
    act: async (page, double) => {
      await settled(page);
      await double.stop();
      await showsText(page, "[role=alert]", "The gallery does not answer since");
      await showsText(page, "[role=alert]", "Next try in");
      await showsText(page, "#live", "Not connected");
    },
  },
  {
    name: "gallery_new",
    act: async (page, double) => {
      await settled(page);
      await page.evaluate("scrollTo(0, 700)");
      const now = Date.now();
      double.arrive(...[1, 2, 3, 4, 5].map((number) => visitAt(now + number, 900 + number)));
      await showsText(page, ".pill", "5 new");
    },
  },
  {
    name: "gallery_selected",
    double: (double) => double.session = { ...double.session, allow: ["delete"] },
    act: async (page) => {
      await settled(page);
      await select(page, 1, 2, 4);
      await showsText(page, ".actions", "Delete");
    },
  },
  {
    name: "gallery_selected_read_only",
    act: async (page) => {
      await settled(page);
      await select(page, 0);
      await shows(page, `!document.querySelector("#delete")`);
    },
  },
  {
    name: "gallery_confirm",
    double: (double) => double.session = { ...double.session, allow: ["delete"] },
    act: async (page) => {
      await settled(page);
      await select(page, 1, 2, 4);
      await page.click("#delete");
      await shows(page, `document.activeElement?.innerText === "Cancel"`);
    },
  },
  {
    name: "gallery_quarter",
    path: (double) => `?quarter=${quarterOf(double.visits[10].ms)}`,
    act: async (page) => {
      await shows(page, `document.querySelector('.bars [aria-pressed="true"]') !== null`);
      await showsCards(page);
    },
  },
  {
    name: "gallery_camera",
    path: "?camera=garage",
    act: async (page) => {
      await shows(page, `document.querySelector('.chip[aria-pressed="true"]')?.innerText.includes("garage")`);
      await showsCards(page);
    },
  },
  {
    name: "face",
    double: (double) => double.session = { ...double.session, allow: ["delete"], token: true },
    act: async (page) => {
      await settled(page);
      await page.click("li[data-id] a");
      await showsText(page, ".facts dd", "79 px wide, frame 1280 × 720");
      await showsText(page, ".facts dd", "good (0.71)");
      await shows(page, `document.querySelector(".view img")?.complete`);
    },
  },
  {
    name: "face_third_party",
    double: (double) => {
      double.facts = null;
      double.visits[1] = visitAt(double.visits[1].ms, 1, {
        camera: "01-31-2026-12-00-00_image",
        detections: null,
      });
    },
    act: async (page) => {
      await settled(page);
      await page.click("li:nth-child(2) a");
      await showsText(page, ".facts dd", "a third-party picture");
    },
  },
  {
    name: "face_confirm",
    double: (double) => double.session = { ...double.session, allow: ["delete"] },
    act: async (page) => {
      await settled(page);
      await page.click("li[data-id] a");
      await showsText(page, ".acts", "Delete");
      await page.keyboard.press("Delete");
      await showsText(page, ".ask", "The visit keeps its 1 other picture.");
    },
  },
];

/** Waits until everything of a furnished page is there, and its stream of events is open. */
async function settled(page: Page): Promise<void> {
  await showsCards(page);
  await shows(
    page,
    `document.querySelector(".since") !== null && !document.querySelector("#cameras").hidden`,
  );
  await showsLive(page);
}

async function select(page: Page, ...indices: number[]): Promise<void> {
  await page.click("#select");
  for (const index of indices) await page.click(`li:nth-child(${index + 1}) .tick`);
}

/** A gallery like that of the drawn pages. */
function furnished(now: number): GalleryDouble {
  const double = new GalleryDouble();
  double.visits = [
    ...dayOfVisits(now - 2 * MINUTE_MS, 24),
    ...dayOfVisits(now - DAY_MS, 12, { first: 100 }),
  ];
  double.cameras = { broker: "connected", cameras: threeCameras() };
  double.facts = {
    camera: "front",
    device: "porch",
    clock: { synchronised: "yes" },
    box: { x: 0, y: 0, width: 79, height: 79 },
    frame: { width: 1280, height: 720 },
    model: "face_detection_yunet_2023mar",
    detectionScore: 0.934,
    sharpness: 0.712,
  };
  return double;
}

/** States that are checked in all views; the others in one view with each scheme, and on each device. */
const IN_ALL_VIEWS = ["gallery", "gallery_away", "gallery_selected", "face"];

for (const [view, options] of VIEWS) {
  Deno.test(`every state of the gallery is as drawn and accessible: ${view}`, inBrowser, async (t) => {
    await using web = await Web.start();
    const isAll = view === "desk_light" || view === "phone_dark";
    const states = STATES.filter(({ name }) => isAll || IN_ALL_VIEWS.includes(name));
    for (const { name, double: change, path = "", isFirstLook = false, act } of states) {
      await t.step(name, async () => {
        const now = Date.now();
        await using double = furnished(now);
        change?.(double);
        const looked = { ...!isFirstLook && { lookedMs: now - 100 * MINUTE_MS } };
        const page = await web.page({ ...options, ...looked });
        await page.goto(`${double.url}${typeof path === "string" ? path : path(double)}`);
        await act(page, double, options);
        await review(page, `${name}_${view}`);
        await page.close();
      });
    }
  });
}
