/** Frames in which no face can be: they are told of, instead of searched in vain. */
import { FatalError } from "../errors.ts";
import type { Frame, Size } from "../image/frame.ts";
import type { DETECTION_SETTINGS } from "./detection.ts";
import type { Values } from "../settings/declare.ts";

/** The window of the cascade that is shipped. */
const SHIPPED_WINDOW: Size = { width: 24, height: 24 };

/** The smallest face that is searched for, in pixels. Of an OpenCV cascade file its window is a part. */
export async function smallestFace(
  { cascade, minSize }: Pick<Values<typeof DETECTION_SETTINGS>, "cascade" | "minSize">,
): Promise<Size> {
  const text = await Deno.readTextFile(cascade).catch(() => ""); // The shipped one is no file.
  const side = (name: string) => new RegExp(`<${name}>\\s*(\\d+)\\s*</${name}>`).exec(text)?.[1];
  const [, width = side("width"), height = side("height")] = /<size>\s*(\d+)\s+(\d+)\s*<\/size>/.exec(text) ??
    [];
  return {
    width: Math.max(minSize, Number(width ?? SHIPPED_WINDOW.width)),
    height: Math.max(minSize, Number(height ?? SHIPPED_WINDOW.height)),
  };
}

/**
 * The frames that are large enough for a face. Pictures that are not are passed over and reported once; when none was
 * large enough, and at the first frame of anything else, throws a FatalError.
 */
export async function* largeEnough(
  frames: AsyncIterable<Frame>,
  { name, stills, smallest, onSmall }: {
    readonly name: string;
    readonly stills?: boolean;
    readonly smallest: Size;
    /** Told of the first one. */
    readonly onSmall: (reason: string) => void;
  },
): AsyncGenerator<Frame> {
  const hint = "give a larger picture, or set a smaller --min-size";
  let reason: string | undefined;
  let found = false;
  for await (const frame of frames) {
    if (frame.width >= smallest.width && frame.height >= smallest.height) {
      found = true;
      yield frame;
      continue;
    }
    const size = `${frame.width}x${frame.height}`;
    const isFirst = reason === undefined;
    reason ??=
      `${size} pixels are too small for a face, which has at least ${smallest.width}x${smallest.height}`;
    frame.release?.();
    if (!stills && !found) throw new FatalError(`"${name}": ${reason}`, hint);
    if (isFirst) onSmall(reason);
  }
  if (reason !== undefined && !found) throw new FatalError(`"${name}": ${reason}`, hint);
}
