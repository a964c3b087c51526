/** The pictures and clips that the project carries, and the boxes that native OpenCV finds in them. */
import { join } from "node:path";
import { type ClipName, CLIPS } from "./clips.ts";

const FOLDER = import.meta.dirname!;

/** The paths of the pictures by name. README.md beside them names their sources and licences. */
export const PICTURES = {
  astronaut: join(FOLDER, "../../lib/camera/sample/astronaut.png"),
  hopper: join(FOLDER, "../../lib/camera/sample/hopper.png"),
  ascent: join(FOLDER, "ascent.png"),
  camera: join(FOLDER, "camera.png"),
  coffee: join(FOLDER, "coffee.png"),
};
export type PictureName = keyof typeof PICTURES;
export const PICTURE_NAMES = Object.keys(PICTURES) as PictureName[];
export const CLIP_NAMES = Object.keys(CLIPS) as ClipName[];

/** The searches whose boxes are stored, by name. Sizes in pixels; 0: no limit. */
export const SEARCHES = {
  "sf1.3_mn5": { scaleFactor: 1.3, minNeighbors: 5, minSize: 0, maxSize: 0 },
  "sf1.1_mn5_min60": { scaleFactor: 1.1, minNeighbors: 5, minSize: 60, maxSize: 0 },
};
export type SearchName = keyof typeof SEARCHES;

/** What OpenCV finds in a picture or a clip: one entry for each frame. */
export interface Truth {
  /** The version of OpenCV. */
  readonly opencv: string;
  /** MD5 of each frame's gray plane, in hexadecimal: boxes are comparable only where the planes are equal. */
  readonly grayMd5: readonly string[];
  /** The boxes of each frame as `[x, y, width, height]`, in pixels. Their order has no meaning. */
  readonly boxes: Readonly<Record<SearchName, readonly (readonly number[][])[]>>;
}

/** The file with the boxes of a picture or clip. */
export function truthPath(name: PictureName | ClipName): string {
  return join(FOLDER, "truth", `${name}.json`);
}

/** Reads the boxes of a picture or clip. */
export async function readTruth(name: PictureName | ClipName): Promise<Truth> {
  return JSON.parse(await Deno.readTextFile(truthPath(name)));
}
