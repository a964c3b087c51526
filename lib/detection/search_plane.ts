/** What a detector gets of a frame. */
import { chromaOf, fullRangeChroma } from "../image/chroma.ts";
import { brightnessOf, type Frame, grayPlane, type SearchPlane } from "../image/frame.ts";

/**
 * The brightness of a frame, and its chroma for a detector that uses colour.
 * @param prepare changes the gray plane before the search.
 * @param memory is written into if it has the right length, and a gray plane has to be made.
 */
export function searchPlaneOf(
  frame: Frame,
  { usesColour, prepare }: { readonly usesColour?: boolean; readonly prepare?: (gray: Uint8Array) => void },
  memory?: Uint8Array<ArrayBuffer>,
): SearchPlane {
  const { pixels, width, height } = frame;
  const brightness = prepare ? { gray: grayPlane(frame, memory), width, height } : brightnessOf(frame);
  prepare?.(brightness.gray);
  if (!usesColour) return brightness;
  if (pixels.kind === "rgb24") return { ...brightness, chroma: chromaOf(pixels, frame) };
  const { u, v, matrix } = pixels;
  const chroma = { u, v, matrix };
  // One plane states one range.
  return { ...brightness, chroma: prepare && !pixels.fullRange ? fullRangeChroma(chroma) : chroma };
}
