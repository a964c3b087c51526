/** Faces that arrived and whose receipt did not. Bounded: where no receipts come, pictures go first, then faces. */
import { RecentIds } from "../face/recent_ids.ts";
import { type NoticedFace, withoutPicture } from "./noticed_face.ts";

/** Limits of {@link UnstoredFaces}. */
export interface UnstoredLimits {
  /** Beyond it the oldest face is forgotten. A face without its picture takes less than 1 KiB. */
  readonly maxFaces: number;
  /** Maximum size of all pictures; beyond it the oldest loses its picture, so its message has no picture. */
  readonly maxPictureBytes: number;
  /** Receipts that arrived before their face; beyond it the oldest is forgotten. */
  readonly maxReceipts: number;
}

export const UNSTORED_LIMITS: UnstoredLimits = {
  maxFaces: 5_000,
  maxPictureBytes: 24 * 2 ** 20,
  maxReceipts: 1_000,
};

/** Joins faces with their receipts, in whichever order they arrive. */
export class UnstoredFaces {
  readonly #faces = new Map<string, NoticedFace>();
  readonly #receipts: RecentIds;
  #pictureBytes = 0;

  constructor(private readonly limits: UnstoredLimits = UNSTORED_LIMITS) {
    this.#receipts = new RecentIds(limits.maxReceipts);
  }

  /** Number of faces that wait. */
  get size(): number {
    return this.#faces.size;
  }

  /** Size of their pictures in bytes. */
  get pictureBytes(): number {
    return this.#pictureBytes;
  }

  has(id: string): boolean {
    return this.#faces.has(id);
  }

  /** Adds a face. Returns it when its receipt is there already. */
  add(face: NoticedFace): NoticedFace | undefined {
    const { id } = face.facts;
    if (this.#receipts.has(id)) return face;
    this.#faces.set(id, face);
    this.#pictureBytes += sizeOf(face);
    for (const [id, face] of this.#faces) {
      if (this.#pictureBytes <= this.limits.maxPictureBytes) break;
      this.#pictureBytes -= sizeOf(face);
      this.#faces.set(id, withoutPicture(face)); // It keeps its place in the order.
    }
    if (this.#faces.size > this.limits.maxFaces) this.remove(this.#faces.keys().next().value!);
    return undefined;
  }

  /** The face that a receipt says is stored; nothing where it has not arrived, or has gone. */
  stored(id: string): NoticedFace | undefined {
    const face = this.remove(id);
    if (!face) this.#receipts.add(id);
    return face;
  }

  /** Forgets a face: it was rejected. */
  remove(id: string): NoticedFace | undefined {
    const face = this.#faces.get(id);
    if (!face) return undefined;
    this.#faces.delete(id);
    this.#pictureBytes -= sizeOf(face);
    return face;
  }
}

const sizeOf = ({ picture }: NoticedFace) => picture?.bytes.length ?? 0;
