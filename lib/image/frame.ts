/** A frame as a camera gives it, and its gray plane as OpenCV would see it. */

/** Which weights of red, green and blue made the luma (ITU-R BT.601, BT.709 or BT.2020): colour needs it, gray does not. */
export type YuvMatrix = "bt601" | "bt709" | "bt2020";

/** Y'CbCr 4:2:0: one byte a pixel of luma, one byte per 2x2 pixels for each chroma plane (odd sizes round up). */
export interface YuvPixels {
  readonly kind: "yuv420";
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  /** True when luma spans 0..255 (JPEG), false when it spans 16..235 (video). */
  readonly fullRange: boolean;
  /** BT.601 when it is not said. */
  readonly matrix?: YuvMatrix;
}

/** Interleaved 8-bit RGB, 3 bytes a pixel. */
export interface RgbPixels {
  readonly kind: "rgb24";
  readonly rgb: Uint8Array;
}

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One picture of a camera. */
export interface Frame extends Size {
  readonly pixels: YuvPixels | RgbPixels;
  /** When it was taken, milliseconds since 1970. */
  readonly capturedMs: number;
  /** Where it stands in the source, milliseconds: of a clip its own time, however fast it is read. */
  readonly sourceTimeMs: number;
  /** Gives the memory back for another frame: nobody looks at this one again. Without it the memory is collected. */
  readonly release?: () => void;
}

/** A rectangle in pixels; `x`, `y` is its upper left corner. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** A plane of brightness as detectors take it: `width * height` bytes. */
export interface GrayPlane extends Size {
  readonly gray: Uint8Array;
  /** Whether 16..235 go from black to white, as in video, and are still to be stretched to 0..255. */
  readonly limitedRange?: boolean;
}

/** What a detector searches: a frame's brightness, and its chroma for an engine that uses colour. */
export interface SearchPlane extends GrayPlane {
  /** 4:2:0, as in YuvPixels; absent for gray cameras and for RGB pictures. */
  readonly chroma?: Pick<YuvPixels, "u" | "v" | "matrix">;
}

/** What of a frame to search: all of it, or rectangles that do not overlap; none of them: nothing. */
export type Area = "all" | readonly Box[];

/** round((Y-16)*255/219): video luma stretched to full range, exactly as ffmpeg's `-pix_fmt gray` does it. */
const FULL_FROM_VIDEO = Uint8Array.from(
  { length: 256 },
  (_, luma) => Math.max(0, Math.min(255, Math.round((luma - 16) * 255 / 219))),
);

/** A frame's brightness: its own luma where it has one, not copied, else the gray of its colours. */
export function brightnessOf(frame: Frame): GrayPlane {
  const { width, height, pixels } = frame;
  if (pixels.kind === "rgb24") return { gray: grayPlane(frame), width, height };
  return { gray: pixels.y, limitedRange: !pixels.fullRange, width, height };
}

/** The bytes of a plane at full range; where they are so already, they are not copied. */
export function fullRange({ gray, limitedRange }: GrayPlane): Uint8Array {
  return limitedRange ? gray.map((luma) => FULL_FROM_VIDEO[luma]) : gray;
}

/**
 * The gray plane of a frame at full range, `width * height` bytes; `used`, an old one, is written over when it is of
 * that size.
 */
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
