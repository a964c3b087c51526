/** What the sinks of a detector have in common. */
import type { BoardClock } from "../clock/board_clock.ts";
import { isPlausible } from "../face/plausible_time.ts";
import { Outage, type OutageTimes, sinceMinutes } from "../async/outage.ts";
import { type BUS_SETTINGS, openBus } from "./bus.ts";
import type { SINK_SETTINGS } from "./face_sink.ts";
import type { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import type { Values } from "../settings/declare.ts";

/** The settings of a sink, and those of the detector that it needs. */
export type SinkSettings = Values<typeof SINK_SETTINGS & typeof BUS_SETTINGS> & {
  readonly broker: string;
  readonly brokerCa?: string;
  readonly camera: string;
  readonly once: boolean;
};

/** What a sink works with. */
export interface Surroundings {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: BoardClock;
  readonly health: Health;
}

/** The second half of a warning about the clock, where faces do not wait for it. */
export const WITHOUT_DATE = "faces are stored without a date";

/** Returns the function that takes each time of the clock, and warns while it shows times that cannot be. */
export function timeWarning(
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

/** Without a state folder every start is an epoch of its own. */
export function freshNumbers(): { epoch: string; nextSequence(): number } {
  let sequence = 0;
  return { epoch: crypto.randomUUID().replaceAll("-", "").slice(0, 16), nextSequence: () => ++sequence };
}

export function openBrokerBus(
  settings: SinkSettings,
  log: Log,
  changes: { readonly onUp?: () => void; readonly onDown?: () => void } = {},
) {
  const worker = `detector-${settings.camera}`;
  return openBus({
    role: "broker",
    address: settings.broker,
    ca: settings.brokerCa,
    settings,
    worker,
    log,
    ...changes,
  });
}
