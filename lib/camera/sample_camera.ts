/** `--source sample`: a camera for trials. A portrait moves through the picture from right to left. */
import { readAsset } from "../assets.ts";
import type { Frame } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { delay } from "../async/delay.ts";
import type { Camera, Extent } from "./camera.ts";

const WIDTH = 640;
const HEIGHT = 480;
/** Movement per frame, in pixels. */
const STEP = 32;
const WALL_GRAY = 128;
/** Interval of its source times: four frames per second. */
const FRAME_MS = 250;

/** Speed and length of the sample. */
export interface SampleOptions {
  /** Interval between frames; 0: as fast as the caller takes them. */
  readonly intervalMs: number;
  /** Restart at the end. */
  readonly repeat: boolean;
}

/** The sample camera. */
export function sampleCamera({ intervalMs, repeat }: SampleOptions): Camera {
  let extent: Extent | undefined;
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    const portrait = decodePng(readAsset("lib/camera/sample/astronaut.png"));
    const top = Math.round((HEIGHT - portrait.height) / 2);
    let frames = 0;
    extent = { frames: Math.ceil((WIDTH + portrait.width) / STEP) };
    do {
      for (let left = WIDTH; left > -portrait.width && !signal.aborted; left -= STEP) {
        yield { ...show(portrait, left, top), capturedMs: Date.now(), sourceTimeMs: frames++ * FRAME_MS };
        await delay(intervalMs, { signal });
      }
    } while (repeat && !signal.aborted);
  }
  return { name: "sample", live: intervalMs > 0, extent: () => extent, frames };
}

/** A frame with the portrait's top left corner at `left`, `top`, on gray. */
function show(
  portrait: { width: number; height: number; rgb: Uint8Array },
  left: number,
  top: number,
): Pick<Frame, "width" | "height" | "pixels"> {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3).fill(WALL_GRAY);
  const from = Math.max(0, -left);
  const to = Math.min(portrait.width, WIDTH - left);
  for (let y = Math.max(0, top); y < Math.min(HEIGHT, top + portrait.height); y++) {
    const row = (y - top) * portrait.width;
    rgb.set(portrait.rgb.subarray((row + from) * 3, (row + to) * 3), (y * WIDTH + left + from) * 3);
  }
  return { width: WIDTH, height: HEIGHT, pixels: { kind: "rgb24", rgb } };
}
