/** The warning that the board's clock was never set. */
import { Outage, type OutageTimes, sinceMinutes } from "../async/outage.ts";
import { isPlausible } from "../face/plausible_time.ts";
import type { Log } from "../log.ts";

/** What a clock that was never set causes in a sink that does not hold faces back. */
export const WITHOUT_DATE = "faces are stored without a date";

/**
 * Returns the function to call with every capture time. While the times are implausible, the log warns of them and of
 * the consequence.
 */
export function clockWarning(
  log: Log,
  consequence: string,
  times?: OutageTimes,
): (time: string | number) => void {
  const outage = new Outage({
    down: (clock, lastedMs) =>
      log.warn(`the board's clock was never set; ${consequence}`, {
        clock,
        needed: "a time server: sudo timedatectl set-ntp true",
        ...sinceMinutes(lastedMs),
      }),
    up: () => log.info("the board's clock is set"),
  }, times);
  return (time) => {
    if (isPlausible(time)) outage.worked();
    else outage.failed(new Date(time).toISOString(), "never set");
  };
}
