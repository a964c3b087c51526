/** The frames of bench:arm: the pictures of the project, so that counts are the same everywhere. */
import { decodePng } from "../../lib/image/png.ts";
import { type Frame, grayPlane } from "../../lib/image/frame.ts";
import { asPlanes, scaledPicture } from "../../lib/yunet/expected/picture.ts";
import type { RgbPicture } from "../../lib/yunet/yunet_detector.ts";
import { PICTURES } from "../../test/media/corpus.ts";
import { FRAME_BYTES, HEIGHT, WIDTH } from "./searches.ts";

/** The pictures of bench:kernel. */
const STORED = [PICTURES.astronaut, PICTURES.hopper, PICTURES.ascent, PICTURES.coffee];
/** Of the picture with Haar's own test, bench:kernel takes this part: it has the proportions of a frame. */
const PART = { width: 512, height: 384 };

/**
 * The frames, one after the other: luma as bench:kernel's, then chroma.
 * @param others pictures instead of the last three
 */
export async function framesOf(others: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const paths = others.length > 0 ? [STORED[0], ...others] : STORED;
  const frames = new Uint8Array(paths.length * FRAME_BYTES);
  for (const [nth, path] of paths.entries()) {
    const picture: RgbPicture = decodePng(await Deno.readFile(path));
    const scaled = scaledPicture(WIDTH, HEIGHT, nth === 0 ? upperLeft(picture) : picture);
    const frame = { width: WIDTH, height: HEIGHT, pixels: { kind: "rgb24", rgb: scaled.rgb } } as Frame;
    const { u, v } = asPlanes(scaled).chroma!;
    const at = nth * FRAME_BYTES;
    frames.set(grayPlane(frame), at);
    frames.set(u, at + WIDTH * HEIGHT);
    frames.set(v, at + WIDTH * HEIGHT * 5 / 4);
  }
  return frames;
}

function upperLeft({ rgb, width }: RgbPicture): RgbPicture {
  const part = new Uint8Array(PART.width * PART.height * 3);
  for (let y = 0; y < PART.height; y++) {
    part.set(rgb.subarray(y * width * 3, (y * width + PART.width) * 3), y * PART.width * 3);
  }
  return { rgb: part, ...PART };
}
