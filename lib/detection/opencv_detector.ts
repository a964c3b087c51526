/** Haar detection by OpenCV, compiled to WebAssembly (opencv-wasm): the same boxes as native OpenCV. */
import opencv from "opencv-wasm";
import { ConfigError } from "../errors.ts";
import { type Area, type Box, fullRange, type GrayPlane } from "../image/frame.ts";
import type { HaarSettings } from "../haar/haar_settings.ts";

interface Mat {
  readonly data: Uint8Array;
  delete(): void;
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface RectVector {
  size(): number;
  get(index: number): Rect;
  delete(): void;
}

interface Classifier {
  load(path: string): boolean;
  empty(): boolean;
  detectMultiScale(
    image: Mat,
    objects: RectVector,
    scaleFactor: number,
    minNeighbors: number,
    flags: number,
    minSize: unknown,
    maxSize: unknown,
  ): void;
}

/** The parts of the package that are used. The types in the package are those of another version. */
interface OpenCv {
  readonly CV_8UC1: number;
  readonly Mat: new (rows: number, columns: number, type: number) => Mat;
  readonly Size: new (width: number, height: number) => unknown;
  readonly RectVector: new () => RectVector;
  readonly CascadeClassifier: new () => Classifier;
  FS_createDataFile(
    folder: string,
    name: string,
    data: Uint8Array,
    r: boolean,
    w: boolean,
    own: boolean,
  ): void;
}

const cv = (opencv as unknown as { cv: OpenCv }).cv;

/** A detector for one thread; every call blocks it. */
export class OpenCvDetector {
  readonly #classifier = new cv.CascadeClassifier();
  readonly #settings: HaarSettings;
  #image: { readonly mat: Mat; readonly width: number; readonly height: number } | undefined;

  /** @param cascade an OpenCV cascade file (XML). Throws a ConfigError when OpenCV cannot read it. */
  constructor(cascade: Uint8Array, settings: HaarSettings) {
    this.#settings = settings;
    const name = `${crypto.randomUUID()}.xml`;
    cv.FS_createDataFile("/", name, cascade, true, false, false);
    try {
      // OpenCV throws a number for a file that it cannot parse, and returns false for one without a cascade.
      if (!this.#classifier.load(name) || this.#classifier.empty()) throw new Error();
    } catch {
      throw new ConfigError(
        "the cascade file holds no cascade that OpenCV can read",
        "set --cascade to another XML file",
      );
    }
  }

  /** The faces in a plane, or in regions of it, in OpenCV's order. */
  detect(plane: GrayPlane, where: Area = "all"): Box[] {
    if (where !== "all") return where.flatMap((region) => this.#detectIn(plane, region));
    const { scaleFactor, minNeighbors, minSize, maxSize } = this.#settings;
    const mat = this.#matOf(plane);
    mat.data.set(fullRange(plane));
    const least = new cv.Size(minSize, minSize);
    const most = new cv.Size(maxSize, maxSize);
    // A new vector each time: OpenCV does not clear it for a plane that is smaller than the cascade's window.
    const found = new cv.RectVector();
    this.#classifier.detectMultiScale(mat, found, scaleFactor, minNeighbors, 0, least, most);
    const boxes = Array.from({ length: found.size() }, (_, index) => {
      const { x, y, width, height } = found.get(index);
      return { x, y, width, height };
    });
    found.delete();
    return boxes;
  }

  #detectIn(plane: GrayPlane, region: Box): Box[] {
    const boxes = this.detect({ ...plane, ...region, gray: cropped(plane, region) });
    return boxes.map((box) => ({ ...box, x: box.x + region.x, y: box.y + region.y }));
  }

  #matOf({ width, height }: GrayPlane): Mat {
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image?.mat.delete();
      this.#image = { mat: new cv.Mat(height, width, cv.CV_8UC1), width, height };
    }
    return this.#image.mat;
  }
}

function cropped({ gray, width }: GrayPlane, region: Box): Uint8Array {
  const cut = new Uint8Array(region.width * region.height);
  for (let row = 0; row < region.height; row++) {
    const from = (region.y + row) * width + region.x;
    cut.set(gray.subarray(from, from + region.width), row * region.width);
  }
  return cut;
}
