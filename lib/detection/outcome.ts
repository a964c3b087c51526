/** What becomes of a detection: it is sent, or there is one reason why it is not. */

/** Outcomes of detections that belong to visits, or that are faces of their own. */
export const SELECTION_OUTCOMES = ["sent", "worse", "unconfirmed", "no_eyes"] as const;
/** Outcomes of detections that the filters keep from a visit. */
export const FILTERS = ["ignored", "low_score"] as const;
/** Outcomes of faces that the search does not report; only a second, wider search finds them. */
export const MISSED = ["too_small", "too_large", "unsearched"] as const;

/**
 * Each detection has exactly one of them.
 *
 * | outcome       | meaning                                                                                  |
 * |---------------|------------------------------------------------------------------------------------------|
 * | `sent`        | its picture became a face                                                                |
 * | `worse`       | its visit has a better picture, or was sent with one that is nearly as good              |
 * | `unconfirmed` | its visit ended before it was confirmed (`--confirm`), or it returned to a visit alone   |
 * | `no_eyes`     | `--eyes on`, and no eye was found in it, or in any face of its visit                     |
 * | `ignored`     | its centre lies in a zone of `--ignore`                                                  |
 * | `low_score`   | its score is below `--min-weight`; of a second search also below `--min-score` and others  |
 * | `too_small`   | smaller than `--min-size`, or than the smallest face that the engine searches for        |
 * | `too_large`   | larger than `--max-size`                                                                 |
 * | `unsearched`  | it lies where nothing moved, so that this part of the frame was not searched             |
 */
export const OUTCOMES = [...SELECTION_OUTCOMES, ...FILTERS, ...MISSED] as const;

export type Outcome = typeof OUTCOMES[number];
export type SelectionOutcome = typeof SELECTION_OUTCOMES[number];
export type Filter = typeof FILTERS[number];
/** Why a detection is not sent. */
export type Reason = Exclude<Outcome, "sent">;

/** What a detection is when its frame has been selected from; it may still be sent, or not. */
export type Standing =
  /** Its visit is confirmed, or it is a face of its own. */
  | { readonly kind: "counts" }
  /** Its visit had `hits` detections in the last `frames` frames, and needs `needed`. */
  | { readonly kind: "waits"; readonly hits: number; readonly needed: number; readonly frames: number }
  | { readonly kind: "unsent"; readonly reason: Reason };

export const COUNTS: Standing = { kind: "counts" };
