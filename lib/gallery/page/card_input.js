/** What mouse, keyboard and fingers do with the cards. */
import { byId } from "./dom.js";

/** @typedef {import("./api.js").Visit} Visit */

/** A finger that stays on a card this long selects it. */
const LONG_PRESS_MS = 500;
/** A finger that moves further scrolls. */
const PRESS_SLACK_PX = 10;

/**
 * Listens to the cards.
 * @param {import("./timeline.js").Timeline} timeline
 * @param {import("./selection.js").Selection} selection
 * @param {(visit: Visit) => void} onOpen
 */
export function listenToCards(timeline, selection, onOpen) {
  const root = byId("days");
  const visitAt = (/** @type {Event} */ { target }) => {
    const item = /** @type {HTMLElement} */ (target).closest("li[data-id]");
    const id = /** @type {HTMLElement | null} */ (item)?.dataset.id;
    return id === undefined ? undefined : timeline.find((visit) => visit.id === id);
  };
  const press = listenToLongPresses(root, visitAt, (visit) => selection.toggle(visit));
  root.addEventListener("click", (event) => {
    const visit = visitAt(event);
    const target = /** @type {HTMLElement} */ (event.target);
    if (!visit || event.ctrlKey || event.metaKey) return; // The browser opens the link in a tab.
    if (!target.closest("a, .tick")) return;
    event.preventDefault();
    if (press.wasLong()) return;
    if (event.shiftKey) void selection.extend(visit);
    else if (selection.isActive || target.closest(".tick")) selection.toggle(visit);
    else onOpen(visit);
  });
  root.addEventListener("keydown", (event) => {
    const visit = visitAt(event);
    if (!visit || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && event.target instanceof HTMLAnchorElement) selection.toggle(visit);
    else if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
      void moveFocus(timeline, visit, event, selection);
    } else return;
    event.preventDefault();
  });
}

/**
 * Moves the focus between cards: to the sides by one, up and down by a row, Home and End within the day.
 * @param {import("./timeline.js").Timeline} timeline
 * @param {Visit} visit
 * @param {KeyboardEvent} event
 * @param {import("./selection.js").Selection} selection
 */
async function moveFocus(timeline, visit, { key, shiftKey }, selection) {
  const spot = timeline.spotOf(visit);
  if (!spot) return;
  const { section, index } = spot;
  const last = section.model.size - 1;
  const { columns } = section.grid;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    Home: 0,
    End: last,
  };
  let target = targets[key];
  // The last row may be shorter.
  if (key === "ArrowDown" && target > last && Math.floor(index / columns) < Math.floor(last / columns)) {
    target = last;
  }
  const next = target >= 0 && target <= last
    ? await section.visitAt(target)
    : await timeline.neighbour((await section.visitAt(target < 0 ? 0 : last)) ?? visit, target < 0 ? -1 : 1);
  if (!next) return;
  timeline.focus(next);
  if (shiftKey) await selection.extend(next);
}

/**
 * @param {HTMLElement} root
 * @param {(event: Event) => Visit | undefined} visitAt
 * @param {(visit: Visit) => void} onLong
 */
function listenToLongPresses(root, visitAt, onLong) {
  /** @type {number | undefined} */
  let timer;
  let isLong = false;
  let [x, y] = [0, 0];
  const end = () => clearTimeout(timer);
  root.addEventListener("pointerdown", (event) => {
    isLong = false;
    end();
    const visit = event.pointerType === "touch" && event.isPrimary && visitAt(event);
    if (!visit) return;
    [x, y] = [event.clientX, event.clientY];
    timer = setTimeout(() => {
      isLong = true;
      onLong(visit);
    }, LONG_PRESS_MS);
  });
  root.addEventListener("pointermove", (event) => {
    if (Math.hypot(event.clientX - x, event.clientY - y) > PRESS_SLACK_PX) end();
  });
  root.addEventListener("pointerup", end);
  root.addEventListener("pointercancel", end);
  root.addEventListener("contextmenu", (event) => {
    if (isLong || (/** @type {PointerEvent} */ (event).pointerType === "touch" && visitAt(event))) {
      event.preventDefault();
    }
  });
  return { wasLong: () => isLong };
}
