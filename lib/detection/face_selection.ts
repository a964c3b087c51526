/** Which of the detections are worth a picture: every one, or one or two of each visit. */
import type { VisitMetadata } from "../face/face.ts";
import { crop, type Picture, withMargin } from "../image/crop.ts";
import type { Box, Frame } from "../image/frame.ts";
import { qualityOf } from "../image/quality.ts";
import type { Detection } from "./engine.ts";
import { similarity } from "./similarity.ts";
import { type Visit, Visits, type VisitSettings } from "./visits.ts";

/** A detection, cut out and judged. */
export interface CutFace {
  readonly picture: Picture;
  /** What the cascade found and what was cut out, in pixels of the frame. */
  readonly box: Box;
  readonly crop: Box;
  readonly frame: { readonly width: number; readonly height: number };
  readonly capturedMs: number;
  /** How good a picture it is, 0..1; see lib/image/quality.ts. */
  readonly score: number;
  /** How sure the detector was, where it says so: see Detection. */
  readonly neighbors?: number;
  readonly weight?: number;
}

/** A face to be handed over. */
export interface SelectedFace extends CutFace {
  readonly visit?: VisitMetadata;
}

/** Selects the faces to send. */
export interface FaceSelector {
  /** The faces to hand over after this frame. */
  update(frame: Frame, boxes: readonly Detection[]): SelectedFace[];
  /** The faces to hand over at the end. */
  flush(): SelectedFace[];
}

/** When a visit gets another picture. */
export interface BestSettings extends VisitSettings {
  /** Whoever stays gets one every so often, milliseconds. */
  readonly stillMs: number;
}

/** A picture at the end has to be so much better than the ones before it. */
const CLEARLY_BETTER = 1.15;
/** Less alike, and it is somebody else: one person's faces gave 0.74 and more, two persons' 0.3 and less. */
const MIN_SIMILARITY = 0.5;

/** Whether a detection is a face for sure. */
export type FaceCheck = (face: CutFace) => boolean;

/** The homework's way: a picture for every detection, of those that pass the check. */
export function everyFace(margin: number, isFace: FaceCheck = () => true): FaceSelector {
  return {
    update: (frame, boxes) => boxes.map((box) => cutFace(frame, box, margin)).filter(isFace),
    flush: () => [],
  };
}

/**
 * The first picture of a visit as soon as it is confirmed, the best one of it so far; another one now and then while
 * it lasts; and at its end the best one since then, if it is clearly better than what was handed over. A visit counts
 * once one of its detections has passed the check.
 */
export function bestFaces(margin: number, settings: BestSettings, isFace?: FaceCheck): FaceSelector {
  const alike = (some: CutFace, other: CutFace) => similarity(some, other) >= MIN_SIMILARITY;
  const visits = new Visits<CutFace>(settings, { alike, ...(isFace && { isFace }) });
  const states = new WeakMap<Visit<CutFace>, VisitState>();
  const stateOf = (visit: Visit<CutFace>) => {
    const state = states.get(visit) ?? { handedOverScore: 0 };
    states.set(visit, state);
    return state;
  };
  const atEnd = (ended: readonly Visit<CutFace>[]) =>
    ended.flatMap((visit) => {
      const { best, handedOverScore } = stateOf(visit);
      return best && best.score > handedOverScore * CLEARLY_BETTER
        ? [{ ...best, visit: metadata(visit, "best") }]
        : [];
    });

  return {
    update(frame, boxes) {
      const { sourceTimeMs } = frame;
      const sightings = boxes.map((box) => ({ box, sourceTimeMs, item: cutFace(frame, box, margin) }));
      const { seen, ended } = visits.update(sightings, sourceTimeMs);
      const chosen = seen.flatMap(({ visit, sighting }) => {
        const state = stateOf(visit);
        if (!state.best || sighting.item.score > state.best.score) state.best = sighting.item;
        if (!visit.confirmed) return [];
        const isFirst = state.handedOverMs === undefined;
        if (!isFirst && sourceTimeMs - state.handedOverMs! < settings.stillMs) return [];
        const { best } = state;
        state.best = undefined;
        state.handedOverMs = sourceTimeMs;
        state.handedOverScore = Math.max(state.handedOverScore, best.score);
        return [{ ...best, visit: metadata(visit, isFirst ? "first" : "still") }];
      });
      return [...chosen, ...atEnd(ended)];
    },
    flush: () => atEnd(visits.flush()),
  };
}

/** What is known of a visit's pictures. */
interface VisitState {
  /** The best one that was not handed over yet. */
  best?: CutFace;
  handedOverMs?: number;
  handedOverScore: number;
}

function metadata(
  { number, detections, first, last }: Visit<CutFace>,
  why: VisitMetadata["why"],
): VisitMetadata {
  const time = ({ item }: { item: CutFace }) => new Date(item.capturedMs).toISOString();
  return { number, detections, began: time(first), last: time(last), why };
}

function cutFace(frame: Frame, { x, y, neighbors, weight, ...size }: Detection, margin: number): CutFace {
  const box = { x, y, width: size.width, height: size.height };
  const cut = withMargin(box, margin, frame);
  const picture = crop(frame, cut);
  const { width, height, capturedMs } = frame;
  const { score } = qualityOf(picture, box, cut, margin);
  return { picture, box, crop: cut, frame: { width, height }, capturedMs, score, neighbors, weight };
}
