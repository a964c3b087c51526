/** Builds elements. Texts become text nodes; nothing here parses markup. */

/**
 * An element with attributes and children. `on…` adds a listener, `true` an empty attribute; `false`, `null` and
 * `undefined` add nothing, but `aria-…` takes both booleans.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (name.startsWith("aria-") && typeof value === "boolean") {
      element.setAttribute(name, String(value)); // Screen readers tell "false" from a missing state.
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Whether what an element shows has changed since the last call, given by values that JSON can hold. What has not
 * changed is not made again: a press that began on a button must end on the same one.
 * @param {Element} element
 * @param {...unknown} values
 */
export function hasChanged(element, ...values) {
  const text = JSON.stringify(values);
  if (drawn.get(element) === text) return false;
  drawn.set(element, text);
  return true;
}

/**
 * Replaces the children of an element. A child with the focus passes it on to the one with the same data attribute.
 * @param {HTMLElement} element
 * @param {string} name of the data attribute, as in `dataset`
 * @param {readonly HTMLElement[]} children
 */
export function replaceChips(element, name, children) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset[name];
  element.replaceChildren(...children);
  if (focused !== undefined) children.find(({ dataset }) => dataset[name] === focused)?.focus();
}

/** The element with an id that the markup of the page is known to have. */
export function byId(/** @type {string} */ id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * An SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Node} children
 */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Strokes of the icons, on a square of 24. */
const ICONS = {
  left: "M14.5 5.5 8 12l6.5 6.5",
  right: "M9.5 5.5 16 12l-6.5 6.5",
  up: "M12 19V5.5M6 11l6-6 6 6",
  day: "M5 6h14v13H5zM5 10h14M9 3.5V7M15 3.5V7",
  camera: "M3 7h12v10H3zM15 11l6-3v8l-6-3z",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5.5 12.5l4.2 4.2L18.5 8",
  select: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM8.5 12.2l2.5 2.5 4.5-4.9",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  link:
    "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2",
  bin: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10.3 10.5V16M13.7 10.5V16",
  copy: "M9 9h10.5v10.5H9zM15 9V4.500H4.500V15H9",
  zip: "M5 4h9l5 5v11H5zM12 9.500v6M9.500 13l2.500 2.500 2.500-2.500",
  alert: "M12 4 2.500 20h19zM12 10v4.500M12 17.200v.2",
  again: "M19.500 12a7.500 7.500 0 1 1-2.300-5.400L19.500 9M19.500 4v5h-5",
  pictures: "M5 9h14v10.500H5zM7.500 5h9",
  search: "M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500 20 20",
  clock: "M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM12 7.500V12l3 2",
};

/** An icon beside a text that says the same. */
export function icon(/** @type {keyof typeof ICONS} */ name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    svg("path", { d: ICONS[name] }),
  );
}

/** The mark of a state. A text beside it says the state in words. */
export function mark(/** @type {string} */ state) {
  return h("span", { class: `mark ${state}`, "aria-hidden": "true" });
}

/** Text for screen readers alone. */
export function spoken(/** @type {string} */ text) {
  return h("span", { class: "spoken" }, text);
}

/** Says a text through a screen reader, without moving the focus. */
export function announce(/** @type {string} */ text) {
  byId("said").textContent = text;
}

/** Whether the screen has the width of a phone: the same limit as in the styles. */
export const isPhone = () => matchMedia("(max-width: 720px)").matches;
