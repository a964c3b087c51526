/** Finds the visit of a face that a link names. */
import { dayName } from "./address.js";
import { getFace } from "./api.js";

/** @typedef {import("./api.js").Visit} Visit */

/**
 * The visit of a face. Its day comes onto the page, so that its neighbours can be reached. Throws an ApiError when there
 * is no such face.
 * @param {string} key
 * @param {import("./timeline.js").Timeline} timeline
 * @param {(day: string) => Promise<void>} openDay
 */
export async function visitOf(key, timeline, openDay) {
  const has = (/** @type {Visit} */ { faces }) => faces.some((face) => face.key === key);
  const known = timeline.find(has);
  if (known) return known;
  const { visit: found, facts: _, ...face } = await getFace(key);
  const visit = found ?? single(face);
  if (!timeline.sectionOf(visit.ms)) await openDay(dayName(visit.ms));
  const section = timeline.sectionOf(visit.ms);
  await section?.visitAt(section.model.indexOfQuarter(section.model.quarterOf(visit.ms)));
  return timeline.find(has) ?? visit;
}

/** A face without a visit as a visit of its own. */
function single(/** @type {import("./api.js").Face} */ face) {
  const { key: id, ms } = face;
  return {
    id,
    camera: "",
    device: null,
    ms,
    began: ms,
    last: ms,
    detections: null,
    faces: [face],
    count: 1,
    best: 0,
  };
}
