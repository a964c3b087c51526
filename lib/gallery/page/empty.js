/** A store without faces: what works, and what to do next. */
import { byId, h, hasChanged, mark, svg } from "./dom.js";
import { byTrouble, cameraFact, markOf } from "./header.js";
import { printable } from "./words.js";

/** Cameras that are listed; the cameras page has all. */
const MAX_CAMERAS = 5;

/**
 * Shows the three checks: store, camera, detection.
 * @param {string} store name of the store
 * @param {import("./api.js").Cameras} cameras
 */
export function showEmpty(store, { broker, cameras }) {
  const place = byId("empty");
  if (
    !hasChanged(
      place,
      store,
      broker,
      cameras.map((camera) => [camera.name, camera.state, cameraFact(camera)]),
    )
  ) return;
  const checks = h(
    "ul",
    { class: "checks" },
    check("good", "Store", `${printable(store)} answers.`),
    ...cameraChecks(broker, cameras),
    check(
      "warning",
      "No detection so far",
      "Stand about 2 m from the camera and look at it. If nothing appears within a minute, open the aiming page. " +
        "It shows each detection and why it was not sent:",
      "haarlem detector --preview 127.0.0.1:8081",
    ),
  );
  place.replaceChildren(
    drawing(),
    h("h2", {}, "No faces yet"),
    h("p", { class: "quiet" }, "The first one appears here as soon as it is stored."),
    checks,
  );
}

/**
 * @param {import("./api.js").Cameras["broker"]} broker
 * @param {readonly import("./api.js").Camera[]} cameras
 */
function cameraChecks(broker, cameras) {
  if (broker === "none") {
    const text = "The gallery watches no cameras. Start it with the address of the broker to see them here:";
    return [check("unknown", "Cameras", text, "haarlem gallery --broker mqtt://BROKER")];
  }
  if (broker === "away") return [check("trouble", "Broker", "The broker of the cameras does not answer.")];
  if (cameras.length === 0) {
    return [
      check("warning", "Cameras", "No detector has reported to this broker. Start one:", "haarlem detector"),
    ];
  }
  const shown = byTrouble(cameras).slice(0, MAX_CAMERAS).map((camera) =>
    check(markOf(camera), `Camera ${printable(camera.name)}`, `${cameraFact(camera)}.`)
  );
  const more = cameras.length - shown.length;
  return more > 0 ? [...shown, h("li", {}, h("a", { href: "cameras" }, `and ${more} more`))] : shown;
}

/**
 * @param {string} state
 * @param {string} title
 * @param {string} text
 * @param {string} [command]
 */
function check(state, title, text, command) {
  return h(
    "li",
    {},
    mark(state),
    h("b", {}, title),
    h("span", { class: "quiet" }, text),
    command !== undefined && h("pre", { class: "command", tabindex: 0 }, command),
  );
}

/** A head in a viewfinder. */
function drawing() {
  return svg(
    "svg",
    { viewBox: "0 0 120 100", class: "drawing", "aria-hidden": "true" },
    svg("path", {
      class: "head",
      d: "M60 26a15 15 0 1 1 0 30 15 15 0 0 1 0-30zM28 90c3-17 16-26 32-26s29 9 32 26",
    }),
    svg("path", {
      class: "finder",
      d: "M18 26V14q0-6 6-6h12M84 8h12q6 0 6 6v12M102 74v12q0 6-6 6M24 92q-6 0-6-6V74",
    }),
  );
}
