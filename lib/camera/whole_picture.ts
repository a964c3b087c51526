/** The whole picture of a frame that was decoded smaller: the JPEG, which is decoded again only for a face in it. */
import type { Frame, Reduction, WholePicture } from "../image/frame.ts";
import { rotatedSize, type Rotation } from "../image/reframe.ts";
import { decodePicture } from "./decode_picture.ts";
import type { JpegPacket } from "./jpeg_packets.ts";

/** Options of ffmpeg's JPEG decoder that make a picture smaller, by fewer coefficients of each block. */
export function lowres(reduction: Reduction): string[] {
  return reduction === 1 ? [] : ["-lowres", `${Math.log2(reduction)}`];
}

/** The whole picture of a frame; undefined when the frame has another size than the packet says. */
export function wholePicture(
  { jpeg, size }: Pick<JpegPacket, "jpeg" | "size">,
  { width, height }: Pick<Frame, "width" | "height">,
  { name, filters, rotate = 0, reduction }: {
    readonly name: string;
    readonly filters: readonly string[];
    readonly rotate?: Rotation;
    readonly reduction: Reduction;
  },
): WholePicture | undefined {
  const whole = rotatedSize(size, rotate);
  const isSmaller = width === Math.ceil(whole.width / reduction) &&
    height === Math.ceil(whole.height / reduction);
  if (reduction === 1 || !isSmaller) return undefined;
  const decode = async ({ signal }: { signal: AbortSignal }) => {
    const frame = await decodePicture(name, jpeg, { signal, filters }).catch(() => undefined);
    return frame?.width === whole.width && frame.height === whole.height ? frame : undefined;
  };
  return { ...whole, reduction, decode };
}
