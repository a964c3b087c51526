/** Ignore zones: drawn by a drag on the picture, moved and resized by pointer and keys. */
import { announce, byId, h, icon } from "../../gallery/page/dom.js";
import { place } from "./overlay.js";

/**
 * @typedef {import("./overlay.js").Box} Box
 * @typedef {import("./overlay.js").Size} Size
 */

/** Minimum side of a zone, pixels of the frame; a shorter drag is a click. */
const MIN_SIDE = 16;
/** Step of the arrow keys, pixels of the frame. */
const STEP = 8;
/** The detector accepts more, but a list beyond this is a mistake of the hand. */
const MAX_ZONES = 50;
const HANDLES = ["nw", "ne", "sw", "se"];
/** @type {Record<string, readonly [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export const zoneText = (/** @type {Box} */ { x, y, width, height }) => `${x},${y},${width},${height}`;

const sizeText = (/** @type {Box} */ { width, height }) => `${width} × ${height} px`;
const nameOf = (/** @type {Box} */ zone) => `Ignore zone at ${zone.x},${zone.y}: ${sizeText(zone)}`;

/** The editor of the zones. */
export class Zones {
  /** @type {Box[]} */
  #zones = [];
  /** @type {Size} */
  #frame = { width: 1, height: 1 };
  #scene = byId("scene");
  #layer = byId("zones");
  #list = byId("zone-list");

  /** @param {() => void} onChange called after each change by hand */
  constructor(onChange) {
    this.onChange = onChange;
    this.#scene.addEventListener("pointerdown", (event) => this.#press(event));
    byId("add").addEventListener("click", () => this.#addInMiddle());
  }

  get all() {
    return this.#zones;
  }

  /** Shows zones that are set, in a frame of this size. Elements of the same ones stay, with focus and pointer. */
  show(/** @type {readonly Box[]} */ zones, /** @type {Size} */ frame) {
    const { width, height } = this.#frame;
    const isSame = zones.map(zoneText).join() === this.#zones.map(zoneText).join();
    if (isSame && frame.width === width && frame.height === height) return;
    this.#zones = [...zones];
    this.#frame = frame;
    this.#draw();
  }

  #draw() {
    this.#layer.replaceChildren(...this.#zones.map((zone, index) => this.#element(zone, index)));
    this.#list.replaceChildren(...this.#zones.map((zone, index) =>
      h(
        "li",
        {},
        h("code", { class: "grow" }, zoneText(zone)),
        h("button", {
          class: "button plain square",
          type: "button",
          "aria-label": `Remove zone ${zoneText(zone)}`,
          onclick: () => this.#remove(index),
        }, icon("bin")),
      )
    ));
  }

  #element(/** @type {Box} */ zone, /** @type {number} */ index) {
    const element = h(
      "button",
      {
        class: "zone",
        type: "button",
        "aria-label": nameOf(zone),
        "aria-keyshortcuts": "ArrowUp ArrowDown ArrowLeft ArrowRight Delete",
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, index),
      },
      h("span", { class: "size" }, sizeText(zone)),
      ...HANDLES.map((corner) => h("i", { class: corner, "data-corner": corner })),
    );
    place(element, zone, this.#frame);
    return element;
  }

  /** Redraws one zone in place, so that focus and pointer stay on it. */
  #moved(/** @type {number} */ index, /** @type {Box} */ zone) {
    this.#zones[index] = zone;
    const element = /** @type {HTMLElement} */ (this.#layer.children[index]);
    element.setAttribute("aria-label", nameOf(zone));
    const size = element.querySelector(".size");
    if (size) size.textContent = sizeText(zone);
    place(element, zone, this.#frame);
    const row = this.#list.children[index];
    const [code, button] = [row.querySelector("code"), row.querySelector("button")];
    if (code) code.textContent = zoneText(zone);
    button?.setAttribute("aria-label", `Remove zone ${zoneText(zone)}`);
    this.onChange();
  }

  #key(/** @type {KeyboardEvent} */ event, /** @type {number} */ index) {
    const zone = this.#zones[index];
    const arrow = ARROWS[event.key];
    if (arrow) {
      event.preventDefault();
      const [right, down] = arrow.map((one) => one * STEP);
      this.#moved(
        index,
        event.shiftKey
          ? this.#fitted({ ...zone, width: zone.width + right, height: zone.height + down })
          : this.#inside({ ...zone, x: zone.x + right, y: zone.y + down }),
      );
      announce(zoneText(this.#zones[index]));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#remove(index);
    }
  }

  #remove(/** @type {number} */ index) {
    announce(`Zone ${zoneText(this.#zones[index])} removed`);
    this.#zones.splice(index, 1);
    this.#draw();
    byId("add").focus();
    this.onChange();
  }

  #addInMiddle() {
    if (byId("picture").hidden) return;
    const { width, height } = this.#frame;
    const [w, t] = [Math.round(width / 4), Math.round(height / 4)];
    const at = this.#add(
      this.#fitted({ x: Math.round((width - w) / 2), y: Math.round((height - t) / 2), width: w, height: t }),
    );
    if (at === undefined) return;
    /** @type {HTMLElement} */ (this.#layer.children[at]).focus();
  }

  /** @returns {number | undefined} its index; undefined when there are too many */
  #add(/** @type {Box} */ zone) {
    if (this.#zones.length >= MAX_ZONES) {
      announce("No more zones can be added");
      return undefined;
    }
    this.#zones.push(zone);
    this.#draw();
    this.onChange();
    return this.#zones.length - 1;
  }

  /** A press on a handle resizes, on a zone moves, elsewhere begins a zone. */
  #press(/** @type {PointerEvent} */ event) {
    if (event.button !== 0 || byId("picture").hidden) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const element = target.closest(".zone");
    const index = element ? [...this.#layer.children].indexOf(element) : -1;
    const from = this.#pointOf(event);
    if (index < 0) return this.#drag(event, (to) => between(from, to), undefined);
    const zone = this.#zones[index];
    const { corner } = target.dataset;
    if (!corner) {
      return this.#drag(
        event,
        (to) => this.#inside({ ...zone, x: zone.x + to.x - from.x, y: zone.y + to.y - from.y }),
        index,
      );
    }
    const opposite = {
      x: corner.endsWith("w") ? zone.x + zone.width : zone.x,
      y: corner.startsWith("n") ? zone.y + zone.height : zone.y,
    };
    this.#drag(event, (to) => this.#fitted(between(opposite, to)), index);
  }

  /**
   * Follows the pointer until it is released.
   * @param {PointerEvent} press
   * @param {(to: { x: number, y: number }) => Box} zoneAt
   * @param {number | undefined} index undefined: a zone that exists from a minimum size on
   */
  #drag(press, zoneAt, index) {
    const ended = new AbortController();
    const { signal } = ended;
    const isOther = (/** @type {PointerEvent} */ { pointerId }) => pointerId !== press.pointerId;
    if (press.pointerType === "mouse") press.preventDefault();
    if (index !== undefined) /** @type {HTMLElement} */ (this.#layer.children[index]).focus();
    addEventListener("pointermove", (event) => {
      if (isOther(event)) return;
      const zone = zoneAt(this.#pointOf(event));
      if (index === undefined && zone.width >= MIN_SIDE && zone.height >= MIN_SIDE) index = this.#add(zone);
      else if (index !== undefined) this.#moved(index, this.#fitted(zone));
    }, { signal });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      addEventListener(end, (event) => {
        if (isOther(event)) return;
        ended.abort();
        if (index !== undefined) this.onChange();
      }, { signal });
    }
  }

  /** Where the pointer is, in pixels of the frame. */
  #pointOf(/** @type {PointerEvent} */ { clientX, clientY }) {
    const { left, top, width, height } = this.#scene.getBoundingClientRect();
    const clamp = (/** @type {number} */ value, /** @type {number} */ most) =>
      Math.round(Math.max(0, Math.min(most, value)));
    return {
      x: clamp((clientX - left) * this.#frame.width / width, this.#frame.width),
      y: clamp((clientY - top) * this.#frame.height / height, this.#frame.height),
    };
  }

  /** The zone, moved into the frame. */
  #inside(/** @type {Box} */ { x, y, width, height }) {
    const { width: w, height: t } = this.#frame;
    return { x: Math.max(0, Math.min(w - width, x)), y: Math.max(0, Math.min(t - height, y)), width, height };
  }

  /** The zone with a size between the minimum and what the frame has room for. */
  #fitted(/** @type {Box} */ { x, y, width, height }) {
    const { width: w, height: t } = this.#frame;
    const side = (/** @type {number} */ length, /** @type {number} */ room) =>
      Math.max(Math.min(MIN_SIDE, room), Math.min(room, length));
    return this.#inside({
      x,
      y,
      width: side(width, w - Math.min(x, w - MIN_SIDE)),
      height: side(height, t - Math.min(y, t - MIN_SIDE)),
    });
  }
}

/**
 * @param {{ x: number, y: number }} a
 * @param {{ x: number, y: number }} b
 */
function between(a, b) {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}
