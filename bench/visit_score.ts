import type { SelectedFace } from "../lib/detection/face_selection.ts";
import { type ClipTruth, type TrueVisit, visitAt } from "./truth/truth.ts";

/** How well the faces that were handed over stand for the people who were there. */
export class VisitScore {
  /** Faces handed over, and how many of them show nobody. */
  faces = 0;
  nonfaces = 0;
  /** People's visits, and how many of them at least one face shows. */
  truth = 0;
  found = 0;
  /** Visits that the faces say they stand for, and how many of them stand for a true one that no other stands for. */
  claimed = 0;
  right = 0;
  /** The visits that no face shows. */
  readonly missed: string[] = [];

  /** Adds what was handed over of one clip; `capturedMs` of a face is its time in the clip. */
  add(truth: ClipTruth, faces: readonly SelectedFace[]): void {
    const shown = new Set<TrueVisit>();
    const claims = new Map<number, (TrueVisit | undefined)[]>();
    for (const { capturedMs, box, visit } of faces) {
      const person = visitAt(truth, Math.round(capturedMs * truth.framesPerSecond / 1000), box);
      if (person) shown.add(person);
      else this.nonfaces++;
      if (visit) claims.set(visit.number, [...(claims.get(visit.number) ?? []), person]);
    }
    const stoodFor = new Set(Array.from(claims.values(), (people) => people.find((person) => person)));
    stoodFor.delete(undefined);
    this.faces += faces.length;
    this.truth += truth.visits.length;
    this.found += shown.size;
    this.claimed += claims.size;
    this.right += stoodFor.size;
    this.missed.push(
      ...truth.visits.filter((visit) => !shown.has(visit)).map(({ who, from }) =>
        `${who} (${truth.clip}, frame ${from})`
      ),
    );
  }

  /** The part of the people's visits that at least one face shows. */
  get recall(): number {
    return this.found / this.truth;
  }

  /** The part of the faces that show somebody. */
  get precision(): number {
    return this.faces === 0 ? 1 : 1 - this.nonfaces / this.faces;
  }
}
