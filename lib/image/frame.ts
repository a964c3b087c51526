/** Frames as cameras give them, and their gray planes as OpenCV computes them. */

/** Maximum size of a frame, in pixels. Neither engine can search a larger one; an 8K frame (7680x4320) fits. */
export const MAX_FRAME_PIXELS = 2 ** 25;
/** Maximum width of a frame, in pixels. The kernel's 24 bits then hold the index of every window of a band. */
export const MAX_FRAME_WIDTH = 2 ** 17;
/** MAX_FRAME_PIXELS as errors name it. */
export const FRAME_LIMIT = `${Math.floor(MAX_FRAME_PIXELS / 1e6)} million pixels`;

/** The luma's weights of red, green and blue (ITU-R BT.601, BT.709, BT.2020); needed for colour, not for gray. */
export type YuvMatrix = "bt601" | "bt709" | "bt2020";

/** Y'CbCr 4:2:0: one byte of luma per pixel, one byte per 2x2 pixels in each chroma plane (odd sizes round up). */
export interface YuvPixels {
  readonly kind: "yuv420";
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  /** True: luma spans 0..255 (JPEG). False: limited range, 16..235 (video). */
  readonly fullRange: boolean;
  /** BT.601 by default. */
  readonly matrix?: YuvMatrix;
}

/** Interleaved 8-bit RGB, 3 bytes per pixel. */
export interface RgbPixels {
  readonly kind: "rgb24";
  readonly rgb: Uint8Array;
}

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One picture of a source. */
export interface Frame extends Size {
  readonly pixels: YuvPixels | RgbPixels;
  /** When it was captured, by the wall clock: milliseconds since 1970. */
  readonly capturedMs: number;
  /** Its time in the source, milliseconds: in a clip its position, however fast the clip is read. */
  readonly sourceTimeMs: number;
  /** Present when the frame is a smaller copy of the camera's picture. */
  readonly whole?: WholePicture;
  /** Releases its memory for another frame. Nobody may read it afterwards. Without it the memory is garbage-collected. */
  readonly release?: () => void;
  /** Present when the frame is of the sub stream of a camera: the picture of its main stream at this time. */
  readonly main?: MainPicture;
}

/** A picture of the main stream that is not decoded yet. It is of about the time of the frame: a face has moved in it. */
export interface MainPicture {
  /** Keeps the picture until the result is released. */
  hold(): HeldPicture;
}

/** A picture that is kept. */
export interface HeldPicture {
  /**
   * The picture, and perhaps others of about the same time: the nearest in time first, at least one. Throws a FatalError
   * with the reason when there is none, and when the signal is aborted.
   */
  decode(options: { signal: AbortSignal }): Promise<readonly Frame[]>;
  /** Call it once, when the picture is not needed any more. */
  release(): void;
}

/** How much smaller than its whole picture a frame is, in each direction. */
export type Reduction = 1 | 2 | 4;

/** The camera's picture at its full size, not decoded yet. It holds the encoded picture while it is referred to. */
export interface WholePicture extends Size {
  /** Pixels of the picture for one pixel of the frame, in each direction; those at the edges may be missing. */
  readonly reduction: Reduction;
  /**
   * Where the frame begins in the picture, in pixels of the picture: 0, or above -`reduction` where a rotation moved the
   * incomplete pixels to the left or upper edge. 0, 0 by default.
   */
  readonly origin?: Point;
  /** Decodes it. Undefined when that fails. */
  decode(options: { signal: AbortSignal }): Promise<Frame | undefined>;
}

/** Pixels of the camera's picture for one pixel of the frame. */
export function reductionOf({ whole }: Pick<Frame, "whole">): Reduction {
  return whole?.reduction ?? 1;
}

/** The size of the camera's picture, of which a frame may be a smaller copy. */
export function wholeSize({ width, height, whole }: Pick<Frame, "width" | "height" | "whole">): Size {
  return { width: whole?.width ?? width, height: whole?.height ?? height };
}

/** A point in pixels; not rounded. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle in pixels; `x`, `y` is its upper left corner. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** A plane of brightness as detectors take it: `width * height` bytes. */
export interface GrayPlane extends Size {
  readonly gray: Uint8Array;
  /** Whether black to white is 16..235, as in video, and not 0..255. */
  readonly limitedRange?: boolean;
}

/** What a detector searches: a frame's brightness, and its chroma for an engine that uses colour. */
export interface SearchPlane extends GrayPlane {
  /** 4:2:0, as in YuvPixels; absent for gray cameras. */
  readonly chroma?: Pick<YuvPixels, "u" | "v" | "matrix">;
}

/** The area of a frame to search: all of it, or rectangles that do not overlap. An empty list: nothing. */
export type Area = "all" | readonly Box[];

/** round((Y-16)*255/219): video luma stretched to full range, exactly as ffmpeg's `-pix_fmt gray` does it. */
const FULL_FROM_VIDEO = Uint8Array.from(
  { length: 256 },
  (_, luma) => Math.max(0, Math.min(255, Math.round((luma - 16) * 255 / 219))),
);

/** A frame's brightness: its luma, not copied, or the gray of its RGB. */
export function brightnessOf(frame: Frame): GrayPlane {
  const { width, height, pixels } = frame;
  if (pixels.kind === "rgb24") return { gray: grayPlane(frame), width, height };
  return { gray: pixels.y, limitedRange: !pixels.fullRange, width, height };
}

/** A plane's bytes in full range. Bytes that are so already are not copied. */
export function fullRange({ gray, limitedRange }: GrayPlane): Uint8Array {
  return limitedRange ? gray.map((luma) => FULL_FROM_VIDEO[luma]) : gray;
}

/** The gray plane of a frame in full range, `width * height` bytes; written into `used` if that has this length. */
export function grayPlane(
  { width, height, pixels }: Frame,
  used?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const gray = used?.length === width * height ? used : new Uint8Array(width * height);
  if (pixels.kind === "rgb24") {
    const { rgb } = pixels;
    for (let at = 0, from = 0; at < gray.length; at++, from += 3) {
      // The fixed-point weights of OpenCV's COLOR_RGB2GRAY (15 bits).
      gray[at] = (9798 * rgb[from] + 19235 * rgb[from + 1] + 3735 * rgb[from + 2] + 16384) >> 15;
    }
  } else if (pixels.fullRange) {
    gray.set(pixels.y);
  } else {
    const { y } = pixels;
    for (let at = 0; at < gray.length; at++) gray[at] = FULL_FROM_VIDEO[y[at]];
  }
  return gray;
}
