/**
 * Cuts faces out of the whole pictures of their frames, or of the main stream. ffmpeg decodes the picture, 0.1 s and
 * more where it has to start, so the faces wait for it in their order, while the search goes on.
 */
import type { Counter } from "../health/metrics.ts";
import type { Log } from "../log.ts";
import type { SelectedFace } from "../detection/face_selection.ts";
import type { MainCuts } from "./main_cuts.ts";
import { wholeFace } from "./whole_face.ts";
import { WholePictures, type WholePicturesOptions } from "./whole_pictures.ts";

/**
 * Maximum number of faces that wait for a picture; each holds a JPEG, or a group of pictures. Further ones wait without, and
 * are cut from the smaller frame.
 */
const MAX_PICTURES = 16;
/** Maximum number of faces that wait. Beyond it all of them are cut from the smaller frame. */
const MAX_WAITING = 64;

/** What happens to faces. */
export interface CutOptions extends WholePicturesOptions {
  /** The margin to crop around a face, as a share of its size. */
  readonly margin: number;
  /** Takes a face. */
  readonly deliver: (face: SelectedFace) => Promise<void>;
  /** Called with the reason when a face keeps the picture of the smaller frame. */
  readonly onSmall: (reason: string) => void;
  /** For faces of a sub stream. */
  readonly main?: Pick<MainCuts, "cut" | "skip">;
}

/** Faces that keep the picture of the smaller frame are counted, and the first of each reason is logged. */
export function openFaceCuts(
  { margin }: { readonly margin: number },
  { log, small, ...options }: Pick<CutOptions, "main" | "signal"> & {
    readonly log: Log;
    readonly small: Counter<never>;
  },
  deliver: CutOptions["deliver"],
): FaceCuts {
  const logged = new Set<string>();
  const onSmall = (reason: string) => {
    small.add();
    if (!logged.has(reason)) log.warn(`a face is cut from the smaller frame: ${reason}`);
    logged.add(reason);
  };
  return new FaceCuts({ ...options, margin, deliver, onSmall });
}

/** The faces on their way to the sink, in their order. Disposal waits for them, also when the search failed. */
export class FaceCuts implements AsyncDisposable {
  readonly #pictures: WholePictures;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Aborted when no further face may wait: then those that do get no picture. */
  #full = new AbortController();
  #error: unknown;

  constructor(private readonly options: CutOptions) {
    this.#pictures = new WholePictures(options);
  }

  /**
   * Takes the next face. A face without a larger picture is delivered at once, unless others wait. It waits for deliveries,
   * and never for a decoder. Throws what delivering throws.
   */
  async add(face: SelectedFace): Promise<void> {
    if (!face.whole && !face.held && this.#waiting === 0) return await this.options.deliver(face);
    const given = this.#waiting < MAX_PICTURES ? face : this.#small(face);
    if (this.#waiting >= MAX_WAITING) await this.#deliverAll();
    this.check();
    this.#waiting++;
    this.#last = this.#last.then(() => this.#cut(given)).finally(() => this.#waiting--);
  }

  /** Resolves when no face waits. Throws what delivering threw. */
  async flush(): Promise<void> {
    await this.#last;
    this.check();
  }

  /** Throws what delivering threw. */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
  }

  /** Delivers the faces that wait, without their pictures. */
  async #deliverAll(): Promise<void> {
    this.#full.abort();
    await this.#last;
    this.#full = new AbortController();
  }

  /** Never rejects. */
  async #cut(face: SelectedFace): Promise<void> {
    try {
      await this.options.deliver(this.#full.signal.aborted ? this.#small(face) : await this.#large(face));
    } catch (error) {
      this.#error ??= error;
    }
  }

  async #large(face: SelectedFace): Promise<SelectedFace> {
    const { main, margin, onSmall } = this.options;
    const { signal } = this.#full;
    if (face.held && main) return await main.cut(face, { signal });
    return await wholeFace(face, {
      margin,
      onSmall,
      decode: (whole) => this.#pictures.decode(whole, { signal }),
    });
  }

  /** The face as it is, because too many wait. Releases its larger picture. */
  #small({ whole, ...face }: SelectedFace): SelectedFace {
    const { main, onSmall } = this.options;
    if (whole) onSmall("too many faces wait");
    return face.held && main ? main.skip(face) : face;
  }
}
