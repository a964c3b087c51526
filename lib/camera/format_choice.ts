/** Chooses the cheapest format of a V4L2 device, and names the formats that it offers. */
import { FatalError } from "../errors.ts";
import type { Size } from "../image/frame.ts";
import type { DeviceFormat, DeviceFormats, FormatKind, OfferedSize } from "./format_lists.ts";

/** Without `--rate`: a format of fewer frames per second is chosen only when no other gives more. */
const USUAL_RATE = 10;
/** A rate of 30 is satisfied by 29.97. */
const RATE_TOLERANCE = 0.99;
/**
 * What one isochronous stream of USB 2 carries: 3 packets of 1,024 bytes in each of 8,000 microframes (USB 2.0, 5.6.3). Used
 * only for lists without rates, and single sizes: a USB camera lists single sizes, and the rates that its own connection carries.
 */
const BUS_BYTES_PER_SECOND = 3 * 1024 * 8000;
/** Sensors have fewer pixels per row: a range up to here is that of a receiver on a CSI connector, which promises anything. */
const RECEIVER_WIDTH = 8_192;
const MAX_FORMATS = 12;
const MAX_SIZES = 12;
/** In an error, the sizes closest to the one that is missing. */
const MAX_CLOSEST_SIZES = 5;

/**
 * In order of cost: decoding a JPEG costs three to four times as much as converting Y'CbCr 4:2:2 (docs/PERFORMANCE.md). H.264
 * follows MJPEG because every frame of it must be decoded. Bayer data lack white balance, and gray pictures the colours of people;
 * of 16 bits a camera often fills 10 or 12, which gives nearly black pictures.
 */
const COSTS: readonly FormatKind[] = ["planar", "packed", "mjpeg", "rgb", "video", "bayer", "gray", "gray16"];

/** Bytes per pixel of raw formats; the others never fill a bus. */
const PIXEL_BYTES: Partial<Record<FormatKind, number>> = {
  planar: 1.5,
  packed: 2,
  rgb: 3,
  bayer: 1,
  gray: 1,
  gray16: 2,
};

/** What to request from a device. */
export interface FormatWish {
  readonly size?: Size;
  /** Frames per second. */
  readonly rate?: number;
}

/** The format to request. */
export interface FormatChoice {
  /** ffmpeg's name of the format; undefined where ffmpeg is to choose. */
  readonly inputFormat?: string;
  /** The decision, for the log. */
  readonly text: string;
}

/** A format that has the size. */
interface Candidate {
  readonly format: DeviceFormat;
  /** The listed rate. */
  readonly listed: number | undefined;
  /** The listed rate, else the one that a USB connection carries; infinite where the connection is none or not known. */
  readonly rate: number;
}

/**
 * The cheapest format with this size and at least this rate; without `size` with the size that the device is set to. When no
 * format reaches the rate, the fastest. Where the list does not suffice for that, ffmpeg chooses itself, unless MJPEG is the
 * only format. Undefined when all formats of the size are refused. Throws a FatalError with the list when the device has no such
 * size, and when it only has sensor data.
 * @param options.refused names of formats that are not to be chosen
 */
export function chooseFormat(
  device: string,
  offered: DeviceFormats,
  wish: FormatWish,
  { refused = new Set() }: { readonly refused?: ReadonlySet<string> } = {},
): FormatChoice | undefined {
  if (isReceiver(offered)) throw sensorError(device, offered);
  const size = wish.size ?? offered.current;
  const readable = offered.formats.filter(({ kind }) => COSTS.includes(kind));
  if (!size || readable.length === 0) return unknownSize(device, offered, readable, refused);
  const candidates = readable.flatMap((format) => candidateOf(format, size, offered) ?? []);
  if (candidates.length === 0) {
    if (!wish.size) return unknownSize(device, offered, readable, refused); // The driver need not list its own size.
    throw new FatalError(
      `the camera "${device}" does not offer frames of ${named(size)}: it offers ${
        formatsText(offered, { closestTo: size })
      }`,
      "set --size to a size of that list, or --input-format to let the driver choose the nearest size",
    );
  }
  const wanted = wish.rate ?? USUAL_RATE;
  const byCost = candidates.filter(({ format }) => !refused.has(format.name))
    .toSorted((a, b) => COSTS.indexOf(a.format.kind) - COSTS.indexOf(b.format.kind));
  if (byCost.length === 0) return undefined;
  const fastest = byCost.reduce((best, other) => other.rate > best.rate ? other : best);
  const chosen = byCost.find(({ rate }) => rate >= wanted * RATE_TOLERANCE) ?? fastest;
  return { inputFormat: chosen.format.name, text: textOf(chosen, { device, size, wanted: wish.rate }) };
}

/** Where the list does not tell which formats have the size. MJPEG is named, since it is then decoded on demand. */
function unknownSize(
  device: string,
  { listsRates }: DeviceFormats,
  readable: readonly DeviceFormat[],
  refused: ReadonlySet<string>,
): FormatChoice | undefined {
  const [only] = readable;
  if (only && readable.every(({ kind }) => kind === "mjpeg")) {
    if (refused.has(only.name)) return undefined;
    return {
      inputFormat: only.name,
      text: `chose format ${only.name} of ${device}, the only one that ffmpeg reads`,
    };
  }
  const advice = `${listsRates ? "" : "install v4l-utils, or "}set --size or --input-format`;
  return {
    text: `ffmpeg chooses the format of ${device}, since its list does not suffice for a choice: ${advice}`,
  };
}

/** The candidate of a format with the size; a format without a list of sizes may have any. */
function candidateOf(
  format: DeviceFormat,
  size: Size,
  { listsRates }: DeviceFormats,
): Candidate | undefined {
  const fitting = format.sizes.filter((offered) => contains(offered, size));
  if (format.sizes.length > 0 && fitting.length === 0) return undefined;
  const rates = fitting.flatMap(({ rate }) => rate ?? []);
  const listed = rates.length > 0 ? Math.max(...rates) : undefined;
  const bytes = PIXEL_BYTES[format.kind];
  const mayBeUsb = !listsRates && fitting.every(isSingle);
  const carried = bytes && mayBeUsb ? BUS_BYTES_PER_SECOND / (size.width * size.height * bytes) : Infinity;
  return { format, listed, rate: listed ?? carried };
}

function isSingle({ min, max }: OfferedSize): boolean {
  return min.width === max.width && min.height === max.height;
}

function contains({ min, max, step }: OfferedSize, { width, height }: Size): boolean {
  const isIn = (value: number, low: number, high: number, by: number) =>
    value >= low && value <= high && (value - low) % Math.max(1, by) === 0;
  return isIn(width, min.width, max.width, step.width) && isIn(height, min.height, max.height, step.height);
}

function textOf(
  { format, listed, rate }: Candidate,
  { device, size, wanted }: { device: string; size: Size; wanted?: number },
): string {
  const about = `chose format ${format.name} of ${device} at ${named(size)}`;
  if (listed === undefined) return `${about}; its list has no rates`;
  const upTo = `${about}, up to ${perSecond(listed)}`;
  if (wanted === undefined || rate >= wanted * RATE_TOLERANCE) return upTo;
  return `${upTo}: no format gives ${perSecond(wanted)}`;
}

/** Whether the node is that of a CSI connector: raw sensor data only, or also everything else in every size. */
function isReceiver({ formats }: DeviceFormats): boolean {
  if (!formats.some(({ kind }) => kind === "sensor")) return false;
  const promises = formats.every(({ sizes }) => sizes.every(({ max }) => max.width >= RECEIVER_WIDTH));
  return promises || formats.every(({ kind }) => kind === "sensor");
}

function sensorError(device: string, offered: DeviceFormats): FatalError {
  const sensor = offered.formats.filter(({ kind }) => kind === "sensor");
  return new FatalError(
    `the camera "${device}" gives raw sensor data: it offers ${formatsText({ formats: sensor })}`,
    "set --source csi for a camera on the board's own connector, csi:1 for the second one",
  );
}

/** What a device offers, for the log. */
export function offerText(device: string, offered: DeviceFormats): string {
  return `${device} offers ${formatsText(offered)}`;
}

/**
 * The formats with their sizes and highest rates: `mjpeg 1920x1080@30 1280x720@60, yuyv422 640x480@30`. The largest sizes come
 * first, or those closest to a given one.
 */
export function formatsText(
  { formats }: Pick<DeviceFormats, "formats">,
  { closestTo }: { closestTo?: Size } = {},
): string {
  const shown = formats.slice(0, MAX_FORMATS).map((format) => formatText(format, closestTo)).join(", ");
  return formats.length > MAX_FORMATS ? `${shown}, and ${formats.length - MAX_FORMATS} more formats` : shown;
}

function formatText({ name, kind, sizes }: DeviceFormat, closestTo: Size | undefined): string {
  const pixels = ({ width, height }: Size) => width * height;
  const distance = ({ max }: OfferedSize) =>
    closestTo ? Math.abs(pixels(max) - pixels(closestTo)) : -pixels(max);
  const shown = sizes.toSorted((a, b) => distance(a) - distance(b))
    .slice(0, closestTo ? MAX_CLOSEST_SIZES : MAX_SIZES);
  const more = sizes.length - shown.length;
  const unusable = COSTS.includes(kind) ? [] : ["(not read by ffmpeg)"];
  return [name, ...unusable, ...shown.map(sizeText), ...(more > 0 ? [`and ${more} more`] : [])].join(" ");
}

function sizeText(offered: OfferedSize): string {
  const { min, max, rate } = offered;
  const size = isSingle(offered) ? named(max) : `${named(min)}..${named(max)}`;
  return rate === undefined ? size : `${size}@${rounded(rate)}`;
}

function named({ width, height }: Size): string {
  return `${width}x${height}`;
}

function perSecond(rate: number): string {
  return `${rounded(rate)} frames/s`;
}

function rounded(rate: number): number {
  return Math.round(rate * 100) / 100;
}
