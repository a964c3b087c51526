/** Previous day, date and next day. The date opens the browser's own picker. */
import { dayName, dayRange, FIRST_DAY } from "./address.js";
import { byId } from "./dom.js";
import { shortDayText } from "./words.js";

/** The control of the first day on the page. */
export class DayControl {
  #field = /** @type {HTMLInputElement} */ (byId("day-field"));
  #newer = /** @type {HTMLButtonElement} */ (byId("newer-day"));
  #older = /** @type {HTMLButtonElement} */ (byId("older-day"));
  day = dayName();

  /** @param {{ onDay: (day: string) => void, dayBefore: (day: string) => Promise<string | undefined> }} actions */
  constructor({ onDay, dayBefore }) {
    byId("pick-day").addEventListener("click", () => {
      this.#field.value = this.day;
      this.#field.min = FIRST_DAY;
      this.#field.max = dayName();
      try {
        this.#field.showPicker();
      } catch {
        this.#field.focus(); // A browser without a picker: the field itself takes the day.
      }
    });
    this.#field.addEventListener("change", () => this.#field.value && onDay(this.#field.value));
    this.#newer.addEventListener("click", () => onDay(dayName(dayRange(this.day).to)));
    this.#older.addEventListener("click", async () => {
      const calendar = dayName(dayRange(this.day).from - 1);
      onDay(await dayBefore(this.day).catch(() => undefined) ?? calendar);
    });
  }

  /** Shows a day. */
  show(/** @type {string} */ day) {
    this.day = day;
    byId("day-shown").textContent = shortDayText(dayRange(day).from);
    this.#older.disabled = day <= FIRST_DAY;
    this.#newer.disabled = dayRange(day).to > Date.now();
  }
}
