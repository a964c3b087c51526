/** The whole picture of a frame that was decoded smaller: the JPEG, which is decoded again only for a face in it. */
import type { Point, Reduction, Size, WholePicture } from "../image/frame.ts";
import { rotatedSize, type Rotation } from "../image/reframe.ts";
import type { JpegPacket } from "./jpeg_packets.ts";
import type { PictureDecoder } from "./picture_decoder.ts";

/** Options of ffmpeg's JPEG decoder that make a picture smaller, by fewer coefficients of each block. */
export function lowres(reduction: Reduction): string[] {
  return reduction === 1 ? [] : ["-lowres", `${Math.log2(reduction)}`];
}

/** Whether a frame has the size of its packet, as far as it has to be known: a frame that is not smaller may have any. */
export function hasSizeOf(
  size: Size,
  { width, height }: Size,
  { rotate = 0, reduction }: { readonly rotate?: Rotation; readonly reduction: Reduction },
): boolean {
  const whole = rotatedSize(size, rotate);
  return reduction === 1 ||
    (width === Math.ceil(whole.width / reduction) && height === Math.ceil(whole.height / reduction));
}

/** The whole picture of a frame that is smaller; undefined for one that is not. */
export function wholePicture(
  packet: Pick<JpegPacket, "jpeg" | "size">,
  { width, height }: Size,
  { rotate = 0, reduction, pictures }: {
    readonly rotate?: Rotation;
    readonly reduction: Reduction;
    readonly pictures: Pick<PictureDecoder, "decode">;
  },
): WholePicture | undefined {
  if (reduction === 1) return undefined;
  const whole = rotatedSize(packet.size, rotate);
  const decode = async ({ signal }: { signal: AbortSignal }) => {
    const frame = await pictures.decode(packet, { signal });
    return frame?.width === whole.width && frame.height === whole.height ? frame : undefined;
  };
  return { ...whole, reduction, origin: originOf({ width, height }, whole, { rotate, reduction }), decode };
}

/** See WholePicture. The decoder rounds sizes up: the last pixels at the right and lower edge, before a rotation, are incomplete. */
function originOf(
  small: Size,
  whole: Size,
  { rotate, reduction }: { readonly rotate: Rotation; readonly reduction: Reduction },
): Point {
  const x = rotate === 90 || rotate === 180 ? whole.width - reduction * small.width : 0;
  const y = rotate === 180 || rotate === 270 ? whole.height - reduction * small.height : 0;
  return { x, y };
}
