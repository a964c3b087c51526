/** Reads the size of a JPEG, and checks that the file is whole, without decoding it. */
import { RejectedMessageError } from "../errors.ts";
import { MAX_PIXELS } from "./png_chunks.ts";

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const NUMBER_OF_LINES = 0xdc;
const COMMENT = 0xfe;

/** Whether the bytes begin with the signature of a JPEG. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * The size of a JPEG in pixels, from its frame header. Throws a RejectedMessageError when the file is truncated, damaged
 * or too large, or when it gives its size twice. Bytes after the end are allowed: cameras and phones append some.
 * Format: ITU-T T.81, annex B: segments of a marker (0xFF and a code) and a two-byte length. The data of a scan follow
 * its segment, up to the next marker.
 */
export function readJpeg(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: { width: number; height: number } | undefined;
  for (let at = 2;;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
    const code = bytes[at + 1];
    if (bytes[at] !== 0xff || code === END_OF_IMAGE || at + 4 > bytes.length) {
      if (!size) throw new RejectedMessageError("damaged JPEG: no frame header");
      if (code !== END_OF_IMAGE) throw new RejectedMessageError("truncated JPEG");
      return size;
    }
    // Decoders use the later one, whose size was not checked.
    if (size && (isFrameHeader(code) || code === NUMBER_OF_LINES)) {
      throw new RejectedMessageError("damaged JPEG: its size is given twice");
    }
    if (isFrameHeader(code)) {
      if (at + 9 > bytes.length) throw new RejectedMessageError("truncated JPEG");
      size = checkedSize({ height: view.getUint16(at + 5), width: view.getUint16(at + 7) });
    }
    at += 2 + Math.max(2, view.getUint16(at + 2));
    if (code === START_OF_SCAN) at = endOfScan(bytes, at);
  }
}

/** The size of a JPEG of which only the first bytes are known; undefined when they do not show it. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
    const code = bytes[at + 1];
    if (code === 0xff) at++; // A fill byte.
    else if (isFrameHeader(code)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    else at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  return undefined;
}

function checkedSize(size: { width: number; height: number }): { width: number; height: number } {
  const { width, height } = size;
  if (width === 0 || height === 0) throw new RejectedMessageError("damaged JPEG: no pixels");
  if (width * height > MAX_PIXELS) {
    throw new RejectedMessageError(`JPEG of ${width}x${height}: more than ${MAX_PIXELS} pixels`);
  }
  return size;
}

/** The offset of the segment after the data of a scan. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (beginsSegment(bytes[at + 1])) return at;
  }
  return bytes.length;
}

/** Whether a scan ends at this code; it does not at an escaped 255 (0), a restart (D0..D7) or an unused code. */
function beginsSegment(code: number): boolean {
  return (code >= 0xc0 && code <= 0xcf) || (code >= END_OF_IMAGE && code <= 0xef) || code === COMMENT;
}

/** Whether a segment is a frame header: SOF0..SOF15, without DHT, JPG and DAC in the same range. */
export function isFrameHeader(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}
