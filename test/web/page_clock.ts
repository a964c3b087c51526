/** A clock of a page that tests put forward: midnight passes without waiting for it. */
import type { Page } from "puppeteer-core";

const MINUTE_MS = 60_000;

/** Lets the page begin at a time. What it does every minute, it does when `passTo` has put its clock forward. */
export async function startAt(page: Page, ms: number): Promise<void> {
  await page.evaluateOnNewDocument(
    (ms, minuteMs) => {
      const { now } = Date;
      let ahead = ms - now();
      globalThis.Date = new Proxy(Date, {
        construct: (real, given, target) =>
          Reflect.construct(real, given.length > 0 ? given : [now() + ahead], target),
      });
      Date.now = () => now() + ahead;
      const minutely: (() => void)[] = [];
      const every = globalThis.setInterval;
      const repeat = (work: () => void, delayMs?: number) =>
        delayMs === minuteMs ? minutely.push(work) : every(work, delayMs);
      const passTo = (to: number) => {
        ahead = to - now();
        for (const work of minutely) work();
      };
      Object.assign(globalThis, { setInterval: repeat, passTo });
    },
    ms,
    MINUTE_MS,
  );
}

/** Puts the clock of the page forward. */
export async function passTo(page: Page, ms: number): Promise<void> {
  await page.evaluate(`passTo(${ms})`);
}
