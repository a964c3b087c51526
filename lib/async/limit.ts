/**
 * Limits of waiting that count only time in which this program runs. After a standstill (a busy board, a laptop that
 * slept) a timer is over at once, although what it limits has perhaps come and is not read yet.
 */

/** A timer that is later than this shows a standstill. */
const LATE_MS = 100;
/** On a machine that stands still again and again a limit ends nevertheless. */
const MAX_STANDSTILLS = 3;

/** A monotonic clock, in milliseconds, and timers. */
export interface LimitTimes {
  readonly nowMs: () => number;
  /** Calls `run` after `ms`. Returns what cancels that. */
  readonly after: (ms: number, run: () => void) => () => void;
}

const TIMES: LimitTimes = {
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Calls `onEnd` once, after `limitMs`. Time that was lost in a standstill is given once more, up to `limitMs`. Returns
 * what cancels it.
 */
export function startLimit(limitMs: number, onEnd: () => void, times: LimitTimes = TIMES): () => void {
  let standstills = 0;
  let isOver = false;
  let cancel = () => {};
  const wait = (ms: number) => {
    const dueMs = times.nowMs() + ms;
    cancel = times.after(ms, () => {
      if (isOver) return; // Deno 2.6 calls timers that are over together, also one that the first of them has cleared.
      const lateMs = times.nowMs() - dueMs;
      if (lateMs > LATE_MS && standstills++ < MAX_STANDSTILLS) wait(Math.min(lateMs, limitMs));
      else onEnd();
    });
  };
  wait(limitMs);
  return () => {
    isOver = true;
    cancel();
  };
}
