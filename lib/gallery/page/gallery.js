/** The page of visits: it joins its parts, and keeps them at the place that the URL names. */
import { changePlace, dayName, faceLeft, LAST_LOOK, leaveFace, quarterName, readPlace } from "./address.js";
import { getSession, usable } from "./api.js";
import { Arrivals } from "./arrivals.js";
import { listenToCards } from "./card_input.js";
import { showChips } from "./chips.js";
import { DayControl } from "./day_control.js";
import { deleteFace, deleteVisits } from "./deletion.js";
import { FaceDialog } from "./dialog.js";
import { byId } from "./dom.js";
import { showEmpty } from "./empty.js";
import { visitOf } from "./face_link.js";
import { Gone } from "./gone.js";
import { Holders } from "./holders.js";
import { KnownCameras } from "./known_cameras.js";
import { drawIcons, showAbout, showCameraLine, showLive, waitingFaces } from "./header.js";
import { Live } from "./live.js";
import { News } from "./news.js";
import { ConnectionNotice, toast } from "./notices.js";
import { showQuarter } from "./quarter_link.js";
import { Repeats } from "./repeats.js";
import { Selection } from "./selection.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("./api.js").Visit} Visit */

const MINUTE_MS = 60_000;

let place = readPlace();
let isOpening = false;
let wasReady = false;
/** Whether something may have changed that no event told, while the page was loaded. */
let isBehind = false;

/** Only visits after this time are shown; null: all. */
const shownAfter = () => place.since === LAST_LOOK ? news.boundary : place.since;

drawIcons();
const cameras = new KnownCameras(() => {
  onConnection(live.connection);
  onSettled();
});
/** @type {News} */
const news = new News({
  since: shownAfter,
  waiting: () => arrivals.waiting,
  onOnly: (isOnly) => move({ since: isOnly ? news.boundary : null, quarter: null }),
  onSeen: () => {
    if (place.since !== null) move({ since: null });
    timeline.draw();
  },
  onLoaded: () => timeline.draw(),
});
/** @type {Timeline} */
const timeline = new Timeline({
  cameras: () => place.cameras,
  boundary: () => news.isEmpty ? null : news.boundary,
  after: shownAfter,
  lookOf: ({ id }) => ({
    isNew: news.has(id),
    isPicked: selection.has(id),
    isArriving: arrivals.isArriving(id),
  }),
  pressedQuarter: () => place.quarter,
  onJump: async (section, quarter) => {
    await faceLeft();
    changePlace({ quarter: quarterName(section.name, quarter) });
    void jump(section, quarter);
  },
  onFailure: (error) => repeats.fail(error),
}, onSettled);
const selection = new Selection({
  neighbour: (visit, step) => timeline.neighbour(visit, step),
  onChange: () => timeline.schedule(),
  onDelete: async (visits) => await deleteVisits(visits, arrivals) && selection.end(),
});
/** @type {Arrivals} */
const arrivals = new Arrivals(timeline, {
  isHeld: () => selection.isActive,
  isShown: ({ camera, ms }) =>
    (place.cameras.length === 0 || place.cameras.includes(camera)) &&
    ms > (shownAfter() ?? -Infinity),
  isToday: () => place.day === null,
  onChanged: (visit) => holders.changed(visit),
  onRemoved: (keys) => holders.removed(keys),
  onMissed: (visits) => news.add(visits),
  onNewDay: () => void openToday(),
  onCount: () => news.drawTitle(),
});
const dayControl = new DayControl({
  onDay: (day) => move({ day: day === dayName() ? null : day, quarter: null }),
  dayBefore: (day) => timeline.dayBefore(day),
});
const dialog = new FaceDialog({
  neighbour: (visit, step) => timeline.neighbour(visit, step),
  placeOf: (visit) => {
    const spot = timeline.spotOf(visit);
    return spot && { number: spot.index + 1, count: spot.section.model.size };
  },
  onMove: (_, { key }) => changePlace({ face: key }, { replace: true }),
  onClose: closeFace,
  onDelete: (visit, face) => void deleteFace(visit, face, arrivals),
});
const holders = new Holders(selection, news, dialog);
const gone = new Gone(arrivals, holders, (error) => repeats.fail(error));
const connectionNotice = new ConnectionNotice(() => {
  live.open();
  void reload();
});
const live = new Live(onEvent, onConnection);
const repeats = new Repeats(live, {
  reload: () => void reload(),
  recount: () => arrivals.renew(),
  isAsking: () => timeline.isAsking,
});
listenToCards(timeline, selection, openFace);

/** Moves to another place on the page: back returns. */
async function move(/** @type {Partial<import("./address.js").Place>} */ change) {
  await faceLeft();
  const isStale = isOver();
  changePlace(change);
  scrollTo({ top: 0 });
  void follow({ isStale });
}

/** Shows the place that the URL names. @param {{ isStale?: boolean }} [options] isStale: also one that is shown */
async function follow({ isStale = false } = {}) {
  const before = place;
  place = readPlace();
  const isSame = before.day === place.day && before.since === place.since &&
    String(before.cameras) === String(place.cameras);
  if (before.since !== place.since) news.draw();
  if (!isSame || isStale) await open();
  else if (before.quarter !== place.quarter) timeline.draw();
  if (place.face !== before.face) await showFace();
}

/**
 * Scrolls to the first visit of a quarter and focuses it.
 * @param {import("./day_section.js").DaySection} section
 * @param {number} quarter
 */
async function jump(section, quarter) {
  place = readPlace();
  const index = section.model.indexOfQuarter(quarter);
  timeline.scrollTo({ section, index });
  timeline.draw();
  const first = await section.visitAt(index);
  if (first) timeline.focus(first);
}

/** Loads the place from the start. */
async function open() {
  isOpening = true;
  arrivals.clear();
  dayControl.show(place.day ?? dayName());
  await timeline.show(place.day);
  isOpening = false;
  const [first] = timeline.sections;
  dayControl.show(first.name);
  onSettled();
  if (isBehind) {
    arrivals.renew({ isOutdated: true });
    void gone.ask();
  }
  isBehind = false;
  await showQuarter(timeline, { quarter: () => place.quarter, openDay: (day) => openInstead({ day }) });
}

/** Loads another place instead of this one: back does not return here. */
async function openInstead(/** @type {Partial<import("./address.js").Place>} */ change) {
  changePlace(change, { replace: true });
  place = readPlace();
  await open();
}

/** Whether midnight has passed since the page was opened as that of today. */
const isOver = () => place.day === null && timeline.isOver;

/** Loads the new day of a page of today. A quarter that was pressed is one of the day before. */
const openToday = () => openInstead({ quarter: null });

/** Shows the face that the URL names, wherever it is. */
async function showFace() {
  const key = place.face;
  if (key === null) return dialog.isOpen && dialog.element.close();
  try {
    const toDay = (/** @type {string} */ day) => ({ day: day === dayName() ? null : day, quarter: null });
    const visit = await visitOf(key, timeline, (day) => openInstead(toDay(day)));
    if (readPlace().face === key) dialog.show(visit, visit.faces.find((face) => face.key === key));
  } catch (error) {
    changePlace({ face: null }, { replace: true });
    place = readPlace();
    toast(`This face cannot be shown: ${/** @type {Error} */ (error).message}`, { isWrong: true });
  }
}

async function openFace(/** @type {Visit} */ visit) {
  await faceLeft();
  changePlace({ face: visit.faces[visit.best].key }, { state: { isOpened: true } });
  place = readPlace();
  dialog.show(visit);
}

/** The dialog closed: the URL follows, and the focus goes to the card of the visit that was shown last. */
function closeFace(/** @type {Visit | undefined} */ visit) {
  place = { ...place, face: null };
  leaveFace();
  if (visit) timeline.focus(visit);
}

/**
 * @param {string} name
 * @param {any} data
 */
function onEvent(name, data) {
  if (name === "visits") {
    document.body.classList.contains("empty") ? void open() : arrivals.take(usable(data));
  } else if (name === "removed") arrivals.remove(data);
  else if (name === "index") arrivals.renew(data);
  else if (name === "cameras") cameras.take({ cameras: data });
  else if (name === "broker") cameras.take(data);
  else if (name === "ready") {
    const isFirst = !wasReady;
    wasReady = true;
    // The answers on their way to a page that is being loaded may be older than its events.
    isBehind = isFirst && isOpening;
    void (isBehind ? loadAround() : reload());
  }
}

/** Asks for everything that may have changed while no events came. */
async function reload() {
  repeats.cancel();
  if (!timeline.sections[0]?.isKnown || document.body.classList.contains("empty")) await open();
  else arrivals.renew({ isOutdated: true });
  void loadAround();
}

/** Loads what stands around the days. */
async function loadAround() {
  await Promise.allSettled([loadSession(), cameras.ask(), news.load(), gone.ask()]);
}

function onConnection(/** @type {import("./live.js").Connection} */ connection) {
  showLive(byId("live"), connection.state);
  const { now } = cameras;
  connectionNotice.show(connection, waitingFaces(now.cameras));
  // What the line says of the cameras is old while no events come.
  showCameraLine(byId("cameras"), connection.state === "lost" ? { ...now, cameras: [] } : now);
}

/** Draws what depends on the days, after each change of them. */
function onSettled() {
  const [first] = timeline.sections;
  if (!first?.day || isOpening) return;
  const { day } = first;
  const isEmpty = day.faces === 0 && day.complete && !timeline.hasOlder && place.day === null &&
    place.cameras.length === 0 && place.since === null;
  document.body.classList.remove("loading");
  document.body.classList.toggle("empty", isEmpty);
  byId("empty").hidden = !isEmpty;
  byId("days").hidden = isEmpty;
  if (isEmpty) showEmpty(day.store, cameras.now);
  showChips(day, place.cameras, cameras.now.cameras, (names) => move({ cameras: names, quarter: null }));
  dialog.drawNumber();
  arrivals.settle();
  // The gallery reads its store in the background. An event tells of it, unless it came before the stream was open.
  if (timeline.sections.some((section) => section.day?.complete === false)) repeats.recountLater();
}

async function loadSession() {
  const session = await getSession();
  showAbout(session);
  selection.canDelete = dialog.canDelete = session.allow.includes("delete");
  dialog.canShare = session.token;
}

/** The time goes on: the line of the day, the names of days, and ages. */
function tick() {
  timeline.label();
  if (!news.isEmpty) news.draw();
  onConnection(live.connection);
  dayControl.show(dayControl.day);
  if (isOver() && arrivals.isAtTop) void openToday();
}

addEventListener("popstate", () => void follow());
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !dialog.isOpen) selection.end();
});
setInterval(tick, MINUTE_MS);

live.open();
const others = loadAround();
await open();
await others;
if (place.face !== null) await showFace();
