/** How the outcomes of detections are counted and logged. */
import type { Settled } from "../detection/face_selection.ts";
import { type Outcome, OUTCOMES } from "../detection/outcome.ts";
import { counter } from "../health/metric.ts";
import type { Counter } from "../health/metrics.ts";
import type { Box } from "../image/frame.ts";
import type { Log } from "../log.ts";

/** Detections by their outcome, see lib/detection/outcome.ts. */
export const DETECTION_METRIC = counter("haarlem_detections_total", {
  help: "detections by outcome; too_small, too_large, unsearched and those below --min-score or " +
    "--min-neighbors are samples: of one frame in 10 s or longer where --min-size, --max-size or one of these is set, " +
    "of more while the aiming page is open, of all with --explain",
  label: "outcome",
  values: OUTCOMES,
  field: {
    sent: "detections",
    worse: ["detections", "worse"],
    unconfirmed: ["detections", "unconfirmed"],
    no_eyes: ["detections", "noEyes"],
    ignored: "ignored",
    low_score: "lowScore",
    too_small: "tooSmall",
    too_large: "tooLarge",
    unsearched: "unsearched",
  },
  omitsZero: [
    "worse",
    "unconfirmed",
    "noEyes",
    "ignored",
    "lowScore",
    "tooSmall",
    "tooLarge",
    "unsearched",
  ],
});

/** Counts a detection that is not sent, and logs it. @param box in pixels of the camera's picture */
export function countUnsent(
  reason: Outcome,
  { x, y, width, height }: Box,
  { detections, log }: { readonly detections: Counter<Outcome>; readonly log: Pick<Log, "debug"> },
): void {
  detections.add(reason);
  log.debug("not sent", { reason, box: `${x},${y},${width},${height}` });
}

/** Counts what a selector settles; what is not sent also goes to the log. */
export function countSettled(counted: Counter<Outcome>, log: Log) {
  return ({ outcome, detections, visit }: Settled): void => {
    for (let nth = 0; nth < detections; nth++) counted.add(outcome);
    if (outcome === "unconfirmed" || outcome === "no_eyes") {
      log.debug("not sent", { reason: outcome, detections, visit: visit?.number });
    }
  };
}
