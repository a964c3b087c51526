/** What stands above the days: the state of store and gallery, new visits since the last look; and short messages. */
import { announce, byId, h, hasChanged, icon } from "./dom.js";
import { bestFace } from "./card.js";
import { agoText, counted, momentText, printable } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */

const TOAST_MS = 6_000;

/**
 * A notice above the content of a page.
 * @param {string} kind class of its colour
 * @param {Node[]} content
 */
export function notice(kind, ...content) {
  return h("div", { class: `notice ${kind}` }, ...content);
}

/** The button of a notice about something that did not answer. */
export function tryNow(/** @type {() => void} */ onTry) {
  return h("button", { class: "button", type: "button", onclick: onTry }, icon("again"), "Try now");
}

/** The notice about the connection. */
export class ConnectionNotice {
  #place = h("div", { role: "alert" });
  #countdown = h("span", { class: "quiet", "aria-live": "off" });
  #retryAt = 0;
  #shown = "";

  /** @param {() => void} onTry */
  constructor(onTry) {
    this.onTry = onTry;
    byId("notices").prepend(this.#place);
    setInterval(() => this.#count(), 1_000);
  }

  /**
   * @param {import("./live.js").Connection} connection
   * @param {number | null} waiting faces in the outboxes; null: unknown
   */
  show({ state, since, reason, retryAt }, waiting) {
    this.#retryAt = state === "lost" ? retryAt : 0;
    this.#count();
    const shown = `${state} ${momentText(since)} ${reason} ${waiting}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (state === "lost") this.#place.replaceChildren(this.#lost(since));
    else if (state === "away") this.#place.replaceChildren(this.#away(since, reason, waiting));
    else this.#place.replaceChildren();
  }

  #lost(/** @type {number} */ since) {
    return notice(
      "caution",
      icon("alert"),
      h(
        "p",
        {},
        h("b", {}, `The gallery does not answer since ${momentText(since)}.`),
        " ",
        this.#countdown,
        h(
          "span",
          { class: "quiet" },
          " Check that the gallery runs and that this device is on the same network.",
        ),
      ),
      tryNow(this.onTry),
    );
  }

  #away(/** @type {number} */ since, /** @type {string} */ reason, /** @type {number | null} */ waiting) {
    const faces = waiting === null
      ? "New faces wait in the outboxes of the detectors"
      : `${counted(waiting, "face")} ${waiting === 1 ? "waits" : "wait"} in the outboxes`;
    const cause = printable(reason).replace(/[.\s]*$/, "");
    return notice(
      "bad",
      icon("alert"),
      h(
        "p",
        {},
        h("b", {}, `The store does not answer since ${momentText(since)}.`),
        h(
          "span",
          { class: "quiet" },
          ` ${cause ? `${cause[0].toUpperCase()}${cause.slice(1)}. ` : ""}You see what was loaded before. `,
          `No face is lost: ${faces} and appear here after they are stored.`,
        ),
      ),
      tryNow(this.onTry),
    );
  }

  #count() {
    if (this.#retryAt === 0) return;
    const seconds = Math.ceil((this.#retryAt - Date.now()) / 1000);
    this.#countdown.textContent = seconds > 0 ? `Next try in ${seconds} s.` : "Trying now.";
  }
}

/** Pictures in the banner. */
const BANNER_FACES = 5;

/** The banner of visits since the last look. */
export class SinceBanner {
  #place = h("div", {});

  /** @param {{ onOnly: (only: boolean) => void, onSeen: () => void }} actions */
  constructor(actions) {
    this.actions = actions;
    byId("notices").append(this.#place);
  }

  /**
   * @param {readonly Visit[]} visits new ones, newest first
   * @param {{ count: string, boundary: number, since: number | null }} state since: only visits after it are shown
   */
  show(visits, { count, boundary, since }) {
    if (since !== null && since !== boundary) return this.#showOther(since);
    const isOnly = since !== null;
    const isShown = visits.length > 0 || isOnly;
    const thumbs = visits.slice(0, BANNER_FACES).map((visit) => bestFace(visit).thumb);
    const when = agoText(boundary).replace(/^at /, "");
    if (!hasChanged(this.#place, isShown && [thumbs, count, when, isOnly])) return;
    if (!isShown) return this.#place.replaceChildren();
    const { onOnly, onSeen } = this.actions;
    const faces = thumbs.map((src) => h("img", { src, alt: "", width: 34, height: 34 }));
    this.#place.replaceChildren(notice(
      "accent since",
      h("span", { class: "round", "aria-hidden": "true" }, ...faces),
      h(
        "p",
        { class: "grow" },
        h("b", {}, count),
        h("span", { class: "desk" }, ` since you last looked ${/ago$/.test(when) ? "" : "at "}${when}`),
        h("span", { class: "phone small quiet" }, `since ${when}`),
      ),
      h(
        "button",
        { class: "button plain", type: "button", "aria-pressed": isOnly, onclick: () => onOnly(!isOnly) },
        isOnly ? "Show all" : h("span", {}, "Show", h("span", { class: "desk" }, " only these")),
      ),
      h(
        "button",
        { class: "button plain", type: "button", "aria-label": "Mark as seen", onclick: onSeen },
        h("span", { class: "desk" }, "Mark as seen"),
        h("span", { class: "phone" }, icon("close")),
      ),
    ));
  }

  /** A link of another browser, or of an earlier look, names another time than the last look. */
  #showOther(/** @type {number} */ since) {
    const text = `Only visits since ${momentText(since)}`;
    if (!hasChanged(this.#place, text)) return;
    const showAll = () => this.actions.onOnly(false);
    this.#place.replaceChildren(notice(
      "accent since",
      h("p", { class: "grow" }, h("b", {}, text)),
      h(
        "button",
        { class: "button plain", type: "button", "aria-pressed": true, onclick: showAll },
        "Show all",
      ),
    ));
  }
}

/** Shows a short message at the edge of the window; a modal dialog shows it inside. */
export function toast(/** @type {string} */ text, { isWrong = false } = {}) {
  const message = h(
    "p",
    { class: `toast${isWrong ? " failed" : ""}` },
    icon(isWrong ? "alert" : "check"),
    text,
  );
  const dialogs = document.querySelectorAll("dialog[open]");
  const place = dialogs[dialogs.length - 1] ?? byId("toasts");
  for (const old of document.querySelectorAll(".toast")) old.remove();
  place.append(message);
  if (place !== byId("toasts")) announce(text);
  setTimeout(() => message.remove(), TOAST_MS);
}
