/** The chips of the cameras, each with its count of the day. */
import { MAX_CAMERAS } from "./address.js";
import { byId, h, hasChanged, mark, replaceChips, spoken } from "./dom.js";
import { markOf, stateOf } from "./header.js";
import { toast } from "./notices.js";
import { printable } from "./words.js";

/** Chips beyond it are counted only, except those of selected cameras. */
const MAX_CHIPS = 100;

/**
 * Shows a chip for each camera of the day.
 * @param {import("./api.js").Day} day
 * @param {readonly string[]} selected
 * @param {readonly import("./api.js").Camera[]} states
 * @param {(cameras: string[]) => void} onSelect
 */
export function showChips(day, selected, states, onSelect) {
  const place = byId("chips");
  const shown = states.map(({ name, state, reason }) => [name, state, reason]);
  if (!hasChanged(place, day.cameras, day.others, selected, shown)) return;
  const counts = new Map(day.cameras.map(({ name, visits }) => [name, visits]));
  for (const name of [...selected, ...states.map((state) => state.name)]) {
    if (!counts.has(name)) counts.set(name, 0);
  }
  const countOf = (/** @type {string} */ name) => counts.get(name) ?? 0;
  const places = Math.max(0, MAX_CHIPS - selected.length);
  const sorted = [...counts.keys()].sort((a, b) =>
    countOf(b) - countOf(a) || a.localeCompare(b, undefined, { numeric: true })
  );
  const unselected = sorted.filter((name) => !selected.includes(name));
  const kept = new Set([...selected, ...unselected.slice(0, places)]);
  const names = sorted.filter((name) => kept.has(name));
  const more = day.others.cameras + sorted.length - names.length;
  const all = day.cameras.reduce((sum, { visits }) => sum + visits, day.others.visits);
  replaceChips(place, "camera", [
    chip("", "All", all, { isOn: selected.length === 0, onclick: () => onSelect([]) }),
    ...names.map((name) => {
      const isOn = selected.includes(name);
      const onclick = () => {
        if (isOn) onSelect(selected.filter((other) => other !== name));
        else if (selected.length < MAX_CAMERAS) onSelect([...selected, name]);
        else toast(`At most ${MAX_CAMERAS} cameras can be selected`, { isWrong: true });
      };
      const state = states.find((camera) => camera.name === name);
      return chip(name, printable(name, 40), countOf(name), { isOn, state, onclick });
    }),
    ...(more > 0 ? [h("a", { href: "cameras" }, `and ${more} more`)] : []),
  ]);
}

/**
 * @param {string} camera
 * @param {string} text
 * @param {number} count
 * @param {{ isOn: boolean, state?: import("./api.js").Camera, onclick: () => void }} options
 */
function chip(camera, text, count, { isOn, state, onclick }) {
  const isWrong = state && state.state !== "good";
  return h(
    "button",
    { class: "chip", type: "button", "aria-pressed": isOn, "data-camera": camera, onclick },
    state && mark(markOf(state)),
    h("span", {}, text, isWrong && spoken(`, ${printable(state.reason ?? stateOf(state))},`)),
    " ",
    h("span", { class: "number" }, String(count)),
  );
}
