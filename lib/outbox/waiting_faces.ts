/** The waiting faces of an outbox, in order, each in a file or in memory. */

/** A face that waits for its receipt. */
export interface WaitingFace {
  /** SHA-256 of the face's bytes. */
  readonly id: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly bytes: number;
  /** When it was captured, by the monotonic clock of the process, milliseconds; below 0 before its start. */
  readonly capturedMs: number;
  /** Never sent so far: its bytes, and so its identity, may change until it is finalized. */
  readonly provisional: boolean;
  /** Its file in the outbox; nothing while it is in memory only. */
  readonly file?: string;
  /** Its bytes while it has no file. */
  readonly data?: Uint8Array<ArrayBuffer>;
}

/** How much waits, and for how long. */
export interface WaitingLoad {
  readonly size: number;
  readonly bytes: number;
  /** Time since the capture of the oldest face, milliseconds; 0 when none waits. */
  readonly oldestAgeMs: number;
  /** Time since the capture of a face, milliseconds; undefined when it does not wait. */
  ageMs(id: string): number | undefined;
}

/** Faces by identity, oldest first. */
export class WaitingFaces implements WaitingLoad {
  readonly #faces = new Map<number, WaitingFace>();
  readonly #places = new Map<string, number>();
  #nextPlace = 0;
  #bytes = 0;
  readonly #memory = { faces: 0, bytes: 0 };

  get size(): number {
    return this.#faces.size;
  }

  get oldestAgeMs(): number {
    return ageOf(this.#faces.values().next().value) ?? 0;
  }

  ageMs(id: string): number | undefined {
    return ageOf(this.get(id));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The faces without a file: how many, and their bytes. */
  get inMemory(): { readonly faces: number; readonly bytes: number } {
    return this.#memory;
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  get(id: string): WaitingFace | undefined {
    return this.#faces.get(this.#places.get(id) ?? -1);
  }

  values(): IterableIterator<WaitingFace> {
    return this.#faces.values();
  }

  add(face: WaitingFace, place = this.#nextPlace++): void {
    this.#places.set(face.id, place);
    this.#faces.set(place, face);
    this.#count(face, 1);
  }

  /** Replaces a face in its place in the order. Returns false when the face has left meanwhile. */
  replace(face: WaitingFace, by: WaitingFace): boolean {
    const place = this.#places.get(face.id);
    if (place === undefined || this.#faces.get(place) !== face) return false;
    this.#places.delete(face.id);
    this.#count(face, -1);
    this.add(by, place);
    return true;
  }

  remove(id: string): WaitingFace | undefined {
    const face = this.get(id);
    if (!face) return undefined;
    this.#faces.delete(this.#places.get(id)!);
    this.#places.delete(id);
    this.#count(face, -1);
    return face;
  }

  /** The face to evict: the oldest one that was not sent; if all were sent, the oldest one. */
  firstToEvict(
    { wasSent, inMemory = false }: { wasSent: (id: string) => boolean; inMemory?: boolean },
  ): WaitingFace | undefined {
    let oldest: WaitingFace | undefined;
    for (const face of this.#faces.values()) {
      if (inMemory && face.file !== undefined) continue;
      if (!wasSent(face.id)) return face;
      oldest ??= face;
    }
    return oldest;
  }

  #count({ bytes, file }: WaitingFace, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    if (file !== undefined) return;
    this.#memory.faces += sign;
    this.#memory.bytes += sign * bytes;
  }
}

function ageOf(face: WaitingFace | undefined): number | undefined {
  return face && Math.max(0, performance.now() - face.capturedMs);
}
