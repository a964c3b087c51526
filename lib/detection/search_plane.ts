/** What a detector gets of a frame. */
import { chromaOf } from "../image/chroma.ts";
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
  const { u, v, matrix } = pixels.kind === "rgb24" ? chromaOf(pixels, frame) : pixels;
  return { ...brightness, chroma: { u, v, matrix } };
}
