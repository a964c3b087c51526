/** The contenders of bench:kernel, and the frames that they search. */
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OpenCvDetector } from "../lib/detection/opencv_detector.ts";
import type { HaarDetector } from "../lib/haar/haar_detector.ts";
import type { HaarSettings } from "../lib/haar/haar_settings.ts";
import { cascadeFile } from "../lib/haar/shipped_cascade.ts";
import { cropped, type Plane, readPlane, scaled } from "../lib/testing/planes.ts";
import { PICTURES } from "../test/media/corpus.ts";
import { MEDIA } from "../test/needs.ts";
import { LineProcess } from "./line_process.ts";
import { partsWith } from "./run_bench.ts";

export const CASCADE = fileURLToPath(cascadeFile("haarcascade_frontalface_default.xml"));
const FOLDER = import.meta.dirname!;
const PICTURE = join(FOLDER, "../lib/camera/sample/astronaut.png");

/** A frame with the name of its picture. */
export interface NamedPlane extends Plane {
  readonly name: string;
}

interface Answer {
  readonly ms: number;
  readonly boxes: string;
}

/** A detector under comparison. `search` returns the boxes of a frame and the time of the search. */
export interface Contender {
  readonly name: string;
  search(frame: number, settings: HaarSettings): Promise<Answer>;
}

/** The sample picture at two sizes, and the pictures of MEDIA if it is set, else those of the corpus. */
export async function framesToSearch(): Promise<NamedPlane[]> {
  const stills = MEDIA
    ? ["signer", "chelsea", "group"].map((name) => `${MEDIA}/${name}.png`)
    : [PICTURES.hopper, PICTURES.ascent, PICTURES.coffee];
  const picture = await readPlane(PICTURE);
  const plain = cropped(picture, 0, 0, 512, 384);
  const frames = [
    { name: "picture", ...scaled(plain, 640, 480) },
    { name: "picture", ...scaled(cropped(picture, 0, 0, 512, 288), 1280, 720) },
  ];
  for (const path of stills) {
    const still = await readPlane(path);
    const name = basename(path, ".png");
    frames.push({ name, ...scaled(still, 640, 480) }, { name, ...scaled(still, 1280, 720) });
  }
  return frames;
}

/** A contender in this process. It keeps one detector for each setting, since construction is not measured. */
export function inThisProcess(
  name: string,
  Detector: typeof HaarDetector | typeof OpenCvDetector,
  frames: readonly NamedPlane[],
): Contender {
  const cascade = Deno.readFileSync(CASCADE);
  const detectors = new Map<string, HaarDetector | OpenCvDetector>();
  return {
    name,
    search: (frame, settings) => {
      const key = JSON.stringify(settings);
      if (!detectors.has(key)) detectors.set(key, new Detector(cascade, settings));
      const startedMs = performance.now();
      const boxes = detectors.get(key)!.detect(frames[frame]);
      const ms = performance.now() - startedMs;
      return Promise.resolve({
        ms,
        boxes: boxes.map((b) => `${b.x},${b.y},${b.width},${b.height}`).join(" "),
      });
    },
  };
}

/** Native OpenCV in a Python process that keeps the frames. */
export async function startNative(frames: readonly NamedPlane[]): Promise<Contender & AsyncDisposable> {
  const { python } = partsWith("python");
  const child = new LineProcess(python, [join(FOLDER, "native_kernel.py")]);
  await child.writeLine({ cascade: CASCADE, sizes: frames.map(({ width, height }) => [width, height]) });
  for (const { gray } of frames) await child.write(gray);
  const { opencv } = await child.readLine<{ opencv: string }>();
  console.log(`native OpenCV ${opencv}, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`);
  return {
    name: "native",
    search: async (frame, { scaleFactor, minNeighbors, minSize }) => {
      await child.writeLine({ frame, scaleFactor, minNeighbors, minSize });
      const { ms, boxes } = await child.readLine<{ ms: number; boxes: number[][] }>();
      return { ms, boxes: boxes.map(String).join(" ") };
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
