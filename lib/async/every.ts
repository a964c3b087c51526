/** Work at an interval. */

/** Runs `task` every `ms` until it is disposed of. A program that has nothing else left to do ends all the same. */
export function every(ms: number, task: () => void): Disposable {
  const timer = setInterval(task, ms);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
