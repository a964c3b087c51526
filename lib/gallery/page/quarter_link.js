/** Finds the quarter of an hour that a link names. */
import { quarterIn } from "./address.js";

/** Days that are loaded at most on the way down to it. */
const MAX_DAYS = 7;

/**
 * Scrolls to the quarter that the URL names. Its day comes onto the page with the days above it. Where it is too far down,
 * later than the page or without faces, the page is opened there.
 * @param {import("./timeline.js").Timeline} timeline
 * @param {{ quarter: () => string | null, openDay: (day: string) => Promise<void> }} page
 */
export async function showQuarter(timeline, page) {
  const quarter = page.quarter();
  if (quarter === null || !timeline.sections[0].isKnown) return;
  const [day] = quarter.split("T");
  for (let days = 0; days < MAX_DAYS; days++) {
    if (timeline.sections[timeline.sections.length - 1].name <= day || !await timeline.addOlder()) break;
  }
  const unknown = timeline.sections.filter(({ isKnown }) => !isKnown);
  await Promise.all(unknown.map((section) => section.load()));
  if (page.quarter() !== quarter) return;
  const section = timeline.sections.find(({ name }) => name === day);
  if (!section?.isKnown) return await page.openDay(day);
  timeline.scrollTo({ section, index: section.model.indexOfQuarter(quarterIn(day, quarter) ?? 0) });
}
