import { Refusal } from "../errors.ts";

/** Whether the bytes begin as a JPEG does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * The size of a JPEG in pixels, from its frame header. Throws a Refusal when the file is cut short or damaged.
 * Format: ITU-T T.81, annex B: segments of marker (0xFF and a code) and two-byte length up to the scan.
 */
export function readJpeg(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const code = bytes[at + 1];
    if (isFrameHeader(code)) {
      if (!hasEnd(bytes, at)) throw new Refusal("a JPEG cut short");
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      if (size.width === 0 || size.height === 0) throw new Refusal("a JPEG without pixels");
      return size;
    }
    at += code === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  throw new Refusal("a damaged JPEG: no frame header");
}

/** Whether the end marker comes after `from`; cameras and phones append padding and more behind it. */
function hasEnd(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.length - 1; at > from; at--) {
    if (bytes[at] === 0xd9 && bytes[at - 1] === 0xff) return true;
  }
  return false;
}

/** SOF0..SOF15 without DHT, JPG and DAC, which share the range. */
function isFrameHeader(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}
