/**
 * The levels of a frame and the windows searched in each: OpenCV's rules (cascadedetect.cpp), with the same roundings.
 */
import type { HaarSettings } from "../haar_settings.ts";
import { roundHalfEven } from "./rounding.ts";

/** The frame at one size. */
export interface Level {
  /** The frame's size divided by the level's; f32. */
  readonly scale: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Distance of neighbouring windows, in pixels of the level. */
  readonly step: 1 | 2;
  /** Number of searched windows in a row, and of rows. */
  readonly columns: number;
  readonly rows: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * From this scale on OpenCV moves its window by one pixel, below by two. In a smaller frame the scale in the whole picture
 * counts: otherwise small faces have too few hits (docs/decisions/2026-11-26-detect-small-cut-large.md).
 */
const FINE_SCALE = 2;

/** OpenCV's threads get one stripe of rows for this many columns of the largest level. */
const STRIPE_COLUMNS = 32;

/** The levels of a frame, largest first. A frame smaller than the window has none. */
export function levelsOf(frame: Size, window: Size, settings: HaarSettings): Level[] {
  if (frame.width < window.width || frame.height < window.height) return [];
  const { reduction = 1 } = settings;
  const picture = { width: frame.width * reduction, height: frame.height * reduction };
  const scales = chooseScales(picture, window, settings)
    .map((scale) => Math.fround(scale / reduction));
  const sizes = scales.map((scale) => ({
    scale,
    width: roundHalfEven(Math.fround(frame.width / scale)),
    height: roundHalfEven(Math.fround(frame.height / scale)),
  }));
  if (sizes.length === 0) return [];
  const stripes = Math.ceil(Math.max(sizes[0].width + 1 - window.width, 0) / STRIPE_COLUMNS);
  return sizes.map(({ scale, width, height }) => {
    const step = reduction * scale >= FINE_SCALE ? 1 : 2;
    const searchedWidth = Math.max(width + 1 - window.width, 0);
    const searchedHeight = Math.max(height + 1 - window.height, 0);
    // OpenCV omits the last row if its stripes do not reach it.
    const stripeHeight =
      Math.max(Math.floor((Math.floor(searchedHeight / step) + stripes - 1) / stripes), 1) * step;
    const end = Math.min(stripes * stripeHeight, searchedHeight);
    return {
      scale,
      width,
      height,
      step,
      columns: Math.ceil(searchedWidth / step),
      rows: Math.ceil(end / step),
    };
  });
}

/** Every second window of every second row of a level whose windows are one pixel apart. */
export function coarseOf(level: Level): Level {
  return { ...level, step: 2, columns: Math.ceil(level.columns / 2), rows: Math.ceil(level.rows / 2) };
}

/**
 * The scales whose window is between the minimum and the maximum size, or else the one whose window is nearest to the
 * minimum. In the frame, no window is smaller than the cascade's.
 * @param frame the size of the whole picture
 */
function chooseScales(frame: Size, window: Size, settings: HaarSettings): number[] {
  const { scaleFactor, minSize, reduction = 1 } = settings;
  const most = settings.maxSize === 0 ? frame : { width: settings.maxSize, height: settings.maxSize };
  const all: number[] = [];
  for (let factor = 1;; factor *= scaleFactor) {
    const width = roundHalfEven(window.width * factor);
    const height = roundHalfEven(window.height * factor);
    if (width > frame.width || height > frame.height) break;
    if (factor >= reduction) all.push(Math.fround(factor));
  }
  const sizes = all.map((scale) => ({ scale, ...windowSize(window, scale) }));
  const tooLarge = sizes.findIndex(({ width, height }) => width > most.width || height > most.height);
  const fitting = (tooLarge < 0 ? sizes : sizes.slice(0, tooLarge)).filter(
    ({ width, height }) => width >= minSize && height >= minSize,
  );
  if (fitting.length > 0) return fitting.map(({ scale }) => scale);
  // In a smaller frame there may be no level at all, but the cascade's own window fits.
  const near = [{ scale: reduction, ...windowSize(window, reduction) }, ...sizes];
  const distances = near.map(({ width, height }) => (minSize - width) ** 2 + (minSize - height) ** 2);
  return [near[distances.indexOf(Math.min(...distances))].scale];
}

/** The size of a level's window in the frame, in pixels. */
export function windowSize(window: Size, scale: number): Size {
  return {
    width: roundHalfEven(Math.fround(window.width * scale)),
    height: roundHalfEven(Math.fround(window.height * scale)),
  };
}
