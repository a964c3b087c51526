/** The chips of the cameras, each with its count of the day. */
import { byId, h, hasChanged, mark, replaceChips, spoken } from "./dom.js";
import { markOf, stateOf } from "./header.js";
import { printable } from "./words.js";

/** Chips beyond it are left out; the cameras page has all. */
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
  if (
    !hasChanged(place, day.cameras, selected, states.map(({ name, state, reason }) => [name, state, reason]))
  ) return;
  const counts = new Map(day.cameras.map(({ name, visits }) => [name, visits]));
  for (const name of [...selected, ...states.map((state) => state.name)]) {
    if (!counts.has(name)) counts.set(name, 0);
  }
  const countOf = (/** @type {string} */ name) => counts.get(name) ?? 0;
  const names = [...counts.keys()].sort((a, b) =>
    countOf(b) - countOf(a) || a.localeCompare(b, undefined, { numeric: true })
  ).slice(0, MAX_CHIPS);
  const all = day.cameras.reduce((sum, { visits }) => sum + visits, 0);
  replaceChips(place, "camera", [
    chip("", "All", all, { isOn: selected.length === 0, onclick: () => onSelect([]) }),
    ...names.map((name) => {
      const isOn = selected.includes(name);
      const onclick = () => onSelect(isOn ? selected.filter((other) => other !== name) : [...selected, name]);
      const state = states.find((camera) => camera.name === name);
      return chip(name, printable(name, 40), countOf(name), { isOn, state, onclick });
    }),
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
