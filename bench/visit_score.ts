/** Scores the faces of the detector against the known visits of clips. */
import type { SelectedFace } from "../lib/detection/face_selection.ts";
import { type ClipTruth, isSkipped, type TrueVisit, visitAt } from "./truth/truth.ts";

/** Counts found, missed, split and merged visits. */
export class VisitScore {
  /** Number of faces. */
  faces = 0;
  /** Number of known visits, and of those that at least one face shows. */
  truth = 0;
  found = 0;
  /** Number of visits that the detector reports, and of known visits that it reports at least once. */
  claimed = 0;
  right = 0;
  /** The known visits that no face shows. */
  readonly missed: string[] = [];
  /** The faces that show nobody: clip, frame and box. */
  readonly wrong: string[] = [];

  /** Adds the faces of one clip; `capturedMs` of a face is its time in the clip. Ignores faces of people in `passedOver`. */
  add(truth: ClipTruth, faces: readonly SelectedFace[]): void {
    const shown = new Set<TrueVisit>();
    const claims = new Map<number, (TrueVisit | undefined)[]>();
    for (const { capturedMs, box, visit } of faces) {
      const frame = Math.round(capturedMs * truth.framesPerSecond / 1000);
      const person = visitAt(truth, frame, box);
      if (!person && isSkipped(truth, frame, box)) continue;
      this.faces++;
      if (person) shown.add(person);
      else this.wrong.push(`${truth.clip}, frame ${frame}, ${box.width}x${box.height} at ${box.x},${box.y}`);
      if (visit) claims.set(visit.number, [...(claims.get(visit.number) ?? []), person]);
    }
    const reported = new Set(Array.from(claims.values(), (people) => people.find((person) => person)));
    reported.delete(undefined);
    this.truth += truth.visits.length;
    this.found += shown.size;
    this.claimed += claims.size;
    this.right += reported.size;
    this.missed.push(
      ...truth.visits.filter((visit) => !shown.has(visit)).map(({ who, from }) =>
        `${who} (${truth.clip}, frame ${from})`
      ),
    );
  }

  /** Number of faces that show nobody. */
  get nonfaces(): number {
    return this.wrong.length;
  }

  /** The share of the known visits that at least one face shows. */
  get recall(): number {
    return this.found / this.truth;
  }

  /** The share of the faces that show a person. */
  get precision(): number {
    return this.faces === 0 ? 1 : 1 - this.nonfaces / this.faces;
  }
}
