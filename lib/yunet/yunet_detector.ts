/** Finds faces with YuNet by the project's own kernel. */
import type { Point, SearchPlane, Size } from "../image/frame.ts";
import { facesOf, type YuNetFace } from "./faces.ts";
import type { Format } from "./first_layer.ts";
import { loadKernel } from "./kernel_module.ts";
import { loadTile, sizeOf } from "./load_frame.ts";
import { type Head, loadInto, type Plan, planNetwork } from "./plan.ts";
import type { Tile } from "./tiles.ts";
import { loadWeights } from "./weights.ts";
import type { YuNetSettings } from "./yunet_settings.ts";

/** Interleaved red, green and blue: a still picture. */
export interface RgbPicture extends Size {
  readonly rgb: Uint8Array;
}

/** A detector for one thread; detecting blocks the thread. */
export class YuNetDetector {
  readonly #kernel = loadKernel();
  readonly #weights = loadInto(this.#kernel, loadWeights());
  #plan: Plan | undefined;

  constructor(private readonly settings: Pick<YuNetSettings, "minScore">) {}

  /** Size of the kernel's memory, in bytes. */
  get memoryBytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  /** The faces in a tile of a frame, or in all of it, in pixels of the frame; the best score first. */
  detect(frame: SearchPlane | RgbPicture, tile: Tile = whole(frame)): YuNetFace[] {
    const faces = facesOf(this.run(frame, tile), this.settings.minScore);
    return tile.x || tile.y || tile.halvings ? faces.map((face) => moved(face, tile)) : faces;
  }

  /** The heads' numbers for a tile, in pixels of the network's input; they are overwritten by the next tile's. */
  run(frame: SearchPlane | RgbPicture, tile: Tile = whole(frame)): readonly Head[] {
    const plan = this.#planFor(formatOf(frame), sizeOf(tile), tile.halvings);
    if ("rgb" in frame) plan.planes[0].set(frame.rgb);
    else loadTile(this.#kernel, plan, frame, tile);
    this.#kernel.runBackbone();
    this.#kernel.runNeck(8, 11, 12);
    this.#kernel.runNeck(6, 12, 13);
    return plan.heads;
  }

  #planFor(format: Format, { width, height }: Size, halvings: number): Plan {
    const plan = this.#plan;
    if (
      plan?.width === width && plan.height === height && plan.halvings === halvings &&
      plan.format.isRgb === format.isRgb && plan.format.matrix === format.matrix &&
      plan.format.limitedRange === format.limitedRange
    ) return plan;
    return this.#plan = planNetwork(this.#kernel, this.#weights, format, { width, height }, halvings);
  }
}

function whole({ width, height }: Size): Tile {
  return { x: 0, y: 0, width, height, halvings: 0 };
}

/** A face of a tile in pixels of the frame. */
function moved(face: YuNetFace, { x, y, halvings }: Tile): YuNetFace {
  const scale = 2 ** halvings;
  const point = (of: Point) => ({ x: x + of.x * scale, y: y + of.y * scale });
  return {
    ...face,
    ...point(face),
    width: face.width * scale,
    height: face.height * scale,
    landmarks: face.landmarks.map(point),
  };
}

function formatOf(frame: SearchPlane | RgbPicture): Format {
  if ("rgb" in frame) return { isRgb: true };
  const { chroma, limitedRange } = frame;
  return { limitedRange, ...chroma && { matrix: chroma.matrix ?? "bt601" } };
}
