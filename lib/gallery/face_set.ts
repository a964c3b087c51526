/** Faces by key, grouped to visits as soon as their metadata are known. A face without a visit is a group of its own. */
import type { FaceInfo } from "./face_info.ts";
import { type ListedFace, newestFirst } from "./shown_face.ts";

/** A face of a set. Only the set changes it. */
export interface SetFace extends ListedFace {
  ms: number;
  /** Absent until its first bytes were read. */
  info?: FaceInfo;
  /** Whether a page shows it without its info, so that the page has to learn it. */
  isAwaited?: boolean;
  /** The pass that has listed it last. */
  pass: number;
}

/** The faces of one visit, or one face without a visit. */
export interface FaceGroup {
  /** The visit's, or the key of the face. */
  readonly id: string;
  /** Its place in the order, newest first: the begin of the visit, or the time of the face. */
  readonly ms: number;
  /** In the order of time. */
  readonly faces: readonly SetFace[];
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

interface MutableGroup {
  readonly id: string;
  ms: number;
  faces: SetFace[];
}

/** Faces and their visits. */
export class FaceSet {
  readonly #faces = new Map<string, SetFace>();
  readonly #groups = new Map<string, MutableGroup>();
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
    return this.#groups.get(groupId(face));
  }

  group(id: string): FaceGroup | undefined {
    return this.#groups.get(id);
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
    const { key, ms, bytes, writtenMs } = listed;
    const face: SetFace = { key, ms, bytes, writtenMs, info: undefined, isAwaited: false, pass };
    this.#faces.set(key, face);
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
    return this.#sorted ??= [...this.#groups.values()].sort(groupOrder);
  }

  #join(face: SetFace): void {
    this.#sorted = undefined;
    const id = groupId(face);
    const group = this.#groups.get(id);
    if (!group) this.#groups.set(id, { id, ms: this.#msOf([face]), faces: [face] });
    else {
      const at = group.faces.findLastIndex((other) => newestFirst(other, face) > 0) + 1;
      group.faces.splice(at, 0, face);
      group.ms = this.#msOf(group.faces);
    }
  }

  #leave(face: SetFace): void {
    this.#sorted = undefined;
    const id = groupId(face);
    const group = this.#groups.get(id);
    if (!group) return;
    group.faces.splice(group.faces.indexOf(face), 1);
    if (group.faces.length === 0) this.#groups.delete(id);
    else group.ms = this.#msOf(group.faces);
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

function groupId({ key, info }: SetFace): string {
  return info?.own?.visit?.id ?? key;
}
