/** The aiming page: asks for one picture after the other while it is visible, and shows what the detector makes of it. */
import { byId, h, icon, mark } from "../../gallery/page/dom.js";
import { counted, decimal, durationText, printable } from "../../gallery/page/words.js";
import { printSettings, startCopying } from "./copy.js";
import { drawBoxes, drawRegions, drawRuler } from "./overlay.js";
import { showCounts, showUnsent } from "./unsent.js";
import { Zones, zoneText } from "./zones.js";

/**
 * @typedef {import("./overlay.js").Box} Box
 *
 * @typedef {object} View the answer of `api/view`
 * @property {number} number of the picture; 0: none so far
 * @property {import("./overlay.js").Size | null} frame
 * @property {import("./overlay.js").ShownBox[]} boxes
 * @property {"all" | Box[]} regions
 * @property {string} camera
 * @property {string | null} trouble
 * @property {number | null} framesPerSecond
 * @property {number | null} searchMs
 * @property {number | null} frameAgeSeconds
 * @property {number | null} waiting
 * @property {import("./unsent.js").Count[]} counts
 * @property {number} since
 * @property {{ minSize: number, smallest: number, ignore: Box[] }} settings
 * @property {import("./unsent.js").Unsent[]} unsent
 */

/** Time until a failed request is repeated. */
const RETRY_MS = 2_000;
/** Limit of a request, of which the detector may wait 2 s for a picture: a machine that lost power never answers. */
const LIMIT_MS = 8_000;
/** The address follows a slider or zone after this time: browsers refuse more than about three changes a second. */
const ADDRESS_MS = 500;
/** The rate of pictures is the mean over this time. */
const RATE_MS = 3_000;
const picture = /** @type {HTMLImageElement} */ (byId("picture"));
const slider = /** @type {HTMLInputElement} */ (byId("smallest"));
const zones = new Zones(() => choose({ zones: zones.all }));

/** @type {View | undefined} */
let view;
/** What somebody chose by slider and zones, or in the address. The rest is as the detector has it. */
let chosen = chosenIn(new URLSearchParams(location.search));
/** Times of the last pictures. @type {number[]} */
let times = [];
/** @type {number | undefined} */
let addressTimer;

slider.addEventListener("input", () => choose({ minSize: Number(slider.value) }));
byId("show-regions").addEventListener("change", drawOverlay);
startCopying();
showLive("unknown", "Connecting …");
void run();

async function run() {
  for (;;) {
    await visible();
    try {
      const next = await ask(view?.number ?? 0);
      await take(next);
    } catch (error) {
      showLive("trouble", "Not connected");
      const reason = printable(error instanceof Error ? error.message : String(error));
      notice(`${reason}. The page tries again every 2 s.`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Waits until somebody can see the page: a hidden one costs the detector nothing. */
async function visible() {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

/** @returns {Promise<View>} */
async function ask(/** @type {number} */ after) {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const failed = () => {
    const reason = signal.aborted ? `nothing came within ${LIMIT_MS / 1000} s` : "no connection";
    throw new Error(`The detector does not answer: ${reason}`);
  };
  const response = await fetch(`api/view?after=${after}`, { signal }).catch(failed);
  if (response.status === 401) location.assign(`login?${new URLSearchParams({ next: location.search })}`);
  const answer = await response.json().catch(failed);
  if (!response.ok) throw new Error(`The detector sends no picture: ${answer.error ?? response.status}`);
  return answer;
}

/** Loads a picture; false for one that is gone already: the next one follows. */
async function isLoaded(/** @type {HTMLImageElement} */ image) {
  /** @type {number | undefined} */
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No picture came within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  try {
    return await Promise.race([image.decode().then(() => true, () => false), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Shows picture and boxes of one frame together. */
async function take(/** @type {View} */ next) {
  const isNew = next.number !== (view?.number ?? 0) && next.number > 0;
  if (isNew) {
    const loaded = new Image();
    loaded.src = `picture.jpg?number=${next.number}`;
    if (!await isLoaded(loaded)) return void (view = next);
    picture.src = loaded.src;
    picture.hidden = false;
    byId("none").hidden = true;
    times = [...times, performance.now()];
  }
  view = next;
  if (next.frame) showSettings(next.settings, next.frame);
  document.title = `${printable(next.camera)} – Aim – Haarlem`;
  byId("camera").textContent = printable(next.camera);
  drawOverlay();
  showNumbers(next);
  showCounts(next.counts, next.since);
  showUnsent(next.unsent);
  showState(next);
}

/**
 * Shows in slider and zones what was chosen, otherwise what the detector uses, in a frame of this size.
 * @param {View["settings"]} settings
 * @param {import("./overlay.js").Size} frame
 */
function showSettings({ minSize, ignore }, frame) {
  const size = chosen.minSize ?? minSize;
  slider.max = String(Math.max(Number(slider.max), Math.floor(frame.height / 2), size));
  slider.value = String(size);
  zones.show(chosen.zones ?? ignore, frame);
  printChosen();
}

/** @returns {{ minSize?: number, zones?: readonly Box[] }} */
function chosenIn(/** @type {URLSearchParams} */ address) {
  const [min, ignore] = [address.get("min") ?? "", address.get("ignore")];
  return {
    ...(/^\d{1,5}$/.test(min) && { minSize: Number(min) }),
    ...(ignore !== null && { zones: zonesOf(ignore) }),
  };
}

/** @returns {Box[]} */
function zonesOf(/** @type {string} */ text) {
  return text.split(" ").filter((zone) => /^\d{1,5}(,\d{1,5}){3}$/.test(zone)).map((zone) => {
    const [x, y, width, height] = zone.split(",").map(Number);
    return { x, y, width, height };
  });
}

/** Slider or zones were changed: only the text to copy and the address of the page follow. */
function choose(/** @type {typeof chosen} */ change) {
  chosen = { ...chosen, ...change };
  printChosen();
  addressTimer ??= setTimeout(writeAddress, ADDRESS_MS);
  drawOverlay();
}

function printChosen() {
  const minSize = Number(slider.value);
  byId("smallest-text").textContent = minSize === 0
    ? `any, from ${view?.settings.smallest ?? 0} px`
    : `${minSize} px`;
  printSettings({ minSize, zones: zones.all });
}

function writeAddress() {
  addressTimer = undefined;
  const params = new URLSearchParams({
    ...(chosen.minSize !== undefined && { min: String(chosen.minSize) }),
    ...(chosen.zones && { ignore: chosen.zones.map(zoneText).join(" ") }),
  });
  history.replaceState(null, "", `?${params}`);
}

function drawOverlay() {
  if (!view?.frame) return;
  const { frame, boxes, regions } = view;
  const isShown = /** @type {HTMLInputElement} */ (byId("show-regions")).checked;
  drawRegions(byId("regions"), isShown ? regions : [], frame);
  drawBoxes(byId("boxes"), boxes, frame);
  const side = Number(slider.value);
  drawRuler(byId("ruler"), side, frame);
  byId("ruler-text").textContent = side === 0
    ? "Every size is searched for."
    : "The white square in the picture has this size.";
  const smaller = boxes.filter(({ width, height }) => Math.min(width, height) < side).length;
  const isOne = smaller === 1 || boxes.length === 1;
  byId("smaller").textContent = boxes.length === 0
    ? "No face is in view."
    : `${smaller} of ${counted(boxes.length, "face")} in view ${isOne ? "is" : "are"} smaller.`;
}

function showNumbers(/** @type {View} */ { framesPerSecond, searchMs, frameAgeSeconds, waiting }) {
  number("rate", framesPerSecond, 1, "per s");
  number("search", searchMs, 1, "ms");
  if (frameAgeSeconds !== null && frameAgeSeconds >= 60) {
    byId("age").replaceChildren(durationText(frameAgeSeconds * 1000), " ", h("small", {}, "ago"));
  } else number("age", frameAgeSeconds, 2, "s ago");
  number("waiting", waiting, 0, "");
}

/**
 * @param {string} id
 * @param {number | null} value
 * @param {number} digits
 * @param {string} unit
 */
function number(id, value, digits, unit) {
  byId(id).replaceChildren(...value === null ? ["–"] : [decimal(value, digits), " ", h("small", {}, unit)]);
}

function showState(/** @type {View} */ { trouble }) {
  times = times.filter((time) => performance.now() - time <= RATE_MS);
  if (trouble !== null) {
    showLive("trouble", "No picture");
    const since = picture.hidden ? "" : " You see the last picture.";
    return notice(`${printable(trouble)}.${since} The page goes on by itself.`);
  }
  notice("");
  const rate = times.length < 2
    ? undefined
    : (times.length - 1) * 1000 / (times[times.length - 1] - times[0]);
  showLive(
    "good",
    rate === undefined ? "Live" : `${decimal(rate)} pictures/s`,
    "only while this page is open",
  );
}

/**
 * @param {string} state
 * @param {string} text
 * @param {string} [more] where there is room
 */
function showLive(state, text, more) {
  byId("live").replaceChildren(mark(state), text, more ? h("span", { class: "quiet desk more" }, more) : "");
}

/** Shows one notice, or none. */
function notice(/** @type {string} */ text) {
  const notices = byId("notices");
  if (notices.textContent === text) return;
  notices.replaceChildren(
    ...text === "" ? [] : [h("div", { class: "notice bad" }, icon("alert"), h("p", {}, text))],
  );
}
