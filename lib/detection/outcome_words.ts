/** Outcomes in words, for the aiming page and annotated frames. */
import type { Detection } from "./engine.ts";
import type { SearchLimits } from "./missed.ts";
import type { Outcome, Reason, Standing } from "./outcome.ts";

/** Outcomes as the page counts them. */
export const OUTCOME_NAMES: Readonly<Record<Outcome, string>> = {
  sent: "sent",
  worse: "worse than the best",
  unconfirmed: "not confirmed",
  no_eyes: "no eyes",
  ignored: "ignored",
  low_score: "low score",
  too_small: "too small",
  too_large: "too large",
  unsearched: "no motion",
};

/** A text in full, and one for small pictures. */
export interface Words {
  readonly text: string;
  readonly short: string;
}

/** The limits that reasons name. */
export interface NamedLimits extends SearchLimits {
  readonly minWeight?: number;
}

/** What a detection is, in words. */
export function standingWords(standing: Standing, box: Detection, limits: NamedLimits): Words {
  switch (standing.kind) {
    case "counts":
      return { text: `counts · ${sideOf(box)} px`, short: `${sideOf(box)} px` };
    case "waits": {
      const { hits, needed, frames } = standing;
      return { text: `not yet: ${hits} of ${needed} in ${frames}`, short: `${hits} of ${needed}` };
    }
    case "unsent":
      return reasonWords(standing.reason, box, limits);
  }
}

/** Why a detection is not sent, in words. */
export function reasonWords(reason: Reason, box: Detection, limits: NamedLimits): Words {
  switch (reason) {
    case "too_small":
      return {
        text: `${Math.min(box.width, box.height)} px, minimum ${limits.minSize}`,
        short: `${sideOf(box)} px`,
      };
    case "too_large":
      return {
        text: `${Math.max(box.width, box.height)} px, maximum ${limits.maxSize}`,
        short: `${sideOf(box)} px`,
      };
    case "ignored":
      return { text: "ignored zone", short: "ignored" };
    case "unsearched":
      return { text: "no motion here: not searched", short: "no motion" };
    case "low_score":
      return scoreWords(box, limits);
    case "unconfirmed":
    case "no_eyes":
    case "worse":
      return { text: OUTCOME_NAMES[reason], short: OUTCOME_NAMES[reason] };
  }
}

function scoreWords(
  { score, weight, neighbors }: Detection,
  { minScore, minWeight, minNeighbors }: NamedLimits,
): Words {
  if (score !== undefined && minScore !== undefined && score < minScore) {
    return { text: `score ${rounded(score)}, minimum ${minScore}`, short: rounded(score) };
  }
  if (neighbors !== undefined && minNeighbors !== undefined && neighbors <= minNeighbors) {
    return { text: `${neighbors} hits, minimum ${minNeighbors + 1}`, short: `${neighbors} hits` };
  }
  if (weight !== undefined && minWeight !== undefined && weight < minWeight) {
    return { text: `score ${rounded(weight)}, minimum ${minWeight}`, short: rounded(weight) };
  }
  return { text: "just below the limits", short: "low score" };
}

function sideOf({ width, height }: Detection): number {
  return Math.round((width + height) / 2);
}

/** With as many decimals as tell it from a limit. */
function rounded(value: number): string {
  return String(Math.floor(value * 100) / 100);
}
