/** Finds faces with YuNet by the project's own kernel. */
import type { SearchPlane, Size } from "../image/frame.ts";
import { facesOf, type YuNetFace } from "./faces.ts";
import type { Format } from "./first_layer.ts";
import { loadKernel } from "./kernel_module.ts";
import { type Head, loadInto, type Plan, planNetwork } from "./plan.ts";
import { loadWeights } from "./weights.ts";

/** Interleaved red, green and blue: a still picture. */
export interface RgbPicture extends Size {
  readonly rgb: Uint8Array;
}

/** The settings of a search. */
export interface YuNetSettings {
  /** Faces with a lower score are rejected. */
  readonly minScore: number;
}

/** A detector for one thread; detecting blocks the thread. */
export class YuNetDetector {
  readonly #kernel = loadKernel();
  readonly #weights = loadInto(this.#kernel, loadWeights());
  #plan: Plan | undefined;

  constructor(private readonly settings: YuNetSettings) {}

  /** Size of the kernel's memory, in bytes. */
  get memoryBytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  /** The faces in a frame, the best score first. */
  detect(frame: SearchPlane | RgbPicture): YuNetFace[] {
    return facesOf(this.run(frame), this.settings.minScore);
  }

  /** The heads' numbers for a frame; they are overwritten by the next frame's. */
  run(frame: SearchPlane | RgbPicture): readonly Head[] {
    const plan = this.#planFor(frame);
    planesOf(frame).forEach((plane, index) => plan.planes[index].set(plane));
    this.#kernel.runBackbone();
    this.#kernel.runNeck(8, 11, 12);
    this.#kernel.runNeck(6, 12, 13);
    return plan.heads;
  }

  #planFor(frame: SearchPlane | RgbPicture): Plan {
    const { width, height } = frame;
    const format = formatOf(frame);
    const plan = this.#plan;
    if (
      plan?.width === width && plan.height === height && plan.format.isRgb === format.isRgb &&
      plan.format.matrix === format.matrix && plan.format.limitedRange === format.limitedRange
    ) return plan;
    return this.#plan = planNetwork(this.#kernel, this.#weights, format, { width, height });
  }
}

function formatOf(frame: SearchPlane | RgbPicture): Format {
  if ("rgb" in frame) return { isRgb: true };
  const { chroma, limitedRange } = frame;
  return { limitedRange, ...chroma && { matrix: chroma.matrix ?? "bt601" } };
}

function planesOf(frame: SearchPlane | RgbPicture): readonly Uint8Array[] {
  if ("rgb" in frame) return [frame.rgb];
  return frame.chroma ? [frame.gray, frame.chroma.u, frame.chroma.v] : [frame.gray];
}
