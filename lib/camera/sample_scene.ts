/**
 * `--source sample:front` and `--source sample:yard`: two cameras that two people pass, one after the other or together.
 * The people are portraits in the public domain (lib/camera/sample/LICENSE), the places are painted.
 */
import { delay } from "../async/delay.ts";
import type { Picture } from "../image/crop.ts";
import type { Frame } from "../image/frame.ts";
import type { Camera } from "./camera.ts";
import { HORIZON_Y, paintFront, paintYard, SCENE_SIZE } from "./sample_place.ts";
import { type CutOut, Person, type PersonName } from "./sample_person.ts";

/** One person who passes the camera once in each round. */
interface Walk {
  readonly person: PersonName;
  /** Seconds after the start of the round. */
  readonly from: number;
  readonly to: number;
  /** The middle of the face in the picture, at the start and at the end. */
  readonly x: readonly [number, number];
  /** The width of the face, in the same way; a larger one is closer. */
  readonly facePx: readonly [number, number];
}

/** What a camera shows, again and again. */
interface Scene {
  readonly paint: () => Picture;
  readonly seconds: number;
  /** A walk that is listed later is in front. */
  readonly walks: readonly Walk[];
}

const SCENES: Readonly<Record<string, Scene>> = {
  front: {
    paint: paintFront,
    seconds: 20,
    walks: [
      { person: "astronaut", from: 1, to: 7, x: [480, -90], facePx: [50, 88] },
      { person: "hopper", from: 11, to: 17.5, x: [720, 60], facePx: [64, 118] },
    ],
  },
  yard: {
    paint: paintYard,
    seconds: 24,
    walks: [
      { person: "hopper", from: 3, to: 9, x: [-110, 750], facePx: [70, 78] },
      { person: "astronaut", from: 13, to: 20, x: [760, -120], facePx: [62, 62] },
      { person: "hopper", from: 14.5, to: 20.5, x: [-140, 780], facePx: [92, 92] },
    ],
  },
};
/** The names behind `sample:`. */
export const SCENE_NAMES = Object.keys(SCENES);
export const SCENE_FRAMES_PER_SECOND = 10;

/** The height of a face above the wall or the hedge, in widths of the face: a person who is closer looks taller. */
const FACE_ABOVE = 2.1;
/** A walking head rises and falls by this share of the face's width, this often a second. */
const BOB = { share: 0.05, perSecond: 1.8 };
/** A camera that is this late skips frames instead of catching up. */
const MAX_LATE_MS = 1_000;

/** Speed and length of a scene. */
export interface SceneOptions {
  /** Time between two frames, in the scene. */
  readonly frameMs: number;
  /** Whether the frames come at this interval; otherwise as fast as the caller takes them. */
  readonly realtime: boolean;
  /** Start the next round at the end. */
  readonly repeat: boolean;
}

/** The camera of a scene. */
export function sceneCamera(name: string, { frameMs, realtime, repeat }: SceneOptions): Camera {
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    const { paint, seconds, walks } = SCENES[name];
    const place = paint();
    const people = { astronaut: new Person("astronaut"), hopper: new Person("hopper") };
    const count = Math.floor(seconds * 1000 / frameMs);
    let dueMs = performance.now();
    for (let index = 0; (repeat || index < count) && !signal.aborted; index++) {
      const rgb = place.rgb.slice();
      const second = index * frameMs / 1000 % seconds;
      for (const walk of walks) draw(rgb, walk, second, people[walk.person]);
      yield {
        ...SCENE_SIZE,
        pixels: { kind: "rgb24", rgb },
        capturedMs: Date.now(),
        sourceTimeMs: index * frameMs,
      };
      if (!realtime) continue;
      dueMs = Math.max(dueMs + frameMs, performance.now() - MAX_LATE_MS);
      await delay(Math.max(0, dueMs - performance.now()), { signal });
    }
  }
  return { name: `sample:${name}`, live: realtime, frames };
}

/** Draws a person at one moment of a walk, if it is under way. */
function draw(rgb: Uint8Array, { from, to, x, facePx }: Walk, second: number, person: Person): void {
  if (second < from || second > to) return;
  const done = (second - from) / (to - from);
  const at = ([start, end]: readonly [number, number]) => start + (end - start) * done;
  const width = at(facePx);
  const bob = BOB.share * width * Math.sin(2 * Math.PI * BOB.perSecond * second);
  blend(rgb, person.at(width), { x: at(x), y: HORIZON_Y - FACE_ABOVE * width + bob });
}

/** Draws a person with the face at `middle`, above the horizon only. */
function blend(rgb: Uint8Array, { width, height, alpha, face, rgb: own }: CutOut, middle: {
  readonly x: number;
  readonly y: number;
}): void {
  const left = Math.round(middle.x - face.x);
  const top = Math.round(middle.y - face.y);
  for (let y = Math.max(0, -top); y < Math.min(height, HORIZON_Y - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, SCENE_SIZE.width - left); x++) {
      const opacity = alpha[y * width + x];
      if (opacity === 0) continue;
      const source = (y * width + x) * 3;
      const target = ((top + y) * SCENE_SIZE.width + left + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const below = rgb[target + channel];
        rgb[target + channel] = below + (own[source + channel] - below) * opacity / 255;
      }
    }
  }
}
