/**
 * The committed picture as frames of several sizes, and a digest of the network's numbers. The digest is the same on
 * every processor with a fused multiply-add. Faces are not part of it: their Math.exp() depends on the version of V8.
 */
import { readAsset } from "../../assets.ts";
import type { SearchPlane } from "../../image/frame.ts";
import { decodePng } from "../../image/png.ts";
import type { Head } from "../plan.ts";
import { type RgbPicture, YuNetDetector } from "../yunet_detector.ts";

export const PICTURE_FILE = "lib/camera/sample/astronaut.png";
const SIZES = [[320, 240], [131, 97], [31, 17]] as const;

const PICTURE: RgbPicture = decodePng(readAsset(PICTURE_FILE));

/** A picture at another size, each pixel the nearest one. */
export function scaledPicture(width: number, height: number, picture = PICTURE): RgbPicture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y * picture.height / height) * picture.width;
    for (let x = 0; x < width; x++, at += 3) {
      const from = (row + Math.floor(x * picture.width / width)) * 3;
      rgb.set(picture.rgb.subarray(from, from + 3), at);
    }
  }
  return { rgb, width, height };
}

/** The picture as luma and chroma, by integer arithmetic; the matrix is only near BT.601. */
export function asPlanes({ rgb, width, height }: RgbPicture): SearchPlane {
  const at = (x: number, y: number, channel: number) => rgb[(y * width + x) * 3 + channel];
  const luma = (x: number, y: number) => (5 * at(x, y, 0) + 9 * at(x, y, 1) + 2 * at(x, y, 2)) >> 4;
  const gray = Uint8Array.from({ length: width * height }, (_, n) => luma(n % width, Math.floor(n / width)));
  const halfWidth = Math.ceil(width / 2);
  const chroma = (channel: number) =>
    Uint8Array.from({ length: halfWidth * Math.ceil(height / 2) }, (_, n) => {
      const [x, y] = [2 * (n % halfWidth), 2 * Math.floor(n / halfWidth)];
      return 128 + ((at(x, y, channel) - luma(x, y)) >> 1);
    });
  return { width, height, gray, chroma: { u: chroma(2), v: chroma(0) } };
}

/** A head's numbers, cell by cell. */
export function numbersOf(head: Head): Float32Array<ArrayBuffer> {
  const numbers: number[] = [];
  for (let y = 0; y < head.rows; y++) {
    for (let x = 0; x < head.columns; x++) {
      for (let group = 0; group < 4; group++) {
        const at = head.quad(group, x, y);
        numbers.push(...head.values.subarray(at, at + 4));
      }
    }
  }
  return Float32Array.from(numbers);
}

/** SHA-256 of the heads' numbers of all frames, in hexadecimal digits. */
export async function digestOfPicture(): Promise<string> {
  const detector = new YuNetDetector({ minScore: 0.3 });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const [width, height] of SIZES) {
    const colours = scaledPicture(width, height);
    const planes = asPlanes(colours);
    for (const frame of [colours, planes, { width, height, gray: planes.gray }]) {
      parts.push(...detector.run(frame).map((head) => new Uint8Array(numbersOf(head).buffer)));
    }
  }
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  return new Uint8Array(digest).toHex();
}
