/**
 * Which parts of a frame the network searches, and at what scale. It finds faces of 10 to 400 pixels, surely those of 24
 * to 320 (measured with `lib/camera/sample/astronaut.png` scaled), whatever the size of its input. So a large frame is
 * searched in tiles at its finest scale for far faces, and whole at a coarse scale for near ones.
 *
 *     640x480      1280x720                  1920x1080                  1920x1080, --input-scale 1/2
 *     1: whole     1: whole                  1: two tiles of 1056x1080  1/2: whole (960x540)
 *                  1/2: whole (640x360)      1/4: whole (480x270)       1/4: whole (480x270)
 */
import type { Box, Size } from "../image/frame.ts";
import type { InputScale, YuNetSettings } from "./yunet_settings.ts";

/** A part of the frame that the network searches at once. */
export interface Tile extends Box {
  /** Its scale is 1 / 2 ** halvings. */
  readonly halvings: number;
}

/** The smallest face that is surely found, in pixels of the network's input. */
const SURE = 24;
/** Frames whose shorter and longer sides are not longer are searched at one scale. */
const WHOLE = { shorter: 512, longer: 1088 } as const;
/**
 * Overlap of tiles, in widths of the smallest face that is surely found at the coarse scale. A face that is not whole in
 * any tile, with its margin (`frame_search.ts`), is larger, so that the coarse scale finds it.
 */
const OVERLAP = 2;
/** Maximum number of halvings from one scale to the next: 320 pixels at the finer are 40 at the coarser. */
const SCALE_STEP = 3;
/** Maximum side of a square tile, in pixels of the network's input: such a tile takes 18 MB. */
const MAX_SIDE = 1088;
/** Sides of tiles are multiples of it, but at the edge of the frame. */
const MULTIPLE = 32;

/** The tiles of a frame, the finest scale first. */
export function tilesOf(
  { width, height }: Size,
  settings: Pick<YuNetSettings, "inputScale" | "minSize">,
): Tile[] {
  const coarsest = halvingsUntilWhole({ width, height });
  const tiles: Tile[] = [];
  let halvings = halvingsOf(settings);
  while (halvings < coarsest) {
    const next = Math.min(coarsest, halvings + SCALE_STEP);
    tiles.push(...grid({ width, height }, halvings, OVERLAP * SURE * 2 ** next));
    halvings = next;
  }
  return [...tiles, { x: 0, y: 0, width, height, halvings }];
}

/** Tiles of one scale; one, where the frame is not larger than a tile. */
function grid({ width, height }: Size, halvings: number, overlap: number): Tile[] {
  if (width * height <= MAX_SIDE ** 2 * 4 ** halvings) return [{ x: 0, y: 0, width, height, halvings }];
  const columns = spans(width, halvings, overlap);
  return spans(height, halvings, overlap).flatMap(([y, rows]) =>
    columns.map(([x, length]) => ({ x, y, width: length, height: rows, halvings }))
  );
}

/** How often the frame is halved before the search. */
export function halvingsOf({ inputScale, minSize }: { inputScale: InputScale; minSize: number }): number {
  switch (inputScale) {
    case "1":
      return 0;
    case "1/2":
      return 1;
    case "auto":
      return Math.max(0, Math.floor(Math.log2(minSize / SURE)));
  }
}

/** How often a frame is halved until it is searched at one scale. */
function halvingsUntilWhole({ width, height }: Size): number {
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  return Math.max(
    0,
    Math.ceil(Math.log2(shorter / WHOLE.shorter)),
    Math.ceil(Math.log2(longer / WHOLE.longer)),
  );
}

/** Begin and length of the tiles along one side of the frame. */
function spans(length: number, halvings: number, overlap: number): [begin: number, length: number][] {
  const [most, multiple] = [MAX_SIDE * 2 ** halvings, MULTIPLE * 2 ** halvings];
  if (length <= most) return [[0, length]];
  const count = Math.ceil((length - overlap) / (most - overlap));
  const up = (value: number) => Math.ceil(value / multiple) * multiple;
  const side = Math.min(most, up((length - overlap) / count + overlap));
  const step = Math.ceil((length - side) / (count - 1) / 2) * 2;
  return Array.from({ length: count }, (_, nth) => {
    const begin = nth * step;
    return [begin, Math.min(side, length - begin)];
  });
}
