/** The contenders of bench:kernel for YuNet, and the pictures that they search. */
import { basename, join } from "node:path";
import { ConfigError } from "../lib/errors.ts";
import { decodePng } from "../lib/image/png.ts";
import { exists } from "../lib/testing/files.ts";
import { scaledPicture } from "../lib/yunet/expected/picture.ts";
import type { RgbPicture } from "../lib/yunet/yunet_detector.ts";
import { PICTURES } from "../test/media/corpus.ts";
import { MEDIA } from "../test/needs.ts";
import { cachePath, findPythons } from "../test/parts.ts";
import { LineProcess } from "./line_process.ts";

const FOLDER = import.meta.dirname!;
/** The network as OpenCV and onnxruntime read it. */
export const YUNET_MODEL = join(FOLDER, "../lib/yunet/model/face_detection_yunet_2023mar.onnx");
export const MIN_SCORE = 0.7;
const SIZES = [[640, 480], [320, 240]] as const;
/** OpenCV 4.6, as in Debian 12, cannot read the model. */
const OPENCV = "opencv-python-headless==4.14.0.94";

/** A picture with its name. */
export interface NamedPicture extends RgbPicture {
  readonly name: string;
}

/** The sample picture and those of MEDIA, else of the corpus, at both sizes. */
export async function yunetPictures(): Promise<NamedPicture[]> {
  const paths = MEDIA
    ? ["signer", "chelsea", "group"].map((name) => `${MEDIA}/${name}.png`)
    : [PICTURES.hopper, PICTURES.ascent, PICTURES.coffee];
  const pictures: NamedPicture[] = [];
  for (const path of [PICTURES.astronaut, ...paths]) {
    const picture: RgbPicture = decodePng(await Deno.readFile(path));
    for (const [width, height] of SIZES) {
      pictures.push({ name: basename(path, ".png"), ...scaledPicture(width, height, picture) });
    }
  }
  return pictures;
}

/** The folder with OPENCV, as `PYTHONPATH`, and the Python. Throws a ConfigError where it is missing. */
export function openCvWithYuNet(): { readonly python: string; readonly path: string } {
  const path = join(cachePath(), OPENCV.replace("-python-headless==", "-"));
  const [python] = findPythons();
  if (python !== undefined && exists(join(path, "cv2"))) return { python, path };
  throw new ConfigError(
    "cannot find OpenCV with FaceDetectorYN",
    `run ${python ?? "python3"} -m pip install --target ${path} ${OPENCV}`,
  );
}

/** A child process with the pictures. */
async function started(child: LineProcess, pictures: readonly RgbPicture[]): Promise<LineProcess> {
  const sizes = pictures.map(({ width, height }) => [width, height]);
  await child.writeLine({ model: YUNET_MODEL, minScore: MIN_SCORE, sizes });
  for (const { rgb } of pictures) await child.write(Uint8Array.from(rgb));
  return child;
}

/** OpenCV's FaceDetectorYN in a Python process. */
export interface NativeYuNet extends AsyncDisposable {
  /** Milliseconds, and for each face its box, landmarks and score. */
  search(picture: number): Promise<{ ms: number; faces: number[][] }>;
}

export async function startNativeYuNet(pictures: readonly RgbPicture[]): Promise<NativeYuNet> {
  const { python, path } = openCvWithYuNet();
  const script = join(FOLDER, "native_yunet.py");
  const child = await started(new LineProcess(python, [script], { PYTHONPATH: path }), pictures);
  const { version } = await child.readLine<{ version: string }>();
  console.log(`yunet: native OpenCV ${version}`);
  return {
    search: async (picture) => {
      await child.writeLine({ picture });
      return await child.readLine();
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** onnxruntime-web in a process of its own. */
export interface OnnxWeb extends AsyncDisposable {
  /** Milliseconds, and the numbers of each output of the model where they are wanted. */
  search(picture: number, wantsNumbers: boolean): Promise<{ ms: number; numbers: Record<string, number[]> }>;
}

export async function startOnnxWeb(pictures: readonly RgbPicture[]): Promise<OnnxWeb> {
  const options = ["run", "--quiet", "--allow-all", "--no-config", "--no-lock", "--no-check"];
  const script = join(FOLDER, "onnx_web.ts");
  const child = await started(new LineProcess(Deno.execPath(), [...options, script]), pictures);
  const { version, startMs, megabytes } = await child.readLine<
    { version: string; startMs: number; megabytes: number }
  >();
  console.log(
    `yunet: onnxruntime-web ${version}, load and first picture ${startMs.toFixed(0)} ms, ${
      megabytes.toFixed(0)
    } MB`,
  );
  return {
    search: async (picture, wantsNumbers) => {
      await child.writeLine({ picture, wantsNumbers });
      return await child.readLine();
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
