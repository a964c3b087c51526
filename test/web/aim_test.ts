/** The aiming page in Chromium: its states, zones by pointer and keys, and that a hidden page asks for nothing. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { until } from "../../lib/testing/until.ts";
import { AimDouble } from "./aim_double.ts";
import {
  becomes,
  DESK,
  inBrowser,
  PHONE,
  review,
  shows,
  showsQuery,
  showsText,
  texts,
  VIEWS,
  Web,
} from "./web.ts";

const showsPicture = (page: Page) => shows(page, `document.querySelector("#picture")?.naturalWidth > 0`);

/** A state: how the detector is, and what the page has to show. */
interface State {
  readonly name: string;
  readonly double?: (double: AimDouble) => void;
  readonly act: (page: Page, double: AimDouble) => Promise<void>;
}

const STATES: readonly State[] = [
  {
    name: "aim",
    double: (double) => double.addUnsent(),
    act: async (page) => {
      await showsPicture(page);
      await showsText(page, "#live", "pictures/s");
      await showsText(page, "#unsent", "48 px, minimum 60");
      await showsText(page, "#smaller", "1 of 5 faces in view is smaller.");
      await showsText(page, "#counts", "31 too small");
    },
  },
  {
    name: "aim_waiting",
    double: (double) => double.isStill = true,
    act: async (page) => {
      await showsText(page, "#none", "Waiting for a picture");
      await showsText(page, "#unsent", "None so far");
    },
  },
  {
    name: "aim_no_camera",
    act: async (page, double) => {
      await showsPicture(page);
      double.isStill = true;
      double.facts = {
        ...double.facts,
        trouble: "camera: unplugged",
        frameAgeSeconds: 94,
        framesPerSecond: null,
      };
      await showsText(page, "[role=alert]", "camera: unplugged. You see the last picture.");
      await showsText(page, "#live", "No picture");
      await showsText(page, "#age", "1 min ago");
    },
  },
  {
    name: "aim_lost",
    act: async (page, double) => {
      await showsPicture(page);
      await double.stop();
      await showsText(page, "[role=alert]", "The detector does not answer");
      await showsText(page, "#live", "Not connected");
    },
  },
];

for (const { name, double: prepare, act } of STATES) {
  Deno.test({
    name: `${name}: light and dark, desk and phone`,
    ...inBrowser,
    fn: async () => {
      await using web = await Web.start();
      for (const [view, options] of VIEWS) {
        await using double = new AimDouble();
        prepare?.(double);
        const page = await web.page(options);
        await page.goto(double.url);
        await act(page, double);
        await review(page, `${name}_${view}`);
        await page.close();
      }
    },
  });
}

Deno.test({
  name: "the settings to copy are those of the detector, but for what was changed by hand",
  ...inBrowser,
  fn: async () => {
    await using web = await Web.start();
    const page = await web.page(DESK);
    for (const minSize of [0, 45, 61, 700]) {
      await using double = new AimDouble();
      double.use(minSize, []);
      await page.goto(double.url);
      await showsText(page, "#command", `--min-size ${minSize}\n--ignore ""`);
      // Smaller than a zone drawn by hand, and partly outside the picture.
      const zone = { x: 1275, y: 700, width: 10, height: 9000 };
      double.use(minSize, [zone]);
      await showsText(page, "#command", `--min-size ${minSize}\n--ignore "1275,700,10,9000"`);
      await page.click("#add");
      await showsText(page, "#command", `--ignore "1275,700,10,9000 480,270,320,180"`);
      await showsQuery(page, "?ignore=1275%2C700%2C10%2C9000+480%2C270%2C320%2C180");
      double.use(minSize + 1, [zone]);
      await showsText(page, "#command", `--min-size ${minSize + 1}\n--ignore "1275`);
      await page.focus("#smallest");
      await page.keyboard.press("ArrowLeft");
      await showsQuery(page, new RegExp(`^\\?min=${minSize}&ignore=1275`));
    }
  },
});

testPage("the page is not wider than a narrow window", async (page, double) => {
  await page.setViewport({ width: 320, height: 640 });
  double.facts = { ...double.facts, frameAgeSeconds: 5_940 };
  await showsPicture(page);
  await showsText(page, "#age", "1 h 39 min ago");
  await review(page, "aim_narrow_light");
});

/** A test of the page of a new detector. */
function testPage(
  name: string,
  test: (page: Page, double: AimDouble) => Promise<void>,
  view = DESK,
): void {
  Deno.test({
    name,
    ...inBrowser,
    fn: async () => {
      await using web = await Web.start();
      await using double = new AimDouble();
      const page = await web.page(view);
      await page.goto(double.url);
      await test(page, double);
    },
  });
}

testPage("a drag on the picture makes a zone, and a handle resizes it", async (page) => {
  await showsPicture(page);
  await showsText(page, "#command", `--ignore "18,120,168,236"`);
  const scene = (await (await page.$("#scene"))!.boundingBox())!;
  const scale = scene.width / 1280;
  const at = (x: number, y: number) => [scene.x + x * scale, scene.y + y * scale] as const;
  await drag(page, at(400, 500), at(600, 650));
  await shows(page, `document.querySelectorAll("#zones .zone").length === 2`);
  await drag(page, at(600, 650), at(700, 700));
  const [, second] = await texts(page, "#zone-list code");
  const [x, y, width, height] = second.split(",").map(Number);
  for (const [value, wanted] of [[x, 400], [y, 500], [width, 300], [height, 200]]) {
    assert.ok(Math.abs(value - wanted) <= 3, second);
  }
  await drag(page, at(20, 700), at(24, 702));
  assert.equal((await texts(page, "#zone-list code")).length, 2, "a click makes no zone");
  await review(page, "aim_zone_desk_light");
  await shows(page, `new URLSearchParams(location.search).get("ignore").endsWith("${second}")`);
  await page.reload();
  await showsText(page, "#zone-list", second);
});

testPage(
  "a detector that stops answering is said, and the page goes on when it answers again",
  async (page, double) => {
    await showsPicture(page);
    double.isDead = true;
    await showsText(page, "[role=alert]", "The detector does not answer: nothing came within 8 s.");
    await showsText(page, "#live", "Not connected");
    double.isDead = false;
    await showsText(page, "#live", "pictures/s");
  },
);

testPage(
  "frames of another size: zones keep their pixels, and the address follows a change by hand only",
  async (page, double) => {
    await showsText(page, "#zone-list", "18,120,168,236");
    double.frame = { width: 640, height: 360 };
    await shows(page, `document.querySelector("#zones .zone").style.width === "26.25%"`);
    await becomes(() => texts(page, "#zone-list code"), ["18,120,168,236"]);
    await page.click("#add");
    await showsText(page, "#zone-list", "240,135,160,90");
    await showsQuery(page, /ignore=18/);
  },
);

testPage(
  "zones by keys: add, move, resize, remove; the slider changes the text to copy only",
  async (page, double) => {
    await showsPicture(page);
    await showsText(page, "#zone-list", "18,120,168,236");
    await page.focus("#add");
    await page.keyboard.press("Enter");
    await showsText(page, "#zone-list", "480,270,320,180");
    assert.match(
      await page.evaluate("document.activeElement.getAttribute('aria-label')") as string,
      /480,270/,
    );
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.down("Shift");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.up("Shift");
    await showsText(page, "#zone-list", "488,278,312,180");
    await review(page, "aim_keys_phone_dark");
    await page.keyboard.press("Delete");
    await shows(page, `document.querySelectorAll("#zones .zone").length === 1`);
    await page.focus("#smallest");
    await page.keyboard.press("ArrowRight");
    await showsText(page, "#command", "--min-size 61");
    await showsText(page, "#ruler", "61 px");
    await page.evaluate(`[...document.querySelectorAll("#forms button")][1].click()`);
    await showsText(page, "#command", `min-size = 61\nignore = "18,120,168,236"`);
    assert.ok(double.requests.every((path) => !/set/.test(path)), "nothing is sent to the detector");
  },
  PHONE,
);

testPage("a hidden page asks for no picture, and goes on when it is shown", async (page, double) => {
  await showsPicture(page);
  const hide = (hidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"))`);
  await hide(true);
  await until(() => !double.pictures.isWatched, "nobody looks");
  await hide(false);
  await until(() => double.pictures.isWatched, "somebody looks");
  await showsText(page, "#live", "pictures/s");
});

Deno.test({
  name: "with a token the page asks for it first",
  ...inBrowser,
  fn: async () => {
    await using web = await Web.start();
    const token = "9f86d081884c7d65";
    await using double = new AimDouble({ token });
    const page = await web.page(DESK);
    await page.goto(double.url);
    await showsText(page, ".help", "where the detector runs");
    await page.type("#token", token);
    await page.keyboard.press("Enter");
    await showsPicture(page);
    await review(page, "aim_after_login_desk_light");
  },
});

async function drag(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 4 });
  await page.mouse.up();
}
