/** The page of cameras: a line for each detector that reports to the broker. */
import { getDay, getSession } from "./api.js";
import { cameraTable, idOf, MAX_TALL_ROWS, sumText } from "./camera_list.js";
import { byId, h, hasChanged, icon, mark, replaceChips } from "./dom.js";
import { drawIcons, showAbout, showLive } from "./header.js";
import { KnownCameras } from "./known_cameras.js";
import { Live } from "./live.js";
import { notice, tryNow } from "./notices.js";
import { counted, momentText, printable } from "./words.js";

/** @typedef {import("./api.js").Camera} Camera */

const SECOND_MS = 1_000;
/** Interval at which the ages of the last frames are drawn again. */
const AGES_MS = 5_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Charts are asked for again after this long, and at most this many at once. */
const CHART_MS = 5 * 60_000;
const MAX_CHARTS = 4;

let isKnown = false;
let updatedMs = 0;
const known = new KnownCameras(() => {
  isKnown = true;
  updatedMs = Date.now();
  draw();
});
/** @type {Map<string, { visits: number, hours: number[], readMs: number }>} by camera */
const lastDays = new Map();
/** @type {Set<string>} */
const asked = new Set();

const params = new URLSearchParams(location.search);
let state = params.get("state") ?? "";
let words = params.get("find") ?? "";
/** @type {HTMLInputElement} */ (byId("words")).value = words;

// It keeps focus and scroll position while its table is drawn again.
const region = h("div", { class: "table", role: "region", "aria-label": "Cameras", tabindex: 0 });

const STATES = /** @type {const} */ ([
  ["", "All", ""],
  ["trouble", "Trouble", "trouble"],
  ["warning", "Warning", "warning"],
  ["good", "Fine", "good"],
]);

function draw() {
  if (!isKnown) return;
  const { broker, cameras } = known.now;
  byId("title").textContent = cameras.length > 0 ? counted(cameras.length, "camera") : "Cameras";
  drawNotice();
  byId("states").hidden = cameras.length === 0;
  byId("search").hidden = byId("split").hidden = cameras.length <= MAX_TALL_ROWS;
  drawSum();
  drawStates();
  drawSplit();
  const shown = cameras.filter(isShown);
  const content = cameras.length === 0 ? broker : shown.length === 0 ? "no match" : "table";
  if (hasChanged(byId("table"), content)) {
    byId("table").replaceChildren(
      cameras.length === 0
        ? none(broker)
        : shown.length === 0
        ? h("p", { class: "quiet" }, "No camera matches.")
        : region,
    );
  }
  region.classList.toggle("dense", cameras.length > MAX_TALL_ROWS);
  region.replaceChildren(cameraTable(shown, (camera) => lastDays.get(camera.name)));
  for (const element of byId("table").querySelectorAll("tr[data-id]")) watcher.observe(element);
}

function isShown(/** @type {Camera} */ camera) {
  const text = `${camera.name} ${camera.device ?? ""} ${camera.reason ?? ""}`.toLowerCase();
  return (state === "" || camera.state === state) && text.includes(words.trim().toLowerCase());
}

function drawSum() {
  const text = [
    sumText(known.now.cameras.filter(({ state }) => state !== "good")),
    `updated ${Math.round((Date.now() - updatedMs) / SECOND_MS)} s ago`,
  ].filter(Boolean).join(" · ");
  byId("sum").textContent = known.now.cameras.length > 0 ? text : "";
}

function drawStates() {
  if (!hasChanged(byId("states"), state, known.now.cameras.map((camera) => camera.state))) return;
  const chips = STATES.map(([name, text, shape]) => {
    const count = known.now.cameras.filter((camera) => name === "" || camera.state === name).length;
    const onclick = () => choose({ state: name });
    return h(
      "button",
      { class: "chip", type: "button", "aria-pressed": state === name, "data-state": name, onclick },
      shape !== "" && mark(shape),
      h("span", {}, text),
      " ",
      h("span", { class: "number" }, String(count)),
    );
  });
  replaceChips(byId("states"), "state", chips);
}

function drawSplit() {
  const parts = /** @type {const} */ (["trouble", "warning", "unknown", "good"]).flatMap((name) => {
    const count = known.now.cameras.filter((camera) => camera.state === name).length;
    if (count === 0) return [];
    const part = h("span", { class: name });
    part.style.flexGrow = String(count);
    return [part];
  });
  byId("split").setAttribute("aria-label", sumText(known.now.cameras));
  byId("split").replaceChildren(...parts);
}

/** Changes the filter; the URL names it. */
function choose(/** @type {{ state?: string, words?: string }} */ change) {
  state = change.state ?? state;
  words = change.words ?? words;
  const query = new URLSearchParams();
  if (state !== "") query.set("state", state);
  if (words !== "") query.set("find", words);
  history.replaceState(null, "", `cameras${query.size > 0 ? `?${query}` : ""}`);
  draw();
}

/** Shows what disturbs the page as a whole. The place is an alert: it must not be drawn again without a change. */
function drawNotice() {
  const text = trouble();
  if (!hasChanged(byId("notices"), text)) return;
  byId("notices").replaceChildren(
    ...text === undefined ? [] : [notice(
      "caution",
      icon("alert"),
      h("p", {}, h("b", {}, text[0]), " ", h("span", { class: "quiet" }, text[1])),
      tryNow(() => live.open()),
    )],
  );
}

/** What does not answer, and what the page shows meanwhile. */
function trouble() {
  const { connection } = live;
  if (connection.state === "lost") {
    return [
      `The gallery does not answer since ${momentText(connection.since)}.`,
      "You see what was known before.",
    ];
  }
  if (known.now.broker !== "away") return undefined;
  const since = known.now.since === undefined ? "" : ` since ${momentText(known.now.since)}`;
  return [`The broker does not answer${since}.`, "You see what the cameras reported before."];
}

function none(/** @type {string} */ broker) {
  const [text, command] = broker === "none"
    ? [
      "The gallery watches no cameras. Start it with the address of the broker:",
      "haarlem gallery --broker mqtt://BROKER",
    ]
    : ["No detector has reported to this broker so far. Start one:", "haarlem detector"];
  return h(
    "div",
    { class: "none" },
    h("p", { class: "quiet" }, text),
    h("pre", { class: "command", tabindex: 0 }, command),
  );
}

// Charts cost a request each: only rows in the window are asked for.
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    const id = /** @type {HTMLElement} */ (target).dataset.id;
    const camera = isIntersecting && known.now.cameras.find((one) => idOf(one) === id);
    if (camera) asked.add(camera.name);
  }
  void loadCharts();
});
let loading = 0;

async function loadCharts() {
  for (const name of asked) {
    if (loading >= MAX_CHARTS) return;
    asked.delete(name);
    if (Date.now() - (lastDays.get(name)?.readMs ?? 0) < CHART_MS) continue;
    loading++;
    void loadChart(name).finally(() => {
      loading--;
      void loadCharts();
    });
  }
}

async function loadChart(/** @type {string} */ name) {
  const readMs = Date.now();
  const to = Math.ceil(readMs / HOUR_MS) * HOUR_MS;
  try {
    const { visits, quarters } = await getDay({ from: to - DAY_MS, to, cameras: [name] });
    const hours = Array.from({ length: 24 }, (_, hour) => {
      return quarters.slice(4 * hour, 4 * hour + 4).reduce((sum, count) => sum + count, 0);
    });
    lastDays.set(name, { visits, hours, readMs });
    draw();
  } catch {
    lastDays.delete(name); // The store is away: the row is asked for again when it is drawn next.
  }
}

async function load() {
  try {
    await known.ask();
  } catch (error) {
    byId("sum").textContent = `The cameras cannot be read: ${
      printable(/** @type {Error} */ (error).message)
    }.`;
  }
}

drawIcons();
const live = new Live((name, data) => {
  if (name === "ready") void load();
  else if (name === "cameras") known.take({ cameras: data });
  else if (name === "broker") known.take(data);
}, ({ state }) => {
  // The store does not matter here.
  showLive(byId("live"), state === "away" ? "live" : state);
  draw();
});
byId("words").addEventListener(
  "input",
  (event) => choose({ words: /** @type {HTMLInputElement} */ (event.target).value }),
);
setInterval(() => isKnown && drawSum(), SECOND_MS);
setInterval(() => document.hidden || draw(), AGES_MS);
live.open();
void getSession().then(showAbout, () => {});
await load();
