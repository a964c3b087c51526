/** Makes JPEGs as cameras send them, with ffmpeg. */
import { run } from "../../lib/testing/command.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";

/** Each picture is of one brightness: the n-th one of {@link brightnessOf} n. */
export const FLAT = "nullsrc=s=SIZE,geq=lum='20+20*N':cb=128:cr=128";
/** A pattern with edges and colours that moves. */
export const PATTERN = "testsrc2=s=SIZE:r=25";

/** The brightness of the n-th flat picture, after the conversion from limited to full range. */
export function brightnessOf(number: number): number {
  return (20 + 20 * number - 16) * 255 / 219;
}

/** Makes `count` pictures. @param options.size such as `64x48` */
export async function makeJpegs(
  source: string,
  { count, size, format = "yuvj420p", encoder = [] }: {
    readonly count: number;
    readonly size: string;
    readonly format?: string;
    readonly encoder?: readonly string[];
  },
): Promise<Uint8Array<ArrayBuffer>[]> {
  using folder = new TempFolder();
  const input = ["-v", "error", "-f", "lavfi", "-i", source.replace("SIZE", size), "-frames:v", `${count}`];
  const output = ["-pix_fmt", format, "-c:v", "mjpeg", "-q:v", "3", "-strict", "-1", ...encoder];
  await run("ffmpeg", [...input, ...output, folder.at("%03d.jpg")]);
  const names = Array.from({ length: count }, (_, index) => `${index + 1}`.padStart(3, "0"));
  return await Promise.all(names.map((name) => Deno.readFile(folder.at(`${name}.jpg`))));
}

/** A JPEG without its Huffman tables, as some USB cameras send it: a decoder uses the standard ones. */
export function withoutTables(jpeg: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const [marker, scan, tables] = [0xff, 0xda, 0xc4];
  const parts = [jpeg.subarray(0, 2)];
  for (let at = 2; jpeg[at] === marker;) {
    const code = jpeg[at + 1];
    if (code === scan) {
      parts.push(jpeg.subarray(at));
      break;
    }
    const end = at + 2 + jpeg[at + 2] * 256 + jpeg[at + 3];
    if (code !== tables) parts.push(jpeg.subarray(at, end));
    at = end;
  }
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

/**
 * A JPEG with EXIF data, as phones send it: how a viewer is to turn it.
 * Format: JEITA CP-3451, 4.5.4 and 4.6.4: big-endian TIFF of one directory with one entry.
 * @param orientation 1 to 8; 6 and 8: by 90 and 270 degrees clockwise
 */
export function withOrientation(jpeg: Uint8Array<ArrayBuffer>, orientation: number): Uint8Array<ArrayBuffer> {
  const name = [...new TextEncoder().encode("Exif"), 0, 0];
  const header = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]; // Orientation: one number of 16 bits.
  const data = [...name, ...header, 0, 1, ...entry, 0, 0, 0, 0];
  return Uint8Array.from([
    ...jpeg.subarray(0, 2),
    0xff,
    0xe1,
    0,
    data.length + 2,
    ...data,
    ...jpeg.subarray(2),
  ]);
}
