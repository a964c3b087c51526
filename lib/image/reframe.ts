/** Crops the centre of a frame and rotates it, for cameras that do not offer the wanted size and rotation. */
import type { Frame, Size, YuvPixels } from "./frame.ts";

/** Degrees clockwise. */
export type Rotation = 0 | 90 | 180 | 270;

/** The size of a picture after its rotation. */
export function rotatedSize({ width, height }: Size, degrees: Rotation): Size {
  return degrees % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** Size of a 4:2:0 frame in bytes. */
export function yuvBytes(size: Size): number {
  const chroma = chromaSize(size);
  return size.width * size.height + 2 * chroma.width * chroma.height;
}

/** The three planes of a 4:2:0 frame in one piece of memory, without padding (I420). */
export function yuvPlanes(memory: Uint8Array, size: Size): Pick<YuvPixels, "y" | "u" | "v"> {
  const luma = size.width * size.height;
  const chroma = (yuvBytes(size) - luma) / 2;
  return {
    y: memory.subarray(0, luma),
    u: memory.subarray(luma, luma + chroma),
    v: memory.subarray(luma + chroma, luma + 2 * chroma),
  };
}

/** Crops `size` from the centre of a 4:2:0 frame and rotates it, into `memory` of `yuvBytes(size)` bytes. */
export function reframe(
  frame: Pick<Frame, "width" | "height"> & { readonly pixels: YuvPixels },
  { size, degrees, memory }: { size: Size; degrees: Rotation; memory: Uint8Array },
): Size & { readonly pixels: YuvPixels } {
  const { pixels } = frame;
  // Chroma has one sample for 2x2 pixels, so the crop begins at an even pixel.
  const x = (frame.width - size.width) >> 2 << 1;
  const y = (frame.height - size.height) >> 2 << 1;
  const rotated = rotatedSize(size, degrees);
  const planes = yuvPlanes(memory, rotated);
  const chroma = chromaSize(size);
  const chromaStride = chromaSize(frame).width;
  copyPlane(pixels.y, planes.y, { x, y, ...size, stride: frame.width }, degrees);
  for (const [from, to] of [[pixels.u, planes.u], [pixels.v, planes.v]]) {
    copyPlane(from, to, { x: x >> 1, y: y >> 1, ...chroma, stride: chromaStride }, degrees);
  }
  return { ...rotated, pixels: { ...pixels, ...planes } };
}

function chromaSize({ width, height }: Size): Size {
  return { width: (width + 1) >> 1, height: (height + 1) >> 1 };
}

/** Copies a part of a plane, in the order of the result; each rotation has its own first byte and steps. */
function copyPlane(
  from: Uint8Array,
  to: Uint8Array,
  { x, y, width, height, stride }: Size & { x: number; y: number; stride: number },
  degrees: Rotation,
): void {
  const corner = y * stride + x;
  if (degrees === 0) {
    for (let row = 0, at = corner; row < height; row++, at += stride) {
      to.set(from.subarray(at, at + width), row * width);
    }
    return;
  }
  const [right, bottom] = [width - 1, (height - 1) * stride];
  const [begin, step, rowStep] = {
    90: [corner + bottom, -stride, 1],
    180: [corner + bottom + right, -1, -stride],
    270: [corner + right, stride, -1],
  }[degrees];
  const rotated = rotatedSize({ width, height }, degrees);
  let write = 0;
  for (let row = 0, rowBegin = begin; row < rotated.height; row++, rowBegin += rowStep) {
    for (let column = 0, read = rowBegin; column < rotated.width; column++, read += step) {
      to[write++] = from[read];
    }
  }
}
