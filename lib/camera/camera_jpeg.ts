/**
 * Finds the JPEG in a packet of a camera, and its size. Some cameras send headers that break ITU-T T.81 and that ffmpeg
 * decodes nevertheless. So this reads a header as ffmpeg's decoder does (`libavcodec/mjpegdec.c`):
 *
 *     bytes    FF D8  0D 0A  FF FF DB  00 43 …  FF E1   7F FF      …  FF C0  00 11 08  height  width
 *     read as  start  skip   DQT       its      APP1,   beyond the    the frame header
 *                                      length   packet: no length
 *
 * One pass over the packet, whose size is limited.
 */
import type { Size } from "../image/frame.ts";
import { isFrameHeader } from "../image/jpeg.ts";

const START_OF_IMAGE = 0xd8;
/** The codes of markers. ffmpeg takes other bytes after 0xFF, such as 0x00 and 0xFF, for no marker. */
const [FIRST_CODE, LAST_CODE] = [0xc0, 0xfe];
/** Bytes of a frame header up to its width, with the marker. */
const SIZE_BYTES = 9;
const [HUFFMAN_TABLES, QUANTISATION_TABLES, RESTART_INTERVAL] = [0xc4, 0xdb, 0xdd];
const [FIRST_APPLICATION, LAST_APPLICATION, COMMENT] = [0xe0, 0xef, 0xfe];

/** The JPEG without the bytes before it; undefined when there is none, or when its header gives no size. */
export function cameraJpeg(
  packet: Uint8Array<ArrayBuffer>,
): { readonly jpeg: Uint8Array<ArrayBuffer>; readonly size: Size } | undefined {
  const begin = startOfImage(packet);
  if (begin === undefined) return undefined;
  const jpeg = packet.subarray(begin);
  const size = sizeOf(jpeg);
  return size && { jpeg, size };
}

function startOfImage(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + 1 < bytes.length; at++) {
    if (bytes[at] === 0xff && bytes[at + 1] === START_OF_IMAGE) return at;
  }
  return undefined;
}

/** The size in the first frame header. */
function sizeOf(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + SIZE_BYTES <= bytes.length;) {
    const code = bytes[at + 1];
    if (bytes[at] !== 0xff || code < FIRST_CODE || code > LAST_CODE) at++;
    else if (isFrameHeader(code)) {
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      return size.width > 0 && size.height > 0 ? size : undefined;
    } else {
      const length = hasLength(code) ? Math.max(2, view.getUint16(at + 2)) : 0;
      at += 2 + (at + 2 + length <= bytes.length ? length : 0);
    }
  }
  return undefined;
}

/** Whether ffmpeg reads a length behind this marker before the frame header. */
function hasLength(code: number): boolean {
  return code === HUFFMAN_TABLES || code === QUANTISATION_TABLES || code === RESTART_INTERVAL ||
    (code >= FIRST_APPLICATION && code <= LAST_APPLICATION) || code === COMMENT;
}
