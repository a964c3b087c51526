/** What is known of a face, in words. */
import { h, icon, mark } from "./dom.js";
import { bytesText, counted, decimal, durationText, printable } from "./words.js";
import { toast } from "./notices.js";

/**
 * The metadata of a face. Each field may be missing, since another program may have written it.
 * @typedef {object} Facts
 * @property {string} [camera]
 * @property {string} [device]
 * @property {string} [captured]
 * @property {{ synchronised?: string, corrected?: { byMs?: number, exact?: boolean } } | null} [clock]
 * @property {number} [sharpness]
 * @property {{ width: number, height: number } | null} [box]
 * @property {{ width: number, height: number } | null} [frame]
 * @property {string | null} [cascade]
 * @property {string | null} [model]
 * @property {number} [neighbors]
 * @property {number} [weight]
 * @property {number} [detectionScore]
 * @property {number} [sequence]
 * @property {string} [epoch]
 *
 * @typedef {import("./api.js").Face} Face
 * @typedef {import("./api.js").Visit} Visit
 */

const WHY = {
  first: "the visit was confirmed",
  still: "the visit lasts",
  best: "better than the pictures before",
};

/** Values from which a picture is good or fair. A crisp portrait has a sharpness of 0.7; blurred by 3 x 3 pixels, 0.2. */
const SCORE = { good: 0.6, fair: 0.35 };
const SHARPNESS = { good: 0.4, fair: 0.15 };

/** One or two sentences on a picture and its visit. */
export function sentence(/** @type {Visit} */ visit, /** @type {Face} */ face) {
  const { detections, began, last, count } = visit;
  const at = visit.faces.indexOf(face);
  const place = at === visit.best
    ? `This is the best of ${count} pictures.`
    : `This is picture ${at + 1} of ${count}.`;
  if (detections === null) return count > 1 ? place : "A single face, without a visit.";
  const times = detections === 1 ? "Detected once" : `Detected ${counted(detections, "time")}`;
  const seen = detections === 1 ? times : `${times} in ${durationText(last - began)}`;
  return `${seen}. ${count > 1 ? place : "One picture was sent."}`;
}

/**
 * The facts as a list of terms and values.
 * @param {Face} face
 * @param {Facts | null | undefined} facts null: a third-party picture; undefined: not loaded yet
 */
export function factList(face, facts) {
  /** @type {[string, (Node | string)[]][]} */
  const rows = [];
  const add = (/** @type {string} */ term, /** @type {(Node | string)[]} */ ...value) =>
    rows.push([term, value]);
  if (facts === null) add("Origin", "a third-party picture, without metadata");
  else if (face.why) add("Sent because", WHY[face.why] ?? printable(face.why));
  else if (facts) add("Sent because", "every detection is sent");
  if (typeof face.score === "number") add("Quality", ...meter(face.score, SCORE));
  if (facts) addMeasured(add, facts);
  if (face.width && face.height) {
    add("Picture", `${face.width} × ${face.height} px${face.size ? `, ${bytesText(face.size)}` : ""}`);
  } else if (face.size) add("Picture", bytesText(face.size));
  const key = printable(face.key, 1100);
  const copyKey = () => copy(face.key).then((isDone) => isDone && toast("Object key copied"));
  add(
    "Object key",
    h("code", {}, ...key.split(/(?<=\/)/).flatMap((part) => [part, h("wbr")])),
    h("button", {
      class: "button plain square",
      type: "button",
      "aria-label": "Copy object key",
      onclick: copyKey,
    }, icon("copy")),
  );
  return h(
    "dl",
    {},
    ...rows.flatMap(([term, value]) => [
      h("dt", {}, term),
      h("dd", { class: term === "Object key" && "key" }, ...value),
    ]),
  );
}

/**
 * @param {(term: string, ...value: (Node | string)[]) => void} add
 * @param {Facts} facts
 */
function addMeasured(
  add,
  { sharpness, box, frame, clock, device, cascade, model, detectionScore, neighbors },
) {
  if (typeof sharpness === "number") add("Sharpness", ...meter(sharpness, SHARPNESS));
  if (isSize(box)) {
    add(
      "Face",
      `${decimal(box.width, 0)} px wide${isSize(frame) ? `, frame ${frame.width} × ${frame.height}` : ""}`,
    );
  }
  if (clock) add("Clock", ...clockWords(clock));
  if (device) add("Board", printable(device));
  const by = model ?? cascade;
  if (!by) return;
  const certainty = typeof detectionScore === "number"
    ? `, ${decimal(detectionScore * 100, 0)} % certain`
    : typeof neighbors === "number"
    ? `, ${counted(neighbors, "window")}`
    : "";
  add("Found by", `${printable(by.replace(/\.xml$/, ""))}${certainty}`);
}

/** @returns {value is { width: number, height: number }} */
function isSize(/** @type {any} */ value) {
  return typeof value?.width === "number" && typeof value?.height === "number";
}

/**
 * A value from 0 to 1 as a bar and a word.
 * @param {number} value
 * @param {{ good: number, fair: number }} from
 */
function meter(value, from) {
  const word = value >= from.good ? "good" : value >= from.fair ? "fair" : "poor";
  const bar = h("span", { class: "level" });
  bar.style.width = `${Math.round(100 * Math.max(0, Math.min(1, value)))}%`;
  return [h("span", { class: `meter ${word}`, "aria-hidden": "true" }, bar), `${word} (${value.toFixed(2)})`];
}

/** @param {NonNullable<Facts["clock"]>} clock */
function clockWords({ synchronised, corrected }) {
  const words = synchronised === "yes"
    ? [mark("good"), "synchronised"]
    : synchronised === "no"
    ? [mark("warning"), "not synchronised"]
    : [mark("unknown"), "unknown whether synchronised"];
  if (typeof corrected?.byMs === "number") {
    words.push(`, corrected by ${durationText(Math.abs(corrected.byMs))}`);
    if (corrected.exact === false) words.push(" at least");
  }
  return [h("span", { class: "state" }, ...words)];
}

/** Copies a text. Returns whether it worked. */
export async function copy(/** @type {string} */ text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Browsers offer no clipboard to pages over plain HTTP of another machine; a selected text they still copy. */
function copyBySelection(/** @type {string} */ text) {
  const field = h("textarea", { class: "spoken", "aria-hidden": "true", tabindex: -1, readonly: true });
  field.value = text;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const place = focused?.closest("dialog") ?? document.body;
  place.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return isDone;
}
