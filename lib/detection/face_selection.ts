/** Selects the detections that become faces: every one, or one or two of each visit. */
import type { VisitMetadata } from "../face/face.ts";
import type { Frame, HeldPicture } from "../image/frame.ts";
import type { Detection } from "./engine.ts";
import { looksIn } from "./looks.ts";
import { COUNTS, type SelectionOutcome, type Standing } from "./outcome.ts";
import { cropped, type ScoredBox, scoredBox, type ScoredFace, scoredFace } from "./scored_face.ts";
import { type EndedVisits, type Visit, Visits, type VisitSettings } from "./visits.ts";

/** A face to send. */
export interface SelectedFace extends ScoredFace {
  readonly visit?: VisitMetadata;
  /** The picture of the main stream, which the receiver releases. */
  readonly held?: HeldPicture;
}

/** Selects the faces to send. */
export interface FaceSelector {
  /** The faces to send after this frame. Frames come in order. */
  update(frame: Frame, boxes: readonly Detection[]): SelectedFace[];
  /** The faces to send at the end of the input. */
  flush(): SelectedFace[];
  /** What the detections of the last frame are, in the order of its boxes. */
  standings(): readonly Standing[];
  /** Number of confirmed visits that have not ended; 0 where detections belong to no visit. */
  readonly visitors: number;
}

/** Detections whose outcome is certain. */
export interface Settled {
  readonly outcome: SelectionOutcome;
  /** How many; more than 0. */
  readonly detections: number;
  /** Of a visit that was never confirmed, or of a detection that is a face of its own: the best of them. */
  readonly face?: ScoredFace;
  /** Their visit. */
  readonly visit?: Visit<ScoredBox>;
}

/** What a selector does besides. */
export interface SelectorOptions {
  /** Whether a detection is certainly a face; by default each is. */
  readonly isFace?: FaceCheck;
  /** Called as soon as the outcome of detections is certain; each detection has one. */
  readonly onSettled?: (settled: Settled) => void;
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
export function everyFace(margin: number, options: SelectorOptions = {}): FaceSelector {
  return new EveryFace(margin, options);
}

class EveryFace implements FaceSelector {
  readonly visitors = 0;
  #standings: Standing[] = [];

  constructor(private readonly margin: number, private readonly options: SelectorOptions) {}

  update(frame: Frame, boxes: readonly Detection[]): SelectedFace[] {
    const { isFace = () => true, onSettled } = this.options;
    this.#standings = [];
    return boxes.map((box) => scoredFace(frame, box, this.margin)).filter((face) => {
      const isSent = isFace(face);
      this.#standings.push(isSent ? COUNTS : { kind: "unsent", reason: "no_eyes" });
      onSettled?.({ outcome: isSent ? "sent" : "no_eyes", detections: 1, face });
      return isSent;
    });
  }

  flush(): SelectedFace[] {
    return [];
  }

  standings(): Standing[] {
    return this.#standings;
  }
}

/**
 * Selects faces of each visit: the best so far as soon as the visit is confirmed, another one at an interval while it
 * lasts, and at its end the best one since then, if it is clearly better than those before.
 */
export function bestFaces(
  margin: number,
  settings: BestSettings,
  options: SelectorOptions = {},
): FaceSelector {
  return new BestFaces(margin, settings, options);
}

/** The state of a visit. */
interface VisitState {
  /** The best face since the last one that was sent. */
  best?: ScoredFace;
  /** The picture of the main stream for it. */
  held?: HeldPicture;
  /** Detections whose outcome is not certain yet. */
  pending: number;
  sentMs?: number;
  /** The highest score that was sent. */
  sentScore: number;
}

class BestFaces implements FaceSelector {
  readonly #visits: Visits<ScoredBox>;
  readonly #states = new WeakMap<Visit<ScoredBox>, VisitState>();
  /** The frame of the current update. */
  #frame: Frame | undefined;

  constructor(
    private readonly margin: number,
    private readonly settings: BestSettings,
    private readonly options: SelectorOptions,
  ) {
    const { isFace } = options;
    this.#visits = new Visits(settings, isFace && ((box) => isFace(cropped(this.#frame!, box))));
  }

  update(frame: Frame, boxes: readonly Detection[]): SelectedFace[] {
    const { sourceTimeMs, main } = frame;
    const looksOf = looksIn(frame);
    const sightings = boxes.map((box) => {
      const looks = looksOf(box);
      const seen = main && { looks, sourceTimeMs, main };
      return { box, sourceTimeMs, looks, item: { ...scoredBox(frame, box, this.margin), seen } };
    });
    this.#frame = frame;
    const { seen, ...over } = this.#visits.update(sightings, sourceTimeMs);
    const taken = new Set(seen.map(({ sighting }) => sighting));
    // They may belong to a visit later, when the frame is gone.
    for (const sighting of sightings) if (!taken.has(sighting)) cropped(frame, sighting.item);
    const faces = seen.flatMap(({ visit, sighting }) =>
      this.#whileItLasts(visit, sighting.item, sourceTimeMs)
    );
    return [...faces, ...this.#afterTheirEnd(over)];
  }

  get visitors(): number {
    return this.#visits.confirmed;
  }

  flush(): SelectedFace[] {
    return this.#afterTheirEnd(this.#visits.flush());
  }

  standings(): Standing[] {
    return this.#visits.standings();
  }

  #afterTheirEnd({ ended, lost, dropped }: EndedVisits<ScoredBox>): SelectedFace[] {
    const faces = ended.flatMap((visit) => this.#atItsEnd(visit));
    for (const { visit, reason } of lost) {
      const state = this.#stateOf(visit);
      const { pending, best } = state;
      replaceHeld(state);
      this.#settle(reason, pending, { face: best, visit });
    }
    this.#settle("unconfirmed", dropped);
    return faces;
  }

  #whileItLasts(visit: Visit<ScoredBox>, box: ScoredBox, nowMs: number): SelectedFace[] {
    const state = this.#stateOf(visit);
    state.pending++;
    const worse = !state.best || box.score > state.best.score ? state.best : box;
    if (worse !== box) {
      state.best = cropped(this.#frame!, box);
      replaceHeld(state, box.seen?.main.hold());
    }
    if (worse) worse.whole = undefined;
    if (!visit.confirmed) return [];
    // Only the best one may still be sent.
    this.#settle("worse", state.pending - 1, { visit });
    state.pending = 1;
    const isFirst = state.sentMs === undefined;
    if (!isFirst && nowMs - state.sentMs! < this.settings.stillMs) return [];
    const best = takeOut(state.best!);
    const { held } = state;
    this.#settle("sent", 1, { visit });
    state.pending = 0;
    state.best = state.held = undefined;
    state.sentMs = nowMs;
    state.sentScore = Math.max(state.sentScore, best.score);
    return [{ ...best, held, visit: metadata(visit, isFirst ? "first" : "still") }];
  }

  #atItsEnd(visit: Visit<ScoredBox>): SelectedFace[] {
    const state = this.#stateOf(visit);
    if (!state.best) return [];
    const [best, sentScore] = [takeOut(state.best), state.sentScore];
    const isSent = best.score > sentScore * CLEARLY_BETTER;
    this.#settle(isSent ? "sent" : "worse", 1, { visit });
    if (isSent) return [{ ...best, held: state.held, visit: metadata(visit, "best") }];
    replaceHeld(state);
    return [];
  }

  #stateOf(visit: Visit<ScoredBox>): VisitState {
    const state = this.#states.get(visit) ?? { sentScore: 0, pending: 0 };
    this.#states.set(visit, state);
    return state;
  }

  #settle(outcome: SelectionOutcome, detections: number, about: Pick<Settled, "face" | "visit"> = {}): void {
    if (detections > 0) this.options.onSettled?.({ outcome, detections, ...about });
  }
}

/** Releases what is held for the best face that is so no longer. */
function replaceHeld(state: VisitState, held?: HeldPicture): void {
  state.held?.release();
  state.held = held;
}

/** The face with its whole picture, which the visit keeps no longer. */
function takeOut(face: ScoredFace): ScoredFace {
  const taken = { ...face };
  face.whole = undefined;
  return taken;
}

function metadata(
  { number, detections, first, last }: Visit<ScoredBox>,
  why: VisitMetadata["why"],
): VisitMetadata {
  const time = ({ item }: { item: ScoredBox }) => new Date(item.capturedMs).toISOString();
  return { number, detections, began: time(first), last: time(last), why };
}
