/** Work at an interval. */

/** Runs `task` every `ms` until it is disposed of. A program that has nothing else left to do ends all the same. */
export function every(ms: number, task: () => void): Disposable {
  let isOver = false; // Deno 2.6 may call a timer once more that was cleared when it was due: see limit.ts.
  const timer = setInterval(() => isOver || task(), ms);
  Deno.unrefTimer(timer);
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      clearInterval(timer);
    },
  };
}
