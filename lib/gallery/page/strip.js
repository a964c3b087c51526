/**
 * The strip of a day: a bar for each quarter of an hour with visits. It is one tab stop: left and right move between
 * bars, Home and End to the first and last, Enter jumps. On touch the whole strip is one target: the nearest bar is
 * taken and named above the finger.
 */
import { h, hasChanged } from "./dom.js";
import { QUARTER_MS } from "./day_model.js";
import { counted, hourText, minuteText } from "./words.js";

/** Height of the highest and the lowest bar, in pixels. */
const MAX_PX = 46;
const MIN_PX = 17;
/** Hours between two labels. */
const LABEL_HOURS = 3;
/** Every second one of longer labels, such as "12 AM", is left out on a phone. */
const MAX_SHORT_LABEL = 3;

/** @typedef {{ counts: readonly number[], boundary: number | null, now: number, pressed: number | null }} StripState */

/** A strip. */
export class Strip {
  #bars = h("div", { class: "bars" });
  #rest = h("div", { class: "rest", hidden: true });
  #now = h("div", { class: "now", hidden: true }, h("span", {}, "now"));
  #tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  /** @type {HTMLButtonElement[]} */
  #buttons = [];
  /** @type {number | undefined} the quarter of the tab stop */
  #stop;

  /**
   * @param {{ from: number, to: number }} range
   * @param {(quarter: number) => void} onJump
   */
  constructor({ from, to }, onJump) {
    this.from = from;
    this.to = to;
    this.onJump = onJump;
    const track = h("div", { class: "track" }, this.#bars, this.#rest, this.#now, this.#tip);
    this.element = h(
      "div",
      {
        class: "strip",
        role: "group",
        "aria-label": "Visits in each quarter of an hour. Arrow keys move, Enter jumps.",
      },
      track,
      this.#hours(),
    );
    this.#listen(track);
  }

  #hours() {
    const row = h("div", { class: "hours", "aria-hidden": "true" });
    const day = new Date(this.from);
    for (let hour = 0; hour < 24; hour += LABEL_HOURS) {
      const ms = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour).getTime();
      const text = hourText(ms);
      const label = h("span", { class: text.length > MAX_SHORT_LABEL && "long" }, text);
      label.style.left = this.#left(ms);
      row.append(label);
    }
    return row;
  }

  /** The place of a time, as a part of the width. */
  #left(/** @type {number} */ ms) {
    return `${100 * Math.max(0, Math.min(1, (ms - this.from) / (this.to - this.from)))}%`;
  }

  /** Draws the bars. */
  update(/** @type {StripState} */ { counts, boundary, now, pressed }) {
    if (hasChanged(this.#bars, counts, boundary, pressed)) this.#drawBars({ counts, boundary, pressed });
    const isRunning = now >= this.from && now < this.to;
    this.#now.hidden = this.#rest.hidden = !isRunning;
    this.#now.style.left = this.#rest.style.left = this.#left(now);
    this.#now.classList.toggle("late", now - this.from > 0.9 * (this.to - this.from));
  }

  #drawBars(/** @type {Omit<StripState, "now">} */ { counts, boundary, pressed }) {
    const focused = this.#buttons.find((button) => button === document.activeElement)?.dataset.quarter;
    const max = Math.max(1, ...counts);
    this.#buttons = counts.flatMap((count, quarter) =>
      count > 0 ? [this.#bar(count, quarter, { max, boundary, pressed })] : []
    );
    this.#bars.replaceChildren(...this.#buttons);
    const stop = this.#buttons.find(({ dataset }) => Number(dataset.quarter) === this.#stop) ??
      this.#buttons.at(-1);
    if (stop) stop.tabIndex = 0;
    if (focused !== undefined) stop?.focus({ preventScroll: true });
    this.#tip.hidden = true;
  }

  /**
   * @param {number} count
   * @param {number} quarter
   * @param {{ max: number, boundary: number | null, pressed: number | null }} state
   */
  #bar(count, quarter, { max, boundary, pressed }) {
    const began = this.from + quarter * QUARTER_MS;
    const ended = Math.min(this.to, began + QUARTER_MS);
    const isNew = boundary !== null && ended > boundary;
    const text = `${minuteText(began)} to ${minuteText(ended)}`;
    const button = h("button", {
      type: "button",
      tabindex: -1,
      class: isNew && "new",
      "data-quarter": quarter,
      "data-tip": `${text} · ${counted(count, "visit")}`,
      "aria-label": `${text}, ${counted(count, "visit")}`,
      "aria-pressed": quarter === pressed,
    }, h("span", {}));
    button.style.left = this.#left(began);
    button.style.width = `${100 * QUARTER_MS / (this.to - this.from)}%`;
    const height = Math.max(MIN_PX, Math.round(MAX_PX * Math.sqrt(count / max)));
    /** @type {HTMLElement} */ (button.firstElementChild).style.height = `${height}px`;
    return button;
  }

  #listen(/** @type {HTMLElement} */ track) {
    const buttonOf = (
      /** @type {Event} */ { target },
    ) => /** @type {HTMLButtonElement | null} */ (/** @type {HTMLElement} */ (target).closest("button"));
    this.#bars.addEventListener("click", (event) => {
      const button = buttonOf(event);
      // A finger is handled below: it rarely hits a bar.
      if (button && /** @type {PointerEvent} */ (event).pointerType !== "touch") this.#jump(button);
    });
    this.#bars.addEventListener("pointerover", (event) => this.#name(buttonOf(event)));
    this.#bars.addEventListener("focusin", (event) => {
      const button = buttonOf(event);
      if (!button) return;
      this.#setStop(button);
      if (button.matches(":focus-visible")) this.#name(button);
    });
    this.#bars.addEventListener("focusout", () => this.#name(null));
    track.addEventListener("pointerleave", () => this.#name(null));
    this.#bars.addEventListener("keydown", (event) => this.#key(event));
    // Otherwise the browser makes a mouse click of it, which takes the focus from the card.
    track.addEventListener("touchend", (event) => event.preventDefault());
    for (const type of ["pointerdown", "pointermove", "pointerup"]) {
      track.addEventListener(type, (event) => this.#touch(/** @type {PointerEvent} */ (event)));
    }
  }

  #touch(/** @type {PointerEvent} */ event) {
    if (event.pointerType !== "touch") return;
    const { left, width } = this.#bars.getBoundingClientRect();
    const quarter = (event.clientX - left) / width * (this.to - this.from) / QUARTER_MS - 0.5;
    const distance = (/** @type {HTMLButtonElement} */ { dataset }) =>
      Math.abs(Number(dataset.quarter) - quarter);
    const nearest = this.#buttons.toSorted((a, b) => distance(a) - distance(b))[0];
    if (!nearest) return;
    if (event.type === "pointerup") this.#jump(nearest);
    this.#name(event.type === "pointerup" ? null : nearest);
  }

  #key(/** @type {KeyboardEvent} */ event) {
    const at = this.#buttons.findIndex((button) => button === document.activeElement);
    const last = this.#buttons.length - 1;
    /** @type {Record<string, number>} */
    const targets = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
    if (at < 0 || !(event.key in targets)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#buttons[Math.max(0, Math.min(last, targets[event.key]))].focus();
  }

  #setStop(/** @type {HTMLButtonElement} */ stop) {
    for (const button of this.#buttons) button.tabIndex = button === stop ? 0 : -1;
    this.#stop = Number(stop.dataset.quarter);
  }

  #jump(/** @type {HTMLButtonElement} */ button) {
    this.#setStop(button);
    this.onJump(Number(button.dataset.quarter));
  }

  /** Names a bar above it. */
  #name(/** @type {HTMLButtonElement | null} */ button) {
    for (const other of this.#buttons) other.classList.toggle("named", other === button);
    this.#tip.hidden = button === null;
    if (!button) return;
    this.#tip.textContent = button.dataset.tip ?? "";
    // The tip stays inside of the strip.
    const room = this.#bars.clientWidth;
    const half = this.#tip.offsetWidth / 2;
    const centre = button.offsetLeft + button.offsetWidth / 2;
    this.#tip.style.left = `${Math.max(half, Math.min(room - half, centre))}px`;
  }
}
