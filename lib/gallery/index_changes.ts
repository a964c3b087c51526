/** The changes of an index since open pages were told of them. */
import type { DayFaces } from "./day_faces.ts";
import type { FaceGroup, SetFace } from "./face_set.ts";

/** Beyond this number of changed visits or removed faces, pages load again instead. */
const MAX_CHANGES = 500;

/** What has changed. */
export interface Changes {
  /** New visits, and visits with new faces. */
  readonly groups: readonly FaceGroup[];
  /** Keys of faces that the store no longer has. */
  readonly removed: readonly string[];
  /** Times of all faces that came, went or were read; counts of this range may have changed. */
  readonly range?: { readonly from: number; readonly to: number };
  /** Whether there were more changes than are listed. */
  readonly tooMany: boolean;
}

/** Collects changes, up to a limit. */
export class IndexChanges {
  #faces = new Map<SetFace, DayFaces>();
  #removed = new Set<string>();
  #from = Infinity;
  #to = -Infinity;
  #tooMany = false;

  /** A new face, or one that a page shows without its info. */
  changed(face: SetFace, day: DayFaces): void {
    this.counted(face);
    this.#removed.delete(face.key);
    if (this.#faces.size >= MAX_CHANGES) this.#tooMany = true;
    else this.#faces.set(face, day);
  }

  /** A face that the store no longer has. */
  lost(face: SetFace): void {
    this.counted(face);
    this.#faces.delete(face);
    this.removed(face.key);
  }

  removed(key: string): void {
    if (this.#removed.size >= MAX_CHANGES) this.#tooMany = true;
    else this.#removed.add(key);
  }

  /** A face whose visit is known now, so that the numbers of visits have changed. */
  counted({ ms }: SetFace): void {
    this.#from = Math.min(this.#from, ms);
    this.#to = Math.max(this.#to, ms + 1);
  }

  /** New faces without info. */
  unread(): SetFace[] {
    return this.#tooMany ? [] : [...this.#faces.keys()].filter(({ info }) => info === undefined);
  }

  /** Returns the changes and forgets them. */
  take(): Changes {
    const groups = new Map<string, FaceGroup>();
    for (const [face, day] of this.#faces) {
      const group = day.set.get(face.key) === face ? day.set.groupOf(face) : undefined;
      if (group) groups.set(group.id, group);
    }
    const changes: Changes = {
      groups: [...groups.values()],
      removed: [...this.#removed],
      ...(this.#from < this.#to && { range: { from: this.#from, to: this.#to } }),
      tooMany: this.#tooMany,
    };
    this.#faces = new Map();
    this.#removed = new Set();
    [this.#from, this.#to, this.#tooMany] = [Infinity, -Infinity, false];
    return changes;
  }
}
