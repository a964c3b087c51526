/** What is drawn over the picture: detections, searched regions, the square of the smallest face. */
import { h } from "../../gallery/page/dom.js";

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box in pixels of the frame
 * @typedef {{ width: number, height: number }} Size
 * @typedef {Box & { kind: "counts" | "waits" | "unsent", text: string, short: string }} ShownBox
 */

/** Labels of boxes above this share of the picture's height lie below their box. */
const NEAR_TOP = 0.08;
/** Labels of boxes beyond this share of its width end with their box. */
const NEAR_RIGHT = 0.75;

/**
 * Places an element over the picture. The policy of the page allows no style attributes, but their properties.
 * @param {HTMLElement} element
 * @param {Box} box
 * @param {Size} frame
 */
export function place(element, { x, y, width, height }, frame) {
  const { style } = element;
  style.left = `${x * 100 / frame.width}%`;
  style.top = `${y * 100 / frame.height}%`;
  style.width = `${width * 100 / frame.width}%`;
  style.height = `${height * 100 / frame.height}%`;
}

/**
 * Draws the detections. Elements are used again, so that a selection of text survives a picture.
 * @param {HTMLElement} list
 * @param {readonly ShownBox[]} boxes
 * @param {Size} frame
 */
export function drawBoxes(list, boxes, frame) {
  while (list.children.length > boxes.length) list.lastElementChild?.remove();
  boxes.forEach((box, index) => {
    const item = /** @type {HTMLElement} */ (list.children[index] ?? list.appendChild(newBox()));
    const isLow = box.y < NEAR_TOP * frame.height;
    const isRight = box.x > NEAR_RIGHT * frame.width;
    item.className = `box ${box.kind}${isLow ? " below" : ""}${isRight ? " right" : ""}`;
    const [long, short] = item.querySelectorAll("span span");
    long.textContent = box.text;
    short.textContent = box.short;
    place(item, box, frame);
  });
}

function newBox() {
  return h("li", {}, h("span", {}, h("span", { class: "desk" }), h("span", { class: "phone" })));
}

/**
 * Draws the searched regions; a frame that was searched whole has none.
 * @param {HTMLElement} layer
 * @param {"all" | readonly Box[]} regions
 * @param {Size} frame
 */
export function drawRegions(layer, regions, frame) {
  const shown = regions === "all" ? [] : regions;
  layer.replaceChildren(...shown.map((region) => {
    const element = h("div", { class: "region" });
    place(element, region, frame);
    return element;
  }));
}

/**
 * Draws the smallest face into the lower right corner.
 * @param {HTMLElement} ruler
 * @param {number} side
 * @param {Size} frame
 */
export function drawRuler(ruler, side, frame) {
  ruler.hidden = side === 0;
  const edge = Math.round(frame.width * 0.025);
  const box = { x: frame.width - side - edge, y: frame.height - side - edge, width: side, height: side };
  place(ruler, box, frame);
  const text = ruler.querySelector("span");
  if (text) text.textContent = `${side} px`;
}
