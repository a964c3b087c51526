/** The settings that the page prints, in the form in which somebody writes them. */
import { announce, byId, h, icon } from "../../gallery/page/dom.js";
import { zoneText } from "./zones.js";

/**
 * @typedef {import("./overlay.js").Box} Box
 * @typedef {{ minSize: number, zones: readonly Box[] }} Chosen
 */

const quoted = (/** @type {readonly Box[]} */ zones) => `"${zones.map(zoneText).join(" ")}"`;

/** @type {Record<string, (chosen: Chosen) => string[]>} */
const FORMS = {
  "Flags": ({ minSize, zones }) => [`--min-size ${minSize}`, `--ignore ${quoted(zones)}`],
  "Settings file": ({ minSize, zones }) => [`min-size = ${minSize}`, `ignore = ${quoted(zones)}`],
  "Environment": ({ minSize, zones }) => [`HAARLEM_MIN_SIZE=${minSize}`, `HAARLEM_IGNORE=${quoted(zones)}`],
};

let form = "Flags";
/** @type {Chosen} */
let chosen = { minSize: 0, zones: [] };

/** Shows the settings. The same ones are not written again, so that a selection of text survives a picture. */
export function printSettings(/** @type {Chosen} */ settings) {
  chosen = settings;
  const [command, text] = [byId("command"), FORMS[form](chosen).join("\n")];
  if (command.textContent !== text) command.textContent = text;
}

/** Adds the choice of forms and the button that copies. */
export function startCopying() {
  const chips = Object.keys(FORMS).map((name) =>
    h("button", {
      class: "chip",
      type: "button",
      "aria-pressed": name === form,
      onclick: () => {
        form = name;
        for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.textContent === form));
        printSettings(chosen);
      },
    }, name)
  );
  byId("forms").replaceChildren(...chips);
  const button = byId("copy");
  button.append(icon("copy"));
  button.addEventListener("click", async () => {
    const isCopied = await copy(byId("command"));
    button.replaceChildren(icon(isCopied ? "check" : "copy"));
    announce(isCopied ? "Copied" : "Selected; copy it with your browser");
    setTimeout(() => button.replaceChildren(icon("copy")), 2_000);
  });
}

/** Copies the text of an element. Over plain HTTP from another machine browsers offer the old way only. */
async function copy(/** @type {HTMLElement} */ element) {
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return document.execCommand("copy");
  }
}
