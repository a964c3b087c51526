/** The last detections that were not sent, for the aiming page: in memory only. */
import type { Picture } from "../image/crop.ts";
import type { Box } from "../image/frame.ts";
import { encodeJpeg } from "../image/jpeg_encoder.ts";
import { planesOfPicture } from "../image/jpeg_planes.ts";
import { scaleDown } from "../image/scale.ts";

/** Entries that are kept; beyond it the oldest is dropped. */
const MAX_ENTRIES = 10;
/** A detection of the same kind in the same place within this time belongs to the entry before it. */
const SAME_MS = 3_000;
/** Larger pictures are scaled down to this longer side, pixels. */
const MAX_SIDE = 160;
/** Maximum distance of its centre, in sides of the box. */
const SAME_SIDES = 1;

/** Detections of one kind in one place. */
export interface UnsentFace {
  readonly id: number;
  readonly reason: string;
  readonly text: string;
  /** What the text does not say. */
  readonly detail: string;
  /** First and last time, milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly box: Box;
}

/** An entry with its picture, which is encoded when it is asked for. */
interface Kept extends UnsentFace {
  readonly picture: Picture;
}

/** Keeps the last ones. */
export class UnsentFaces {
  /** The newest first. */
  #faces: Kept[] = [];
  /** Ids of another run are other ones: a page that stays open over a restart keeps the pictures that it has. */
  #ids = Math.floor(Math.random() * 2 ** 40);

  /** The newest first. */
  get all(): readonly UnsentFace[] {
    return this.#faces.map(({ picture: _, ...face }) => face);
  }

  /** Adds a detection. `pictureOf` is called only for the first one of an entry. */
  add(face: Omit<UnsentFace, "id">, pictureOf: () => Picture): void {
    const same = this.#faces.find((other) =>
      other.reason === face.reason && face.firstMs - other.lastMs <= SAME_MS && isNear(other.box, face.box)
    );
    const others = this.#faces.filter((other) => other !== same);
    const entry = same
      ? { ...same, ...face, firstMs: same.firstMs }
      : { ...face, id: ++this.#ids, picture: small(pictureOf()) };
    this.#faces = [entry, ...others].slice(0, MAX_ENTRIES);
  }

  /** The picture of an entry. */
  jpegOf(id: number): Uint8Array<ArrayBuffer> | undefined {
    const kept = this.#faces.find((face) => face.id === id);
    return kept && encodeJpeg(planesOfPicture(kept.picture));
  }
}

function small(picture: Picture): Picture {
  const { width, height } = picture;
  const by = MAX_SIDE / Math.max(width, height);
  if (by >= 1) return picture;
  const side = (length: number) => Math.max(1, Math.round(length * by));
  return scaleDown(picture, { width: side(width), height: side(height) });
}

function isNear(some: Box, other: Box): boolean {
  const [x, y] = [
    some.x + some.width / 2 - other.x - other.width / 2,
    some.y + some.height / 2 - other.y - other.height / 2,
  ];
  return Math.hypot(x, y) <= SAME_SIDES * Math.max(some.width, some.height, other.width, other.height);
}
