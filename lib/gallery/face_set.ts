/** Faces by key, grouped to visits as soon as their metadata are known. A face without a visit is a group of its own. */
import type { FaceInfo } from "./face_info.ts";
import { type ListedFace, newestFirst } from "./shown_face.ts";

/** A face and what is known of it. */
export interface KnownFace extends ListedFace {
  /** Absent until its first bytes were read. */
  readonly info?: FaceInfo;
}

/** The faces of one visit, or one face without a visit. */
export interface FaceGroup {
  /** The visit's, or the key of the face. */
  readonly id: string;
  /** Its place in the order, newest first: the begin of the visit, or the time of the face. */
  readonly ms: number;
  /** In the order of time. */
  readonly faces: readonly KnownFace[];
}

/** A face of a set, which alone changes it. Without a visit it is its own group: many sets have hardly any other. */
export class SetFace implements KnownFace, FaceGroup {
  readonly key: string;
  ms: number;
  readonly bytes: number;
  readonly writtenMs: number;
  info?: FaceInfo = undefined;
  /** Whether a page shows it without its info, so that the page has to learn it. */
  isAwaited = false;

  /** @param pass the pass that has listed it last. */
  constructor({ key, ms, bytes, writtenMs }: ListedFace, public pass = 0) {
    this.key = key;
    this.ms = ms;
    this.bytes = bytes;
    this.writtenMs = writtenMs;
  }

  get id(): string {
    return this.key;
  }

  get faces(): readonly SetFace[] {
    return [this];
  }

  /** The visit; undefined without one, and until it is known. */
  get visitId(): string | undefined {
    return this.info?.own?.visit?.id;
  }
}

/** The range of time that a set covers, and the times in it. */
export interface SetTimes {
  /** A visit that begins earlier is placed here. */
  readonly earliestMs: (faceMs: number) => number;
  /** The time of a face in the order. */
  readonly msOf: (face: ListedFace, info: FaceInfo) => number;
}

/** Times of faces whose key contains the time. */
export const KEY_TIMES: SetTimes["msOf"] = (face) => face.ms;

interface Visit {
  readonly id: string;
  ms: number;
  readonly faces: SetFace[];
}

/** Faces and their visits. */
export class FaceSet {
  readonly #faces = new Map<string, SetFace>();
  readonly #visits = new Map<string, Visit>();
  #sorted?: FaceGroup[];

  constructor(private readonly times: SetTimes) {}

  /** The number of faces. */
  get size(): number {
    return this.#faces.size;
  }

  faces(): Iterable<SetFace> {
    return this.#faces.values();
  }

  get(key: string): SetFace | undefined {
    return this.#faces.get(key);
  }

  /** The visit of a face. */
  groupOf(face: SetFace): FaceGroup | undefined {
    return face.visitId === undefined ? face : this.#visits.get(face.visitId);
  }

  /** The visit with this id, or the face without a visit with this key. */
  group(id: string): FaceGroup | undefined {
    const face = this.#faces.get(id);
    return this.#visits.get(id) ?? (face?.visitId === undefined ? face : undefined);
  }

  /**
   * Adds a listed face. Returns it when it is new, or another one than before under its key; undefined when the set has
   * it already.
   */
  add(listed: ListedFace, pass: number): SetFace | undefined {
    const known = this.#faces.get(listed.key);
    if (known && isSameObject(known, listed)) {
      known.pass = pass;
      return undefined;
    }
    if (known) this.remove(known.key);
    const face = new SetFace(listed, pass);
    this.#faces.set(face.key, face);
    this.#join(face);
    return face;
  }

  /** Removes a face. Returns whether the set had it. */
  remove(key: string): boolean {
    const face = this.#faces.get(key);
    if (!face) return false;
    this.#leave(face);
    return this.#faces.delete(key);
  }

  /** Gives a face of the set its info, which may move it to another visit and to another time. */
  learn(face: SetFace, info: FaceInfo): void {
    if (this.#faces.get(face.key) !== face) return;
    this.#leave(face);
    face.info = info;
    face.ms = this.times.msOf(face, info);
    this.#join(face);
  }

  /** All visits, newest first. */
  newestFirst(): readonly FaceGroup[] {
    if (this.#sorted) return this.#sorted;
    const groups: FaceGroup[] = [...this.#visits.values()];
    for (const face of this.#faces.values()) if (face.visitId === undefined) groups.push(face);
    return this.#sorted = groups.sort(groupOrder);
  }

  #join(face: SetFace): void {
    this.#sorted = undefined;
    const id = face.visitId;
    if (id === undefined) return;
    const visit = this.#visits.get(id);
    if (!visit) this.#visits.set(id, { id, ms: this.#msOf([face]), faces: [face] });
    else {
      const at = visit.faces.findLastIndex((other) => newestFirst(other, face) > 0) + 1;
      visit.faces.splice(at, 0, face);
      visit.ms = this.#msOf(visit.faces);
    }
  }

  #leave(face: SetFace): void {
    this.#sorted = undefined;
    const visit = face.visitId === undefined ? undefined : this.#visits.get(face.visitId);
    if (!visit) return;
    // The last face stays in its visit: a page that is being made may hold the visit.
    if (visit.faces.length === 1) return void this.#visits.delete(visit.id);
    visit.faces.splice(visit.faces.indexOf(face), 1);
    visit.ms = this.#msOf(visit.faces);
  }

  /** The begin of a visit, which is the same whichever of its faces are known; limited, since metadata are untrusted. */
  #msOf(faces: readonly SetFace[]): number {
    const [first] = faces;
    const beganMs = first.info?.own?.visit?.beganMs ?? first.ms;
    return Math.min(first.ms, Math.max(beganMs, this.times.earliestMs(first.ms)));
  }
}

/** Whether an object is the one that was known under its key: nobody has written it again. */
export function isSameObject(
  known: Pick<ListedFace, "bytes" | "writtenMs">,
  listed: Pick<ListedFace, "bytes" | "writtenMs">,
): boolean {
  return Object.is(known.bytes, listed.bytes) && known.writtenMs === listed.writtenMs;
}

/** Newest first; at the same time by id, so that the order is stable. */
export function groupOrder(a: { ms: number; id: string }, b: { ms: number; id: string }): number {
  return b.ms - a.ms || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
