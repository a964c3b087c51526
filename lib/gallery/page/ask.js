/** A question before something that cannot be undone. Cancel has the focus. */
import { h, icon } from "./dom.js";

/**
 * Asks. Resolves with the value of the chosen button; null for Cancel and Escape.
 * @param {{ title: string, text: string, yes: string, other?: string }} question `other` is a second, rarer answer
 * @returns {Promise<"yes" | "other" | null>}
 */
export function ask({ title, text, yes, other }) {
  const { promise, resolve } = Promise.withResolvers();
  const answer = (/** @type {"yes" | "other" | null} */ value) => () => {
    resolve(value);
    dialog.close();
  };
  const dialog = h(
    "dialog",
    { class: "ask", "aria-labelledby": "ask-title", "aria-describedby": "ask-text" },
    h("h2", { id: "ask-title" }, title),
    h("p", { id: "ask-text" }, text),
    h(
      "div",
      { class: "row" },
      other !== undefined &&
        h("button", { class: "button plain danger", type: "button", onclick: answer("other") }, other),
      h("span", { class: "grow" }),
      h("button", { class: "button", type: "button", autofocus: true, onclick: answer(null) }, "Cancel"),
      h("button", { class: "button main danger", type: "button", onclick: answer("yes") }, icon("bin"), yes),
    ),
  );
  dialog.addEventListener("close", () => {
    resolve(null);
    dialog.remove();
  });
  // Keys of the page and of a dialog below do not see what happens here.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}
