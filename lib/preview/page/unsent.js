/** The last faces that were not sent, and how many there were for each reason. */
import { byId, h } from "../../gallery/page/dom.js";
import { durationText, momentText, printable, secondText } from "../../gallery/page/words.js";

/**
 * @typedef {object} Unsent
 * @property {number} id
 * @property {string} text
 * @property {string} detail
 * @property {number} firstMs
 * @property {number} lastMs
 *
 * @typedef {{ reason: string, name: string, count: number }} Count
 */

/** Shows the counts of the reasons that occurred. */
export function showCounts(/** @type {readonly Count[]} */ counts, /** @type {number} */ since) {
  const shown = counts.filter(({ reason, count }) => reason !== "sent" && count > 0);
  const key = shown.map(({ reason, count }) => `${reason} ${count}`).join();
  const list = byId("counts");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...shown.map(({ name, count }) => h("li", {}, h("b", {}, String(count)), ` ${name}`)));
  byId("since").textContent = `since ${momentText(since)}, last 10`;
}

/** Shows the faces, the newest first. An entry that goes on keeps its element. */
export function showUnsent(/** @type {readonly Unsent[]} */ faces) {
  const list = byId("unsent");
  /** @type {Map<string | undefined, HTMLElement>} */
  const known = new Map([...list.children].map((item) => [
    /** @type {HTMLElement} */ (item).dataset.id,
    /** @type {HTMLElement} */ (item),
  ]));
  const items = faces.map((face) => filled(known.get(String(face.id)) ?? newItem(face.id), face));
  if (items.length === 0) {
    items.push(
      h(
        "li",
        { class: "quiet" },
        "None so far. A face that is not sent is shown here, with the reason. " +
          "Pictures that are worse than the best of their visit are only counted.",
      ),
    );
  }
  const isSame = items.length === list.children.length &&
    items.every((item, index) => list.children[index] === item);
  if (!isSame) list.replaceChildren(...items);
}

function newItem(/** @type {number} */ id) {
  return h(
    "li",
    { "data-id": String(id) },
    h("img", { src: `crops/${id}.jpg`, alt: "", width: 44, height: 44 }),
    h("p", {}, h("b", {}), h("span", { class: "quiet small" })),
    h("time", { class: "quiet small" }),
  );
}

/**
 * @param {HTMLElement} item
 * @param {Unsent} face
 */
function filled(item, { text, detail, firstMs, lastMs }) {
  const lasted = lastMs - firstMs;
  const parts = {
    b: printable(text),
    span: [printable(detail), lasted > 0 ? `for ${durationText(lasted)}` : ""].filter(Boolean).join(", "),
  };
  for (const [tag, value] of Object.entries({ ...parts, time: secondText(lastMs) })) {
    const element = item.querySelector(tag);
    if (element && element.textContent !== value) element.textContent = value;
  }
  return item;
}
