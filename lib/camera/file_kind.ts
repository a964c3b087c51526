// deno-lint-ignore-file no-control-regex -- file signatures have control characters
/** The kind of a file, by its first bytes and never by its name. */
import { latin1 } from "../image/png_chunks.ts";

/** Number of first bytes that decide the kind; a GIF is an animation by its second picture, at any position. */
export const HEAD_BYTES = 65_536;

/** The kind of a file. */
export type FileKind =
  /** One picture; `codec` is the name of its decoder in ffmpeg. */
  | { readonly kind: "picture"; readonly codec: string }
  /**
   * A clip; `demuxer` is ffmpeg's name, without which ffmpeg probes the file. `still`: a container of one picture.
   * `isKnown`: the bytes are those of a clip although there is no demuxer. Without both, they are unknown.
   */
  | { readonly kind: "clip"; readonly demuxer?: string; readonly still?: true; readonly isKnown?: true }
  /** Neither. `reason` completes "it cannot be read: ". */
  | { readonly kind: "none"; readonly reason: string };

const CLIP: FileKind = { kind: "clip" };
const ANIMATED_WEBP: FileKind = { kind: "clip", isKnown: true };
const ANIMATED_WEBP_FLAG = 0x02;
/** Brands of ISO 14496-12 files with one picture: HEIF and AVIF. */
const STILL_BRANDS = ["avif", "heic", "heix", "heim", "heis", "mif1"];
/** Starts of text formats that describe or precede a clip: SDP, HLS, YUV4MPEG2, DASH. */
const TEXT_FORMATS = /^(v=0\r?\n|#EXTM3U|YUV4MPEG2 |<\?xml[^]*<MPD|<MPD)/;
/** Valid sizes of a BMP's second header, in bytes. */
const BMP_HEADERS = [12, 16, 40, 52, 56, 64, 108, 124];

/** Signatures of picture formats, in Latin-1, and ffmpeg's decoder for each. */
const PICTURES: readonly (readonly [RegExp, string])[] = [
  [/^\xff\xd8\xff/, "mjpeg"],
  [/^\x89PNG\r\n\x1a\n/, "png"],
  [/^RIFF....WEBP/s, "webp"],
  [/^(II\*\0|MM\0\*)/, "tiff"],
  [/^GIF8[79]a/, "gif"],
  [/^(\0\0\0\x0cjP {2}\r\n\x87\n|\xff\x4f\xff\x51)/, "jpeg2000"],
  [/^(\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a)/, "libjxl"],
  [/^P[14][\s#]/, "pbm"],
  [/^P[25][\s#]/, "pgm"],
  [/^P[36][\s#]/, "ppm"],
  [/^P7\n/, "pam"],
];

/** The kind of a file with these first bytes. */
export function fileKind(head: Uint8Array): FileKind {
  if (head.length === 0) return { kind: "none", reason: "it is empty" };
  const text = new TextDecoder("latin1").decode(head.subarray(0, 64));
  const codec = PICTURES.find(([begins]) => begins.test(latin1(head.subarray(0, 16))))?.[1];
  if (codec === "webp") return isAnimatedWebp(head) ? ANIMATED_WEBP : { kind: "picture", codec };
  if (codec === "gif" && gifPictures(head) > 1) return { kind: "clip", demuxer: "gif" };
  if (codec === "png" && isAnimatedPng(head)) return { kind: "clip", demuxer: "apng" };
  if (codec) return { kind: "picture", codec };
  if (isBmp(head)) return { kind: "picture", codec: "bmp" };
  if (/^....ftyp/s.test(text)) {
    const still = STILL_BRANDS.includes(text.slice(8, 12));
    return { kind: "clip", demuxer: "mov", ...(still && { still: true as const }) };
  }
  if (text.startsWith("\x1aE\xdf\xa3")) return { kind: "clip", demuxer: "matroska" };
  if (/^RIFF....AVI /s.test(text)) return { kind: "clip", demuxer: "avi" };
  // ffmpeg reads the listed files, whatever bytes follow this start.
  if (text.startsWith("ffconcat version")) return { kind: "none", reason: "it lists other files" };
  if (isText(head) && !TEXT_FORMATS.test(text)) return { kind: "none", reason: "it holds text" };
  return CLIP;
}

/** Whether a picture can be decoded from the file: its only one, or the first of an animation. */
export function isPicture(kind: FileKind): boolean {
  return pictureCodec(kind) !== undefined || (kind.kind === "clip" && kind.still === true);
}

/** ffmpeg's decoder for the first picture of the file; undefined when there is none. */
export function pictureCodec(kind: FileKind): string | undefined {
  if (kind.kind === "picture") return kind.codec;
  if (kind.kind === "none") return undefined;
  return kind.demuxer === "apng" ? "png" : kind.demuxer === "gif" ? "gif" : undefined;
}

function isBmp(head: Uint8Array): boolean {
  if (head[0] !== 0x42 || head[1] !== 0x4d || head.length < 18) return false;
  return BMP_HEADERS.includes(new DataView(head.buffer, head.byteOffset).getUint32(14, true));
}

function isAnimatedWebp(head: Uint8Array): boolean {
  return latin1(head.subarray(12, 16)) === "VP8X" && (head[20] & ANIMATED_WEBP_FLAG) !== 0;
}

/** Whether an acTL chunk precedes the pixels (APNG). */
function isAnimatedPng(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 8; at + 8 <= head.length; at += 12 + view.getUint32(at)) {
    const type = latin1(head.subarray(at + 4, at + 8));
    if (type === "acTL") return true;
    if (type === "IDAT") return false;
  }
  return false;
}

/** The number of pictures that start in these bytes, at most 2. Format: GIF89a, blocks of sub-blocks. */
function gifPictures(head: Uint8Array): number {
  const tableBytes = (flags: number) => flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
  const behindBlocks = (from: number) => {
    let at = from;
    while (at < head.length && head[at] !== 0) at += head[at] + 1;
    return at + 1;
  };
  let pictures = 0;
  for (let at = 13 + tableBytes(head[10]); at < head.length && pictures < 2;) {
    if (head[at] === 0x2c) {
      pictures++;
      at = behindBlocks(at + 11 + tableBytes(head[at + 9] ?? 0));
    } else if (head[at] === 0x21) {
      at = behindBlocks(at + 2);
    } else break;
  }
  return pictures;
}

/** Whether the first 4,096 bytes are all printable or white space. */
function isText(head: Uint8Array): boolean {
  return head.subarray(0, 4_096).every((byte) => byte >= 0x20 && byte !== 0x7f || (byte >= 8 && byte <= 13));
}
