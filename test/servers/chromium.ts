/** A browser for tests of the page. */
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { atMost } from "../../lib/async/delay.ts";
import { findParts } from "../parts.ts";
import { AFTERNOON } from "./afternoon.ts";

const FLAGS = [
  "--no-sandbox", // Chromium's sandbox does not run as root, tests may.
  "--disable-dev-shm-usage", // In a container /dev/shm may have 64 MB, which several pages at a time exceed.
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Limits of failure: the first start of a browser on a busy machine reads some hundred MB. */
const START_LIMIT_MS = 120_000;
const WAIT_LIMIT_MS = 60_000;
const CLOSE_LIMIT_MS = 60_000;

/** A real browser without a window, with an empty profile, closed with the test. */
export class Chromium implements AsyncDisposable {
  private constructor(private readonly browser: Browser, private readonly profile: string) {}

  static async start(): Promise<Chromium> {
    const profile = await Deno.makeTempDir({ prefix: "chromium-" });
    const browser = await puppeteer.launch({
      executablePath: findParts().chromium,
      userDataDir: profile,
      headless: true,
      args: FLAGS,
      timeout: START_LIMIT_MS,
    });
    return new Chromium(browser, profile);
  }

  /** An empty page, in a time zone in which it is afternoon. */
  async page({ width = 1200, height = 800, zone = AFTERNOON } = {}): Promise<Page> {
    const page = await this.browser.newPage();
    page.setDefaultTimeout(WAIT_LIMIT_MS);
    await page.setViewport({ width, height });
    await page.emulateTimezone(zone);
    return page;
  }

  /** An empty page that shares no cookies and no storage with other pages, in the time zone of the machine. */
  async separatePage(): Promise<Page> {
    const page = await (await this.browser.createBrowserContext()).newPage();
    page.setDefaultTimeout(WAIT_LIMIT_MS);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await atMost(CLOSE_LIMIT_MS, this.browser.close());
    this.browser.process()?.kill("SIGKILL");
    await Deno.remove(this.profile, { recursive: true }).catch(() => {}); // it may still be writing there
  }
}
