/** The table of cameras: trouble first. On a phone each row becomes a card. */
import { h, mark, spoken, svg } from "./dom.js";
import { byTrouble, markOf, stateOf } from "./header.js";
import { agoText, decimal, durationText, printable } from "./words.js";

/** @typedef {import("./api.js").Camera} Camera */
/** @typedef {{ visits: number, hours: number[] }} LastDay visits of a camera in the last 24 hours, in each hour */

/** Rows are lower beyond this number of cameras. */
export const MAX_TALL_ROWS = 20;
/** A frame that is older is named in the colour of trouble. */
const OLD_FRAME_MS = 30_000;

/** How a camera is found among those of other boards. */
export const idOf = (/** @type {Camera} */ { device, name }) => `${device ?? ""}/${name}`;

/**
 * The table.
 * @param {readonly Camera[]} cameras
 * @param {(camera: Camera) => LastDay | undefined} lastDayOf
 */
export function cameraTable(cameras, lastDayOf) {
  const now = Date.now();
  const heading = (/** @type {string} */ text, number = false) =>
    h("th", { scope: "col", class: number && "number" }, text);
  return h(
    "table",
    {},
    h("caption", { class: "spoken" }, "Cameras, trouble first"),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, h("span", { class: "ink" }, "Camera"), " · trouble first"),
        heading("Last frame"),
        heading("Frames/s", true),
        heading("Visits, 24 h"),
        heading("Waiting", true),
        heading("Clock"),
        heading("Version"),
      ),
    ),
    h("tbody", {}, ...byTrouble(cameras).map((camera) => row(camera, lastDayOf(camera), now))),
  );
}

/**
 * @param {Camera} camera
 * @param {LastDay | undefined} lastDay
 * @param {number} now
 */
function row(camera, lastDay, now) {
  const { state, lastFrame, framesPerSecond, waiting, clock, version, oldestWaiting } = camera;
  const cell = (
    /** @type {string} */ label,
    /** @type {string} */ classes,
    /** @type {(Node | string)[]} */ ...content
  ) => h("td", { "data-label": label, class: classes || false }, ...content);
  const isOld = lastFrame !== null && now - lastFrame > OLD_FRAME_MS;
  const isLate = oldestWaiting !== null && state !== "good" && (waiting ?? 0) > 0;
  return h(
    "tr",
    { class: markOf(camera), "data-id": idOf(camera) },
    h("th", { scope: "row", class: "who" }, who(camera)),
    cell(
      "Last frame",
      isOld ? "wrong" : "",
      lastFrame === null ? "unknown" : ageText(now - lastFrame, lastFrame),
    ),
    cell("Frames/s", "number rate", framesPerSecond === null ? "unknown" : decimal(framesPerSecond)),
    h("td", { class: "day" }, lastDay ? chart(lastDay) : h("span", { class: "quiet" }, "…")),
    cell("Waiting", isLate ? "number wrong" : "number", waiting === null ? "unknown" : String(waiting)),
    cell("Clock", clock === "no" ? "warned" : "", CLOCKS[clock] ?? "unknown"),
    cell("Version", "", version === null ? "unknown" : printable(version, 20)),
  );
}

const CLOCKS = { yes: "synchronised", no: "not synchronised", unknown: "unknown" };

/** "0.3 s ago", "4 min ago", "at 13:21" */
function ageText(/** @type {number} */ age, /** @type {number} */ ms) {
  return age < 0 ? `${durationText(0)} ago` : agoText(ms, ms + age);
}

function who(/** @type {Camera} */ camera) {
  const { name, device, state, reason } = camera;
  const text = state === "good"
    ? (device ? `board ${printable(device, 64)}` : "")
    : (reason ? printable(reason) : stateOf(camera).toLowerCase());
  return h(
    "span",
    { class: "name" },
    mark(markOf(camera)),
    h(
      "span",
      {},
      spoken(`${stateOf(camera)}: `),
      h("b", {}, printable(name, 64)),
      " ",
      h("span", { class: state === "good" ? "reason quiet" : "reason" }, text),
    ),
  );
}

const WIDTH = 120;
const HEIGHT = 28;

/** The visits of the last day as an area, and their number. */
function chart(/** @type {LastDay} */ { visits, hours }) {
  const max = Math.max(1, ...hours);
  const points = hours.map((count, hour) => {
    const x = hour / Math.max(1, hours.length - 1) * WIDTH;
    return `${x.toFixed(1)} ${(HEIGHT - 2 - count / max * (HEIGHT - 5)).toFixed(1)}`;
  }).join(" ");
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "chart", "aria-hidden": "true" },
    svg("path", { class: "area", d: `M0 ${HEIGHT} L${points} L${WIDTH} ${HEIGHT}Z` }),
    svg("path", { "vector-effect": "non-scaling-stroke", d: `M${points}` }),
  );
  return h(
    "span",
    { class: "visits" },
    drawing,
    h("span", {}, String(visits)),
    spoken(` ${visits === 1 ? "visit" : "visits"} in 24 hours`),
  );
}

/** "1 in trouble, 2 with a warning, 94 fine" */
export function sumText(/** @type {readonly Camera[]} */ cameras) {
  const number = (/** @type {Camera["state"]} */ state) =>
    cameras.filter((camera) => camera.state === state).length;
  return [
    number("trouble") > 0 && `${number("trouble")} in trouble`,
    number("warning") > 0 && `${number("warning")} with a warning`,
    number("unknown") > 0 && `${number("unknown")} unknown`,
    number("good") > 0 && `${number("good")} fine`,
  ].filter(Boolean).join(", ");
}
