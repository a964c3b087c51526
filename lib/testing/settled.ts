/** For tests whose work needs no timer and no system: promises only. */

/** Microtasks that a chain of promises in a test may take; far more than any does. */
const MICROTASKS = 1_000;

/** Resolves when every promise that can settle now has settled, and what waited for it has run. */
export async function settled(): Promise<void> {
  for (let count = 0; count < MICROTASKS; count++) await Promise.resolve();
}
