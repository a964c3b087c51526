/** Says of each detection of a frame what becomes of it, and finds those that the search does not report. */
import type { Detection } from "../detection/engine.ts";
import { type MissedFace, missedFaces } from "../detection/missed.ts";
import type { Outcome, Reason, Standing } from "../detection/outcome.ts";
import { type NamedLimits, reasonWords, standingWords, type Words } from "../detection/outcome_words.ts";
import { SecondLook } from "../detection/second_look.ts";
import type { Counter } from "../health/metrics.ts";
import { equalise } from "../image/equalise.ts";
import type { Box, Frame, Size } from "../image/frame.ts";
import type { Log } from "../log.ts";
import type { ShownBox } from "../preview/live_pictures.ts";
import type { Values } from "../settings/declare.ts";
import { type DETECTION_SETTINGS, limitsOf, startWiderDetection } from "./detection.ts";
import type { SelectableFrame } from "./search.ts";
import { countUnsent } from "./outcome_metrics.ts";
import { filteredBy, type SELECTION_SETTINGS } from "./selection.ts";
import { inWhole } from "./whole_boxes.ts";

/** The settings that decide what becomes of a detection. */
export type ExplainerSettings = Values<typeof DETECTION_SETTINGS & typeof SELECTION_SETTINGS>;

/** A detection and what becomes of it. */
export interface ExplainedBox extends ShownBox {
  /** Absent for a detection that counts or waits. */
  readonly reason?: Reason;
}

/** What an explainer needs of the detector. */
export interface ExplainerParts {
  /** The smallest face that the engine searches for. */
  readonly smallest: Size;
  readonly detections: Counter<Outcome>;
  readonly log: Log;
}

/** Explains frames. */
export class Explainer implements AsyncDisposable {
  readonly #limits: NamedLimits;
  readonly #second: SecondLook;

  constructor(private readonly settings: ExplainerSettings, private readonly parts: ExplainerParts) {
    const { smallest, log } = parts;
    this.#limits = {
      ...limitsOf(settings),
      minSize: Math.max(smallest.width, smallest.height),
      minWeight: settings.minWeight,
    };
    this.#second = new SecondLook({
      start: () => startWiderDetection(settings),
      prepare: settings.equalise ? equalise : undefined,
      onFailure: (reason) => log.warn("cannot search for faces beyond the limits", { reason }),
    });
  }

  /**
   * Begins to search for faces beyond the limits; the frame is copied before the call returns. They are in pixels of the
   * camera's picture, and those that a smaller frame does not show are not found.
   */
  async look(frame: Frame): Promise<readonly Detection[]> {
    return (await this.#second.look(frame)).map((box) => inWhole(box, frame));
  }

  /** Resolves when `look` finds faces. */
  ready(): Promise<void> {
    return this.#second.ready();
  }

  /** Counts the faces that only `look` found in a frame. */
  count({ boxes, area }: Omit<SelectableFrame, "frame">, second: readonly Detection[]): MissedFace[] {
    const missed = missedFaces(second, boxes, {
      area,
      limits: this.#limits,
      filter: (box) => filteredBy(box, this.settings),
    });
    for (const { box, reason } of missed) countUnsent(reason, box, this.parts);
    return missed;
  }

  /** The faces that only `look` found in a frame, in words; they are counted. */
  missed(result: Omit<SelectableFrame, "frame">, second: readonly Detection[]): ExplainedBox[] {
    return this.count(result, second).map((unsent) => this.#unsent(unsent));
  }

  /** The detections that the search reported. @param standings of the selector, after it took the frame */
  reported(
    { detections, filtered }: Pick<SelectableFrame, "detections" | "filtered">,
    standings: readonly Standing[],
  ): ExplainedBox[] {
    return [
      ...filtered.map((unsent: MissedFace) => this.#unsent(unsent)),
      ...detections.map((box, index) => this.#standing(box, standings[index])),
    ];
  }

  /** Why a detection is not sent, in words. */
  words(reason: Reason, box: Detection): Words {
    return reasonWords(reason, box, this.#limits);
  }

  #unsent({ box, reason }: MissedFace): ExplainedBox {
    return { ...rectangle(box), kind: "unsent", reason, ...this.words(reason, box) };
  }

  #standing(box: Detection, standing: Standing = { kind: "counts" }): ExplainedBox {
    const words = standingWords(standing, box, this.#limits);
    const reason = standing.kind === "unsent" ? standing.reason : undefined;
    return { ...rectangle(box), kind: standing.kind, reason, ...words };
  }

  /** Ends the thread of the second search until the next look. */
  end(): Promise<void> {
    return this.#second.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#second[Symbol.asyncDispose]();
  }
}

function rectangle({ x, y, width, height }: Box): Box {
  return { x, y, width, height };
}
