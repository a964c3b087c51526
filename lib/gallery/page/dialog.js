/** The dialog of a visit: its pictures at full size, the facts, and what can be done with them. */
import { getFace } from "./api.js";
import { bestFace } from "./card.js";
import { announce, h, icon } from "./dom.js";
import { downloadPicture } from "./download.js";
import { factList, sentence } from "./facts.js";
import { drawFilm, filmOf } from "./film.js";
import { copyLink, LINK_HOURS } from "./link.js";
import { listenToSwipes } from "./swipe.js";
import { toast } from "./notices.js";
import { agoText, fullDayText, printable, secondText, shortDayText } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {import("./api.js").Face} Face */

/**
 * What the dialog asks the page.
 * @typedef {object} DialogHost
 * @property {(visit: Visit, step: number) => Promise<Visit | undefined>} neighbour
 * @property {(visit: Visit) => { number: number, count: number } | undefined} placeOf its number in its day
 * @property {(visit: Visit, face: Face) => void} onMove another picture is shown
 * @property {(visit: Visit | undefined) => void} onClose
 * @property {(visit: Visit, face: Face) => void} onDelete
 */

/** The dialog. One exists for the whole life of the page. */
export class FaceDialog {
  canDelete = false;
  /** Whether the gallery makes links that work without a login. */
  canShare = false;
  /** @type {Visit | undefined} */
  visit;
  /** @type {Face | undefined} */
  face;
  #steps = Promise.resolve();
  #title = h("h2", { id: "face-title" });
  #when = h("p", { class: "quiet small" });
  #sheetTitle = h("p", { class: "grow" });
  #picture = h("div", { class: "view" });
  #film = h("div", { class: "film", role: "group", "aria-label": "Pictures of this visit" });
  #sentence = h("p", { class: "sentence" });
  #facts = h("div", {});
  #newer = this.#arrow("newer", "Newer visit", "left", -1);
  #older = this.#arrow("older", "Older visit", "right", 1);
  #download = h(
    "a",
    { class: "button main wide", onclick: downloadPicture },
    icon("download"),
    "Download",
  );
  #share = h("button", { class: "button wide", type: "button", onclick: () => this.#copyLink() });
  #note = h("p", { class: "small quiet full" });
  #delete = h(
    "button",
    { class: "button plain danger", type: "button", onclick: () => this.#askDelete() },
    icon("bin"),
    "Delete",
  );

  /** @param {DialogHost} host */
  constructor(host) {
    this.host = host;
    this.element = this.#build();
    document.body.append(this.element);
    this.element.addEventListener("close", () => {
      const { visit } = this;
      this.visit = this.face = undefined;
      this.host.onClose(visit);
    });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("click", (event) => {
      if (event.target === this.element) this.element.close(); // Beside the dialog.
    });
    listenToSwipes(this.#picture, (direction) => {
      if (direction === "down") this.element.close();
      else if (direction !== "up") this.#step(direction === "left" ? 1 : -1);
    });
  }

  #build() {
    const close = (/** @type {string} */ where) =>
      h(
        "button",
        {
          class: `button plain square ${where}`,
          type: "button",
          "aria-label": "Close",
          onclick: () => this.element.close(),
        },
        icon("close"),
      );
    const link = h(
      "button",
      {
        class: "button plain square",
        type: "button",
        "aria-label": "Copy link",
        onclick: () => this.#copyLink(),
      },
      icon("link"),
    );
    return h(
      "dialog",
      { class: "face", "aria-labelledby": "face-title", tabindex: -1, autofocus: true },
      h("div", { class: "sheet-head phone" }, close(""), this.#sheetTitle, link),
      h(
        "div",
        { class: "stage" },
        h("div", { class: "stage-view" }, this.#newer, this.#picture, this.#older),
        this.#film,
      ),
      h(
        "div",
        { class: "facts" },
        h(
          "div",
          { class: "facts-head" },
          h("div", { class: "grow" }, this.#title, this.#when),
          close("desk"),
        ),
        this.#sentence,
        this.#facts,
      ),
      h(
        "div",
        { class: "acts" },
        this.#download,
        this.#share,
        this.#note,
        this.#delete,
        h(
          "p",
          { class: "small quiet keys desk" },
          h("kbd", {}, "←"),
          h("kbd", {}, "→"),
          " visit ",
          h("kbd", {}, "↑"),
          h("kbd", {}, "↓"),
          " picture",
        ),
      ),
    );
  }

  #arrow(
    /** @type {string} */ name,
    /** @type {string} */ label,
    /** @type {"left" | "right"} */ shape,
    /** @type {number} */ step,
  ) {
    return h(
      "button",
      {
        class: `button square arrow ${name}`,
        type: "button",
        "aria-label": label,
        onclick: () => this.#step(step),
      },
      icon(shape),
    );
  }

  get isOpen() {
    return this.element.open;
  }

  /** Shows a picture of a visit; without one its best. */
  show(/** @type {Visit} */ visit, face = bestFace(visit)) {
    const isOther = visit.id !== this.visit?.id;
    this.visit = visit;
    this.face = face;
    this.#draw();
    void this.#loadFacts(face);
    if (isOther) void this.#lookAround(visit);
    if (!this.isOpen) {
      this.element.showModal();
      this.element.focus();
    } else if (isOther) announce(`${this.#title.textContent}, ${this.#when.textContent}`);
  }

  /** Shows a visit that changed; closes when nothing of it is left. */
  update(/** @type {Visit | undefined} */ visit) {
    if (!this.isOpen || !this.face) return;
    if (!visit || visit.faces.length === 0) {
      this.element.close();
      toast("This face was deleted");
      return;
    }
    const { key } = this.face;
    this.show(visit, visit.faces.find((face) => face.key === key) ?? bestFace(visit));
  }

  /** Draws the number of the visit again. */
  drawNumber() {
    if (this.visit && this.face) this.#drawTitle(this.visit, this.face);
  }

  #draw() {
    const { visit, face } = this;
    if (!visit || !face) return;
    this.#drawTitle(visit, face);
    const alt = `Face at ${printable(visit.camera)}, ${fullDayText(face.ms)}, ${secondText(face.ms)}`;
    if (this.#picture.dataset.key !== face.key) {
      this.#picture.dataset.key = face.key;
      const missing = () =>
        this.#picture.replaceChildren(h("p", { class: "no-picture" }, "The picture cannot be shown"));
      this.#picture.replaceChildren(h("img", { src: face.url, alt, draggable: "false", onerror: missing }));
    }
    drawFilm(this.#film, visit, face, (other) => this.#move(visit, other));
    this.#sentence.textContent = sentence(visit, face);
    this.#facts.replaceChildren(factList(face, undefined));
    this.#download.href = face.url;
    this.#download.download = printable(face.key.slice(face.key.lastIndexOf("/") + 1));
    this.#share.replaceChildren(
      icon("link"),
      h("span", { class: "desk" }, "Copy link"),
      h("span", { class: "phone" }, this.canShare ? `Link for ${LINK_HOURS} h` : "Copy link"),
    );
    this.#note.textContent = this.canShare
      ? `The link shows this one face and expires in ${LINK_HOURS} h.`
      : "The link opens this gallery, on this machine alone.";
    this.#delete.hidden = !this.canDelete;
  }

  #drawTitle(/** @type {Visit} */ visit, /** @type {Face} */ face) {
    const title = `${printable(visit.camera)}, ${secondText(face.ms)}`;
    const place = this.host.placeOf(visit);
    const ago = agoText(face.ms);
    const number = place ? `${place.number} of ${place.count}` : "";
    this.#title.textContent = title;
    this.#when.textContent = [fullDayText(face.ms), number && `visit ${number}`, /ago$/.test(ago) && ago]
      .filter(Boolean).join(" · ");
    const short = [shortDayText(face.ms), number].filter(Boolean).join(" · ");
    this.#sheetTitle.replaceChildren(h("b", {}, title), h("br"), h("span", { class: "small quiet" }, short));
  }

  async #loadFacts(/** @type {Face} */ face) {
    try {
      const { facts, ...whole } = await getFace(face.key);
      if (this.face?.key === face.key) this.#facts.replaceChildren(factList({ ...face, ...whole }, facts));
    } catch (error) {
      if (this.face?.key !== face.key) return;
      const text = `The facts cannot be read: ${/** @type {Error} */ (error).message}.`;
      this.#facts.append(h("p", { class: "quiet" }, text));
    }
  }

  /** Finds out whether there are neighbours, and loads their pictures before they are asked for. */
  async #lookAround(/** @type {Visit} */ visit) {
    for (const [step, button] of /** @type {const} */ ([[1, this.#older], [-1, this.#newer]])) {
      const next = await this.host.neighbour(visit, step).catch(() => undefined);
      if (this.visit?.id !== visit.id) return;
      if (!next && button === document.activeElement) this.element.focus();
      button.disabled = !next;
      const face = next?.faces[next.best];
      if (face) new Image().src = face.url;
    }
  }

  /** Steps to a neighbour, from the visit that the step before has shown: it may have to be loaded first. */
  #step(/** @type {number} */ step) {
    this.#steps = this.#steps.then(async () => {
      const { visit } = this;
      const next = visit && await this.host.neighbour(visit, step).catch(() => undefined);
      if (next && this.visit?.id === visit.id) this.#move(next);
    });
  }

  #move(/** @type {Visit} */ visit, face = bestFace(visit)) {
    this.show(visit, face);
    this.host.onMove(visit, face);
  }

  #key(/** @type {KeyboardEvent} */ event) {
    const { visit, face } = this;
    if (!visit || !face || event.altKey || event.ctrlKey || event.metaKey) return;
    const pictures = filmOf(visit);
    const at = pictures.indexOf(face);
    if (event.key === "ArrowLeft") this.#step(-1);
    else if (event.key === "ArrowRight") this.#step(1);
    else if (event.key === "ArrowUp") this.#move(visit, pictures[Math.max(0, at - 1)]);
    else if (event.key === "ArrowDown") this.#move(visit, pictures[Math.min(pictures.length - 1, at + 1)]);
    else if (event.key === "Delete") this.#askDelete();
    else return;
    event.preventDefault();
  }

  #copyLink() {
    if (this.face) void copyLink(this.face.key, { canShare: this.canShare });
  }

  #askDelete() {
    if (this.canDelete && this.visit && this.face) this.host.onDelete(this.visit, this.face);
  }
}
