/** The pictures of a visit below the large one. */
import { h } from "./dom.js";
import { secondText } from "./words.js";

/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {import("./api.js").Face} Face */

/** The pictures of a visit in the order of the film: the best one, then the others by time. */
export function filmOf(/** @type {Visit} */ visit) {
  const best = visit.faces[visit.best];
  return best ? [best, ...visit.faces.filter((face) => face !== best)] : visit.faces;
}

/**
 * Draws the film. Without another picture it is hidden.
 * @param {HTMLElement} film
 * @param {Visit} visit
 * @param {Face} shown
 * @param {(face: Face) => void} onShow
 */
export function drawFilm(film, visit, shown, onShow) {
  const pictures = filmOf(visit);
  film.hidden = pictures.length < 2;
  const isInside = film.contains(document.activeElement);
  film.replaceChildren(...pictures.map((face, index) => {
    const name = nameOf(visit, face);
    const place = `Picture ${index + 1} of ${pictures.length}, ${secondText(face.ms)}`;
    return h(
      "button",
      {
        type: "button",
        "aria-label": name === "" ? place : `${place}, ${name.toLowerCase()}`,
        "aria-current": face === shown,
        onclick: () => onShow(face),
      },
      h("img", { src: face.thumb, alt: "", width: 72, height: 72, decoding: "async" }),
      name || secondText(face.ms),
    );
  }));
  const more = visit.count - pictures.length;
  if (more > 0) film.append(h("p", { class: "small quiet" }, `${more} more in the zip`));
  const current = /** @type {HTMLElement | null} */ (film.querySelector('[aria-current="true"]'));
  if (isInside) current?.focus();
  current?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** "Best", "First" or "Last"; empty for the others, which have their time. */
function nameOf(/** @type {Visit} */ visit, /** @type {Face} */ face) {
  const at = visit.faces.indexOf(face);
  if (at === visit.best) return "Best";
  return at === 0 ? "First" : at === visit.faces.length - 1 ? "Last" : "";
}
