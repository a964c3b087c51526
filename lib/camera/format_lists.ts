/**
 * The formats of a V4L2 device, from the lists that v4l2-ctl and ffmpeg print. Sources: v4l-utils, utils/v4l2-ctl
 * (v4l2-ctl-vidcap.cpp, 1.14 to 1.28); FFmpeg, libavdevice/v4l2.c (list_formats, 3.4 to 9) and v4l2-common.c.
 */
import type { Size } from "../image/frame.ts";

/** A format of a device. */
export interface DeviceFormat {
  /** ffmpeg's name for `-input_format`; without one the four characters of V4L2, or its description. */
  readonly name: string;
  readonly kind: FormatKind;
  /** Empty where the driver lists none. */
  readonly sizes: readonly OfferedSize[];
}

/**
 *     planar, packed   Y'CbCr 4:2:0, 4:2:2
 *     mjpeg            one JPEG for each frame
 *     rgb              other raw colour
 *     video            H.264 and other codecs whose frames depend on each other
 *     bayer            8-bit sensor data
 *     gray, gray16     without colour, 8 or 16 bits
 *     sensor           sensor data of more bits, which ffmpeg does not read
 *     unreadable       anything else that ffmpeg does not read, or that a library emulates
 */
export type FormatKind =
  | "planar"
  | "packed"
  | "mjpeg"
  | "rgb"
  | "video"
  | "bayer"
  | "gray"
  | "gray16"
  | "sensor"
  | "unreadable";

/** A size, or a range of sizes with a step. */
export interface OfferedSize {
  readonly min: Size;
  /** Equal to `min` for a single size. */
  readonly max: Size;
  readonly step: Size;
  /** The highest rate, frames per second; undefined where the list has none. */
  readonly rate?: number;
}

/** What a device offers. */
export interface DeviceFormats {
  readonly formats: readonly DeviceFormat[];
  /** Whether the list would contain rates: v4l2-ctl lists those that the driver knows, ffmpeg none. */
  readonly listsRates: boolean;
  /** The size that the device is set to. */
  readonly current?: Size;
}

/** The formats of V4L2 that ffmpeg reads: its name and the kind. */
const V4L2_FORMATS: Readonly<Record<string, readonly [name: string, kind: FormatKind]>> = {
  YU12: ["yuv420p", "planar"],
  YV12: ["yuv420p", "planar"],
  NV12: ["nv12", "planar"],
  YUYV: ["yuyv422", "packed"],
  UYVY: ["uyvy422", "packed"],
  "422P": ["yuv422p", "packed"],
  MJPG: ["mjpeg", "mjpeg"],
  JPEG: ["mjpeg", "mjpeg"],
  RGB3: ["rgb24", "rgb"],
  BGR3: ["bgr24", "rgb"],
  BGR4: ["bgr0", "rgb"],
  RGB4: ["0rgb", "rgb"],
  RGBP: ["rgb565le", "rgb"],
  H264: ["h264", "video"],
  BA81: ["bayer_bggr8", "bayer"],
  GBRG: ["bayer_gbrg8", "bayer"],
  GRBG: ["bayer_grbg8", "bayer"],
  RGGB: ["bayer_rggb8", "bayer"],
  GREY: ["gray", "gray"],
  Y16: ["gray16le", "gray16"],
};
const KINDS: ReadonlyMap<string, FormatKind> = new Map(Object.values(V4L2_FORMATS));
const ONE: Size = { width: 1, height: 1 };
/** In descriptions of the kernel (drivers/media/v4l2-core/v4l2-ioctl.c); 8-bit sensor data that ffmpeg reads are above. */
const SENSOR = /\bBayer\b/i;
/** `32x32 - 2592x1944 with step 2/2`; a continuous range has no step. */
const V4L2_RANGE = /(?<w>\d+)x(?<h>\d+) - (?<W>\d+)x(?<H>\d+)(?: with step (?<sw>\d+)\/(?<sh>\d+))?/g;
/** `{32-2592, 2}x{32-1944, 2}`. */
const FFMPEG_RANGE = /\{(?<w>\d+)-(?<W>\d+), (?<sw>\d+)\}x\{(?<h>\d+)-(?<H>\d+), (?<sh>\d+)\}/g;

/** Collects formats and their sizes in the order of a list. */
class FormatList {
  readonly #formats: { name: string; kind: FormatKind; sizes: Map<string, OfferedSize> }[] = [];
  #size: string | undefined;

  addFormat(name: string, kind: FormatKind): void {
    this.#formats.push({ name, kind, sizes: new Map() });
    this.#size = undefined;
  }

  /** A size of the last format. Drivers list the default size twice. */
  addSize(size: OfferedSize): void {
    const sizes = this.#formats.at(-1)?.sizes;
    this.#size = JSON.stringify(size);
    if (!sizes?.has(this.#size)) sizes?.set(this.#size, size);
  }

  /** A rate of the last size; the highest counts. */
  addRate(rate: number): void {
    const sizes = this.#formats.at(-1)?.sizes;
    const size = this.#size === undefined ? undefined : sizes?.get(this.#size);
    if (size) sizes!.set(this.#size!, { ...size, rate: Math.max(rate, size.rate ?? 0) });
  }

  get formats(): DeviceFormat[] {
    return this.#formats.map(({ sizes, ...format }) => ({ ...format, sizes: [...sizes.values()] }));
  }
}

/**
 * The formats in the output of `v4l2-ctl --get-fmt-video --list-formats-ext`; undefined without any.
 *
 *     Format Video Capture:
 *             Width/Height      : 640/480
 *     ioctl: VIDIOC_ENUM_FMT
 *             [0]: 'MJPG' (Motion-JPEG, compressed)       until 1.16: Pixel Format: 'MJPG' (compressed)
 *                     Size: Discrete 1280x720                         Name        : Motion-JPEG
 *                             Interval: Discrete 0.033s (30.000 fps)
 *                     Size: Stepwise 32x32 - 2592x1944 with step 2/2
 *                             Interval: Stepwise 0.033s - 0.067s with step 0.000s (15.000-30.000 fps)
 */
export function v4l2Formats(lines: readonly string[]): DeviceFormats | undefined {
  const begin = lines.findIndex((line) => line.includes("VIDIOC_ENUM_FMT"));
  const list = new FormatList();
  const listed = lines.slice(begin);
  for (const [at, line] of listed.entries()) {
    const [, fourcc, about = ""] = /^\s*(?:\[\d+\]|Pixel Format *): '([^']+)'(.*)/.exec(line) ?? [];
    const [, size] = /^\s*Size: \w+ (.*)/.exec(line) ?? [];
    const [, rates] = /^\s*Interval: .*\(([\d.-]+) fps\)/.exec(line) ?? [];
    if (fourcc !== undefined) {
      list.addFormat(...namedByV4l2(fourcc.trim(), `${about} ${nameIn(listed[at + 1])}`));
    } else if (size !== undefined) sizesIn(size, V4L2_RANGE).forEach((size) => list.addSize(size));
    else if (rates !== undefined) list.addRate(Number(rates.split("-").at(-1)));
  }
  if (begin < 0 || list.formats.length === 0) return undefined;
  const set = lines.slice(0, begin).join("\n");
  const [, width, height] = /Width\/Height *: (\d+)\/(\d+)/.exec(set) ?? [];
  const current = width === undefined ? undefined : { width: Number(width), height: Number(height) };
  return { formats: list.formats, listsRates: true, current };
}

/**
 * The formats in the output of `ffmpeg -f v4l2 -list_formats all`, which has no rates; undefined without any.
 *
 *     [video4linux2,v4l2 @ 0x5581] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 160x120
 *     [video4linux2,v4l2 @ 0x5581] Compressed:       mjpeg :          Motion-JPEG : Emulated : {32-2592, 2}x{32-1944, 2}
 */
export function ffmpegFormats(lines: readonly string[]): DeviceFormats | undefined {
  const list = new FormatList();
  for (const line of lines) {
    // Descriptions of some drivers contain a colon: the list of sizes begins behind the last one.
    const [, type, name, rest] = /\b(Raw|Compressed) *: *([\w-]+) *:(.*)/.exec(line) ?? [];
    if (type === undefined) continue;
    const [, description, isEmulated, sizes] = /^(.*?) *:( Emulated :)?([^:]*)$/.exec(rest) ?? [, rest, , ""];
    list.addFormat(
      ...namedByFfmpeg(type, { name, description: description.trim(), isEmulated: !!isEmulated }),
    );
    sizesIn(sizes, FFMPEG_RANGE).forEach((size) => list.addSize(size));
  }
  return list.formats.length === 0 ? undefined : { formats: list.formats, listsRates: false };
}

/** The description of a format, which an old v4l2-ctl prints on a line of its own. */
function nameIn(line = ""): string {
  return /^\s*Name *: (.*)/.exec(line)?.[1] ?? "";
}

/** @param about the description and the flags. */
function namedByV4l2(fourcc: string, about: string): [name: string, kind: FormatKind] {
  const [name, kind] = V4L2_FORMATS[fourcc] ?? [fourcc, SENSOR.test(about) ? "sensor" : "unreadable"];
  return [name, /\bemulated\b/.test(about) ? "unreadable" : kind];
}

function namedByFfmpeg(
  type: string,
  { name, description, isEmulated }: { name: string; description: string; isEmulated: boolean },
): [name: string, kind: FormatKind] {
  if (name === "Unsupported" || name === "none") {
    return [description, SENSOR.test(description) ? "sensor" : "unreadable"];
  }
  if (isEmulated) return [name, "unreadable"];
  return [name, KINDS.get(name) ?? (type === "Raw" ? "rgb" : "video")];
}

/** The sizes in a part of a list. @param range matches a range, in groups named as in V4L2_RANGE. */
function sizesIn(text: string, range: RegExp): OfferedSize[] {
  const ranges = Array.from(text.matchAll(range), (match): OfferedSize => {
    const { w, W, sw = 1, h, H, sh = 1 } = match.groups!;
    return { min: sizeOf(w, h), max: sizeOf(W, H), step: sizeOf(sw, sh) };
  });
  if (ranges.length > 0) return ranges;
  return Array.from(text.matchAll(/\b(\d+)x(\d+)\b/g), ([, width, height]) => {
    const size = sizeOf(width, height);
    return { min: size, max: size, step: ONE };
  });
}

function sizeOf(width: string | number, height: string | number): Size {
  return { width: Number(width), height: Number(height) };
}
