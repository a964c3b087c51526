/** What the tests of the page share: a browser, pages as people have them, and pictures of them for review. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { until } from "../../lib/testing/until.ts";
import { inProject } from "../../lib/testing/files.ts";
import { needs } from "../needs.ts";
import { Chromium } from "../servers/chromium.ts";
import { AFTERNOON } from "../servers/afternoon.ts";
import { violations } from "./axe.ts";

export const inBrowser = needs("chromium");
/** Pictures of the states, for review; the folder is not part of the project. */
const PICTURES = inProject("dist/web-pictures");
/** Some states take the page 15 s by its own timers, and a busy machine several times as long as a quiet one. */
const LIMIT_MS = 60_000;

/** How a page is looked at. */
export interface View {
  readonly phone?: boolean;
  readonly dark?: boolean;
  /** The last look at the page, milliseconds since 1970; without one it is the first look. */
  readonly lookedMs?: number;
  /** The time zone of the page; by default one in which it is afternoon. */
  readonly zone?: string;
}

export const DESK: View = {};
export const PHONE: View = { phone: true, dark: true };
/** Each view in which a state is checked, with the name of its pictures. */
export const VIEWS: readonly (readonly [string, View])[] = [
  ["desk_light", DESK],
  ["desk_dark", { dark: true }],
  ["phone_light", { phone: true }],
  ["phone_dark", PHONE],
];

/** A browser whose pages report their errors to the test. */
export class Web implements AsyncDisposable {
  readonly errors: string[] = [];

  private constructor(private readonly chromium: Chromium) {}

  static async start(): Promise<Web> {
    return new Web(await Chromium.start());
  }

  /** An empty page of its own browser profile, so that no other page's last look and session count. */
  async page({ phone = false, dark = false, lookedMs, zone = AFTERNOON }: View = {}): Promise<Page> {
    const page = await this.chromium.separatePage();
    await page.setViewport(
      phone
        ? { width: 390, height: 844, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true }
        : { width: 1280, height: 800 },
    );
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      // Failed requests are part of some tests.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
        this.errors.push(message.text());
      }
    });
    await page.emulateTimezone(zone);
    if (lookedMs !== undefined) await setLastLook(page, lookedMs);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chromium[Symbol.asyncDispose]();
    assert.deepEqual(this.errors, [], "errors on the pages");
  }
}

/** The time of the last look, as an earlier page would have stored it. */
async function setLastLook(page: Page, lookedMs: number): Promise<void> {
  const stored = JSON.stringify({ boundary: lookedMs, left: lookedMs });
  await page.evaluateOnNewDocument((text) => {
    if (localStorage.getItem("haarlem-look") === null) localStorage.setItem("haarlem-look", text);
  }, stored);
}

/** Waits until an expression is true on the page. */
export async function shows(page: Page, expression: string): Promise<void> {
  try {
    await page.waitForFunction(expression, { timeout: LIMIT_MS });
  } catch (error) {
    const text = await page.evaluate("document.body.innerText").catch(() => "");
    throw new Error(`not within ${LIMIT_MS / 1000} s: ${expression}\n${error}\nThe page shows:\n${text}`);
  }
}

/** Waits until the page's address has this query. The page shows a change first, and writes its address behind that. */
export function showsQuery(page: Page, query: string | RegExp): Promise<void> {
  const test = typeof query === "string"
    ? `location.search === ${JSON.stringify(query)}`
    : `${query}.test(location.search)`;
  return shows(page, test);
}

/** Waits until `read` returns what is expected: parts of the page change one after the other. */
export async function becomes<T>(read: () => Promise<T>, expected: T): Promise<void> {
  let last: T | undefined;
  const isExpected = async () => isDeepStrictEqual(last = await read(), expected);
  await until(isExpected, "the page shows what is expected", { limitMs: LIMIT_MS })
    .catch(() => assert.deepEqual(last, expected));
}

/** Waits until the visible text of an element contains a text. */
export function showsText(page: Page, selector: string, text: string): Promise<void> {
  const [at, what] = [JSON.stringify(selector), JSON.stringify(text)];
  return shows(
    page,
    `[...document.querySelectorAll(${at})].some((element) => element.innerText.includes(${what}))`,
  );
}

/** Waits until all cards in the window have their pictures. */
export function showsCards(page: Page, min = 1): Promise<void> {
  return shows(
    page,
    `document.querySelectorAll("li[data-id]").length >= ${min} && !document.querySelector(".picture.waiting") &&
      [...document.querySelectorAll("li[data-id] img")].every((one) => one.complete && one.naturalWidth > 0)`,
  );
}

/** Waits until the page's stream of events is open: what is sent from then on arrives. */
export function showsLive(page: Page): Promise<void> {
  return shows(page, `document.querySelector("#live").dataset.state === "live"`);
}

/** Opens a page, and waits for its cards and its stream of events. */
export async function openLive(page: Page, url: string, min = 1): Promise<void> {
  await page.goto(url);
  await showsCards(page, min);
  await showsLive(page);
}

/** Opens a page of many visits and scrolls it down: new visits wait behind the pill there. */
export async function openScrolled(page: Page, url: string): Promise<void> {
  await openLive(page, url, 10);
  await page.evaluate("scrollTo(0, 900)");
  await showsCards(page, 10);
}

/** A place in the window, in pixels. */
export type Point = readonly [x: number, y: number];

/**
 * Moves a finger through places: one is a tap. The browser gets everything at once, since a finger that stays means
 * something else, however busy this process is.
 */
export async function touch(page: Page, [from, ...others]: readonly Point[]): Promise<void> {
  const client = await page.createCDPSession();
  const send = (type: "touchStart" | "touchMove" | "touchEnd", ...points: Point[]) =>
    client.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  await Promise.all([
    send("touchStart", from),
    ...others.map((point) => send("touchMove", point)),
    send("touchEnd"),
  ]);
  await client.detach();
}

/** Taps on the middle of an element in the window. */
export async function tap(page: Page, selector: string): Promise<void> {
  const element = await page.waitForSelector(selector, { timeout: LIMIT_MS });
  const { x, y } = await element!.clickablePoint();
  await touch(page, [[x, y]]);
}

/** The visible texts of all elements. */
export async function texts(page: Page, selector: string): Promise<string[]> {
  const at = JSON.stringify(selector);
  return await page.evaluate(
    `[...document.querySelectorAll(${at})].map((one) => one.innerText.trim())`,
  ) as string[];
}

/** The ids of the visits whose cards exist, in their order. */
export async function ids(page: Page): Promise<string[]> {
  return await page.evaluate(
    `[...document.querySelectorAll("li[data-id]")].map((one) => one.dataset.id)`,
  ) as string[];
}

/** Takes a picture for review, and checks the page: no violation, nothing wider than the window. */
export async function review(page: Page, name: string): Promise<void> {
  await Deno.mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) as `${string}.png` });
  assert.deepEqual(await violations(page), [], name);
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.ok(Number(overflow) <= 0, `${name}: the page is ${overflow} px wider than the window`);
}
