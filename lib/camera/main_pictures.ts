/** Pictures of a camera's main stream, beside its sub stream: the contract of their sources, and the limit of what is held. */
import type { MainPicture } from "../image/frame.ts";
import type { Camera } from "./camera.ts";

/** The main stream of a camera, from which faces are cut. Disposal ends it. */
export interface MainSource extends AsyncDisposable {
  /** The address without passwords, for messages. */
  readonly name: string;
  /** The picture of this time, by the clock of `performance.now()`. */
  at(arrivedMs: number): MainPicture;
}

/** Reports of a source: with the error when it fails, without one when it works. */
export type OnMain = (fault?: Error) => void;

/** The same camera, each frame with the picture of its time. Frames of live cameras have the time of their arrival. */
export function withMainPictures(camera: Camera, source: MainSource): Camera {
  return {
    ...camera,
    mayReduce: undefined, // A sub stream is small.
    async *frames(options) {
      for await (const frame of camera.frames(options)) {
        yield { ...frame, main: source.at(frame.sourceTimeMs) };
      }
    },
  };
}

/** Limits of the pictures that are held at a time, undecoded. Beyond them the oldest is dropped. */
const MAX_HELD_PICTURES = 100;
const MAX_HELD_BYTES = 32 * 2 ** 20;

/** Something that is held, and the memory that it needs. */
export interface Held {
  /** Memory by the objects that own it: pictures can share one. */
  memory(): readonly (readonly [owner: object, bytes: number])[];
  /** Forgets the picture. */
  drop(): void;
}

/** The pictures that are held now. */
export class HeldPictures {
  readonly #held = new Set<Held>();

  constructor(private readonly limits = { pictures: MAX_HELD_PICTURES, bytes: MAX_HELD_BYTES }) {}

  get size(): number {
    return this.#held.size;
  }

  get bytes(): number {
    const owners = new Map(Array.from(this.#held).flatMap((held) => held.memory()));
    return owners.values().reduce((sum, bytes) => sum + bytes, 0);
  }

  add(held: Held): void {
    this.#held.add(held);
    this.check();
  }

  delete(held: Held): void {
    this.#held.delete(held);
  }

  /** Drops the oldest pictures beyond the limits. To be called when the memory of one has grown. */
  check(): void {
    for (const held of this.#held) {
      if (this.#held.size <= this.limits.pictures && this.bytes <= this.limits.bytes) return;
      this.#held.delete(held);
      held.drop();
    }
  }
}
