/** What login and shared face do beyond their markup: show the typed token, and times in the viewer's zone. */
import { h, svg } from "./dom.js";
import { drawIcons } from "./header.js";
import { agoText, durationText, fullDayText, minuteText, nearDay, shortDayText } from "./words.js";

const message = document.getElementById("message");
if (message?.textContent === "") message.removeAttribute("data-icon");
else message?.parentElement?.querySelector(".field")?.setAttribute("aria-invalid", "true");
drawIcons();
const token = /** @type {HTMLInputElement | null} */ (document.getElementById("token"));
if (token) addReveal(token);
for (const element of document.querySelectorAll("time[datetime]")) {
  localise(/** @type {HTMLTimeElement} */ (element));
}

/** A button that shows the token as text. */
function addReveal(/** @type {HTMLInputElement} */ field) {
  const eye = svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    svg("path", {
      d: "M2.5 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 9.200a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600z",
    }),
  );
  const button = h("button", {
    class: "button plain",
    type: "button",
    "aria-label": "Show the token",
    "aria-pressed": false,
    onclick: () => {
      const isShown = field.type === "text";
      field.type = isShown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!isShown));
      field.focus();
    },
  }, eye);
  field.after(button);
}

/** Writes a time in the viewer's zone and language: `data-as` names its form. */
function localise(/** @type {HTMLTimeElement} */ element) {
  const ms = Date.parse(element.dateTime);
  if (Number.isNaN(ms)) return;
  const left = ms - Date.now();
  /** @type {Record<string, () => string>} */
  const forms = {
    minute: () => minuteText(ms),
    day: () => fullDayText(ms),
    expiry: () => `${nearDay(ms) ?? `on ${shortDayText(ms)}`} at ${minuteText(ms)}, in ${durationText(left)}`,
    moment: () => `${shortDayText(ms)}, ${minuteText(ms)}`,
    ago: () => agoText(ms),
  };
  const form = forms[element.dataset.as ?? "moment"];
  if (form) element.textContent = form();
}
