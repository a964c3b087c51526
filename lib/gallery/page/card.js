/** The card of a visit: its best picture, time, camera and detections. */
import { h, icon, spoken } from "./dom.js";
import { dayText, detectionsText, minuteText, printable, visitText } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */

/** The picture that stands for a visit. */
export function bestFace(/** @type {Visit} */ visit) {
  return visit.faces[visit.best] ?? visit.faces[0];
}

/**
 * The card of a visit. The grid's listeners handle its clicks and keys.
 * @param {Visit} visit
 * @param {{ isNew: boolean, isPicked: boolean, isArriving: boolean }} look
 */
export function card(visit, { isNew, isPicked, isArriving }) {
  const face = bestFace(visit);
  const text = visitText(visit, isNew);
  const classes = ["visit", visit.count > 1 && "many", isPicked && "picked", isArriving && "arriving"];
  const picture = h("img", {
    src: face.thumb,
    alt: "",
    width: 320,
    height: 320,
    decoding: "async",
    onerror: (/** @type {Event} */ { target }) => missingPicture(/** @type {HTMLImageElement} */ (target)),
  });
  return h(
    "li",
    { class: classes.filter(Boolean).join(" "), "data-id": visit.id },
    h("button", {
      class: "tick",
      type: "button",
      role: "checkbox",
      "aria-checked": isPicked,
      "aria-label": `Select: ${text}`,
    }, icon("check")),
    h(
      "a",
      { href: `./?${new URLSearchParams({ face: face.key })}`, draggable: "false" },
      h("span", { class: "picture" }, picture, visit.count > 1 && count(visit.count)),
      caption(visit, isNew),
    ),
  );
}

/**
 * Shows on a card whether its visit is new, and selected. Its elements stay: a browser makes a click only of a press that
 * ends where it began.
 * @param {HTMLElement} item
 * @param {Visit} visit
 * @param {{ isNew: boolean, isPicked: boolean }} look
 */
export function drawLook(item, visit, { isNew, isPicked }) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (item.querySelector(selector));
  item.classList.toggle("picked", isPicked);
  const tick = part(".tick");
  tick.setAttribute("aria-checked", String(isPicked));
  tick.setAttribute("aria-label", `Select: ${visitText(visit, isNew)}`);
  item.querySelector(".fresh")?.remove();
  if (isNew) part(".when").prepend(fresh());
}

const fresh = () => h("span", { class: "fresh" }, spoken("new, "));

/** A picture that does not load: the card keeps its form and says so. */
function missingPicture(/** @type {HTMLImageElement} */ picture) {
  picture.replaceWith(h("span", { class: "no-picture" }, "The picture cannot be shown"));
}

function count(/** @type {number} */ pictures) {
  return h("span", { class: "count" }, icon("pictures"), String(pictures), spoken(" pictures, "));
}

function caption(/** @type {Visit} */ visit, /** @type {boolean} */ isNew) {
  return h(
    "span",
    { class: "caption" },
    h(
      "span",
      { class: "when" },
      isNew && fresh(),
      h("time", { datetime: new Date(visit.ms).toISOString() }, minuteText(visit.ms)),
      spoken(`, ${dayText(visit.ms)}, `),
      h("span", { class: "where" }, printable(visit.camera)),
    ),
    h("span", { class: "quiet small line" }, detectionsText(visit)),
  );
}

/** The place of a visit that is not loaded yet. */
export function skeleton() {
  return h(
    "li",
    { class: "visit", "aria-hidden": "true" },
    h("span", { class: "picture waiting" }),
    h(
      "span",
      { class: "caption" },
      h("span", { class: "waiting bar wide" }),
      h("span", { class: "waiting bar" }),
    ),
  );
}
