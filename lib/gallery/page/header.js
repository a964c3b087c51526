/** The head of every page: state of the connection, tabs, the line of cameras. */
import { h, hasChanged, icon, mark, spoken } from "./dom.js";
import { decimal, durationText, momentText, printable } from "./words.js";

/** @typedef {import("./api.js").Camera} Camera */

const MARKS = { good: "good", warning: "warning", trouble: "trouble", unknown: "unknown" };
const STATES = { good: "Fine", warning: "Warning", trouble: "Trouble", unknown: "Unknown" };
const ORDER = ["trouble", "warning", "unknown", "good"];

/** The class of a camera's mark. */
export const markOf = (/** @type {Camera} */ { state }) => MARKS[state] ?? "unknown";
/** A camera's state in one word. */
export const stateOf = (/** @type {Camera} */ { state }) => STATES[state] ?? "Unknown";

/** Trouble first, then by name. */
export function byTrouble(/** @type {readonly Camera[]} */ cameras) {
  return cameras.toSorted((a, b) =>
    ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
    a.name.localeCompare(b.name, undefined, { numeric: true })
  );
}

/** The reason for a state in a few words, or the frame rate of a healthy camera. */
export function cameraFact(/** @type {Camera} */ camera, now = Date.now()) {
  if (camera.state !== "good" && camera.reason) return printable(camera.reason);
  if (camera.framesPerSecond !== null) return `${decimal(camera.framesPerSecond)} frames/s`;
  return camera.lastFrame === null
    ? "no frame so far"
    : `last frame ${durationText(now - camera.lastFrame)} ago`;
}

/** @type {Record<import("./live.js").LiveState, [string, string]>} mark and text */
const LIVE = {
  connecting: ["unknown", "Connecting …"],
  live: ["good pulsing", "Live"],
  away: ["warning", "Store away"],
  lost: ["trouble", "Not connected"],
};

/** Shows the state of the connection. */
export function showLive(
  /** @type {HTMLElement} */ element,
  /** @type {import("./live.js").LiveState} */ state,
) {
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  const [name, text] = LIVE[state];
  element.replaceChildren(mark(name), text);
}

/** Number of faces in the outboxes of the cameras; null where no camera tells. */
export function waitingFaces(/** @type {readonly Camera[]} */ cameras) {
  const known = cameras.filter(({ waiting }) => waiting !== null);
  return known.length > 0 ? known.reduce((sum, { waiting }) => sum + (waiting ?? 0), 0) : null;
}

/** Cameras of the line; the cameras page has all. */
const MAX_LINE = 12;

/**
 * The line of cameras, trouble first. Empty where no broker tells of them. What cameras reported before their broker
 * went away says nothing of now: the line says that instead.
 * @param {HTMLElement} list
 * @param {import("./api.js").Cameras} known
 */
export function showCameraLine(list, { broker, since, cameras }) {
  if (broker === "away" && cameras.length > 0) {
    const text = since === undefined ? "does not answer" : `does not answer since ${momentText(since)}`;
    list.hidden = false;
    if (!hasChanged(list, text)) return;
    list.replaceChildren(h("li", { class: "wrong" }, mark("trouble"), h("b", {}, "broker"), " ", text));
    return;
  }
  const shown = byTrouble(cameras);
  list.hidden = shown.length === 0;
  if (!hasChanged(list, shown.map((camera) => [camera.name, camera.state, cameraFact(camera)]))) return;
  list.replaceChildren(
    ...shown.slice(0, MAX_LINE).map((camera) =>
      h(
        "li",
        { class: camera.state === "trouble" && "wrong" },
        mark(markOf(camera)),
        spoken(`${stateOf(camera)}: `),
        h("b", {}, printable(camera.name)),
        " ",
        cameraFact(camera),
      )
    ),
  );
  if (shown.length > MAX_LINE) {
    list.append(h("li", {}, h("a", { href: "cameras" }, `and ${shown.length - MAX_LINE} more`)));
  }
}

/** The foot of the page: store, version, and the end of the session. */
export function showAbout(/** @type {import("./api.js").Session} */ { name, version, expires }) {
  const about = /** @type {HTMLElement} */ (document.getElementById("about"));
  about.hidden = false;
  if (!hasChanged(about, name, version, expires)) return;
  about.replaceChildren(
    h("p", { class: "grow" }, `${printable(name)} · Haarlem ${printable(version, 40)}`),
    expires !== null && h(
          "form",
          { method: "post", action: "logout" },
          h("button", { class: "button plain", type: "submit" }, "Log out"),
        ) || "",
  );
}

/** Puts icons into the elements of the page's markup that name one. */
export function drawIcons() {
  for (const element of document.querySelectorAll("[data-icon]")) {
    const name = /** @type {HTMLElement} */ (element).dataset.icon;
    element.prepend(icon(/** @type {Parameters<typeof icon>[0]} */ (name)));
  }
}
