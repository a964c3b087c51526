/** Swipes with a finger. */

/** The shortest swipe, in pixels. */
const MIN_PX = 48;

/**
 * Calls `onSwipe` with the direction of each swipe over an element.
 * @param {HTMLElement} element
 * @param {(direction: "left" | "right" | "up" | "down") => void} onSwipe
 */
export function listenToSwipes(element, onSwipe) {
  /** @type {{ id: number, x: number, y: number } | undefined} */
  let began;
  element.addEventListener("pointerdown", (event) => {
    // A second finger zooms.
    began = event.pointerType === "touch" && event.isPrimary
      ? { id: event.pointerId, x: event.clientX, y: event.clientY }
      : undefined;
  });
  element.addEventListener("pointercancel", () => began = undefined);
  element.addEventListener("pointerup", (event) => {
    if (event.pointerId !== began?.id) return;
    const x = event.clientX - began.x;
    const y = event.clientY - began.y;
    began = undefined;
    if (Math.abs(x) > MIN_PX && Math.abs(x) > 1.5 * Math.abs(y)) onSwipe(x < 0 ? "left" : "right");
    else if (Math.abs(y) > MIN_PX && Math.abs(y) > 1.5 * Math.abs(x)) onSwipe(y < 0 ? "up" : "down");
  });
}
