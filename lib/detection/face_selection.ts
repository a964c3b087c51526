/** Selects the detections that become faces: every one, or one or two of each visit. */
import type { VisitMetadata } from "../face/face.ts";
import { crop, type CroppedFace, withMargin } from "../image/crop.ts";
import type { Frame } from "../image/frame.ts";
import { qualityOf } from "../image/quality.ts";
import type { Detection } from "./engine.ts";
import { looksIn } from "./looks.ts";
import { type Visit, Visits, type VisitSettings } from "./visits.ts";

/** A detection, cropped and scored. */
export interface ScoredFace extends CroppedFace {
  readonly frame: { readonly width: number; readonly height: number };
  readonly capturedMs: number;
  /** Quality of the picture, 0..1; see lib/image/quality.ts. */
  readonly score: number;
  /** See Detection. */
  readonly neighbors?: number;
  readonly weight?: number;
  readonly detectionScore?: number;
  readonly landmarks?: Detection["landmarks"];
}

/** A face to send. */
export interface SelectedFace extends ScoredFace {
  readonly visit?: VisitMetadata;
}

/** Selects the faces to send. */
export interface FaceSelector {
  /** The faces to send after this frame. Frames come in order. */
  update(frame: Frame, boxes: readonly Detection[]): SelectedFace[];
  /** The faces to send at the end of the input. */
  flush(): SelectedFace[];
}

/** When a visit yields a face. */
export interface BestSettings extends VisitSettings {
  /** Interval between faces while a visit lasts, milliseconds of the source. */
  readonly stillMs: number;
}

/** At the end of a visit a face is sent only if its score is this factor above the scores sent before. */
const CLEARLY_BETTER = 1.15;

/** Whether a detection is certainly a face. */
export type FaceCheck = (face: ScoredFace) => boolean;

/** Selects every detection that passes the check. */
export function everyFace(margin: number, isFace: FaceCheck = () => true): FaceSelector {
  return {
    update: (frame, boxes) => boxes.map((box) => scoredFace(frame, box, margin)).filter(isFace),
    flush: () => [],
  };
}

/**
 * Selects faces of each visit: the best so far as soon as the visit is confirmed, another one at an interval while it
 * lasts, and at its end the best one since then, if it is clearly better than those before.
 */
export function bestFaces(margin: number, settings: BestSettings, isFace?: FaceCheck): FaceSelector {
  return new BestFaces(margin, settings, isFace);
}

/** The state of a visit. */
interface VisitState {
  /** The best face since the last one that was sent. */
  best?: ScoredFace;
  sentMs?: number;
  /** The highest score that was sent. */
  sentScore: number;
}

class BestFaces implements FaceSelector {
  readonly #visits: Visits<ScoredFace>;
  readonly #states = new WeakMap<Visit<ScoredFace>, VisitState>();

  constructor(
    private readonly margin: number,
    private readonly settings: BestSettings,
    isFace?: FaceCheck,
  ) {
    this.#visits = new Visits(settings, isFace);
  }

  update(frame: Frame, boxes: readonly Detection[]): SelectedFace[] {
    const { sourceTimeMs } = frame;
    const looksOf = looksIn(frame);
    const sightings = boxes.map((box) => ({
      box,
      sourceTimeMs,
      looks: looksOf(box),
      item: scoredFace(frame, box, this.margin),
    }));
    const { seen, ended } = this.#visits.update(sightings, sourceTimeMs);
    const faces = seen.flatMap(({ visit, sighting }) =>
      this.#whileItLasts(visit, sighting.item, sourceTimeMs)
    );
    return [...faces, ...ended.flatMap((visit) => this.#atItsEnd(visit))];
  }

  flush(): SelectedFace[] {
    return this.#visits.flush().flatMap((visit) => this.#atItsEnd(visit));
  }

  #whileItLasts(visit: Visit<ScoredFace>, face: ScoredFace, nowMs: number): SelectedFace[] {
    const state = this.#stateOf(visit);
    if (!state.best || face.score > state.best.score) state.best = face;
    if (!visit.confirmed) return [];
    const isFirst = state.sentMs === undefined;
    if (!isFirst && nowMs - state.sentMs! < this.settings.stillMs) return [];
    const { best } = state;
    state.best = undefined;
    state.sentMs = nowMs;
    state.sentScore = Math.max(state.sentScore, best.score);
    return [{ ...best, visit: metadata(visit, isFirst ? "first" : "still") }];
  }

  #atItsEnd(visit: Visit<ScoredFace>): SelectedFace[] {
    const { best, sentScore } = this.#stateOf(visit);
    if (!best || best.score <= sentScore * CLEARLY_BETTER) return [];
    return [{ ...best, visit: metadata(visit, "best") }];
  }

  #stateOf(visit: Visit<ScoredFace>): VisitState {
    const state = this.#states.get(visit) ?? { sentScore: 0 };
    this.#states.set(visit, state);
    return state;
  }
}

function metadata(
  { number, detections, first, last }: Visit<ScoredFace>,
  why: VisitMetadata["why"],
): VisitMetadata {
  const time = ({ item }: { item: ScoredFace }) => new Date(item.capturedMs).toISOString();
  return { number, detections, began: time(first), last: time(last), why };
}

function scoredFace(
  frame: Frame,
  { x, y, neighbors, weight, score: detectionScore, landmarks, ...size }: Detection,
  margin: number,
): ScoredFace {
  const box = { x, y, width: size.width, height: size.height };
  const cut = withMargin(box, margin, frame);
  const picture = crop(frame, cut);
  const { width, height, capturedMs } = frame;
  const { score } = qualityOf(picture, box, cut, margin, landmarks);
  const found = { neighbors, weight, detectionScore, landmarks };
  return { picture, box, crop: cut, frame: { width, height }, capturedMs, score, ...found };
}
