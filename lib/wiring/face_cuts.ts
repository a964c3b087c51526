/**
 * Cuts faces out of the whole pictures of their frames, or of the main stream. A picture takes a run of ffmpeg, so the faces wait for it in their
 * order, while the search goes on.
 */
import type { Counter } from "../health/metrics.ts";
import type { Log } from "../log.ts";
import type { ScoredFace, SelectedFace } from "../detection/face_selection.ts";
import { enlarged } from "../image/boxes.ts";
import { crop, type Picture, withMargin } from "../image/crop.ts";
import type { Frame, WholePicture } from "../image/frame.ts";
import { qualityOf } from "../image/quality.ts";
import { scaleDown } from "../image/scale.ts";
import type { MainCuts } from "./main_cuts.ts";

/** Timeout of one picture. */
const DECODE_LIMIT_MS = 10_000;
/**
 * Maximum number of faces that wait; each holds a JPEG. Beyond it the search waits. The search of a sub stream does not: a
 * further face is not cut from the main stream, up to the second limit.
 */
const MAX_WAITING = 8;
const MAX_SKIPPED = 64;
/**
 * Maximum mean difference of the face in both pictures, of 255. Of one JPEG it is 0.6 to 1 (1080p with noise), since the
 * smaller picture has fewer details. Where something moves, it is 2 to 5 from one frame to the next, and then grows.
 */
const MAX_DIFFERENCE = 6;

/** What happens to faces. */
export interface CutOptions {
  /** The margin to crop around a face, as a share of its size. */
  readonly margin: number;
  /** Takes a face. */
  readonly deliver: (face: SelectedFace) => Promise<void>;
  /** Called with the reason when a face keeps the picture of the smaller frame. */
  readonly onSmall: (reason: string) => void;
  /** For faces of a sub stream. */
  readonly main?: Pick<MainCuts, "cut" | "skip">;
}

/** Faces that keep the picture of the smaller frame are counted, and the first is logged. */
export function openFaceCuts(
  { margin }: { readonly margin: number },
  { log, small, main }: Pick<CutOptions, "main"> & { readonly log: Log; readonly small: Counter<never> },
  deliver: CutOptions["deliver"],
): FaceCuts {
  let isLogged = false;
  const onSmall = (reason: string) => {
    small.add();
    if (!isLogged) log.warn(`a face is cut from the smaller frame: ${reason}`);
    isLogged = true;
  };
  return new FaceCuts({ margin, deliver, onSmall, main });
}

/** The faces on their way to the sink, in their order. */
export class FaceCuts {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #error: unknown;

  constructor(private readonly options: CutOptions) {}

  /** Takes the next face. A face without a whole picture is delivered at once, unless others wait. Throws what delivering throws. */
  async add(face: SelectedFace): Promise<void> {
    if (!face.whole && !face.held && this.#waiting === 0) return await this.options.deliver(face);
    const { main } = this.options;
    const isSkipped = main && face.held && this.#waiting >= MAX_WAITING;
    const given = isSkipped ? main.skip(face) : face;
    if (this.#waiting >= (isSkipped ? MAX_SKIPPED : MAX_WAITING)) await this.#last;
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

  /** Never rejects. */
  async #cut(face: SelectedFace): Promise<void> {
    const { deliver, margin, onSmall, main } = this.options;
    try {
      await deliver(face.held && main ? await main.cut(face) : await wholeFace(face, { margin, onSmall }));
    } catch (error) {
      this.#error ??= error;
    }
  }
}

/** The face in its whole picture; the face as it is when that cannot be decoded, or shows something else. */
export async function wholeFace(
  { whole, ...face }: SelectedFace,
  { margin, onSmall }: Pick<CutOptions, "margin" | "onSmall">,
): Promise<SelectedFace> {
  if (!whole) return face;
  // A Ctrl-C that ends this program ends its ffmpeg too, so the last faces need a second one.
  const frame = await decoded(whole) ?? await decoded(whole);
  if (!frame) {
    onSmall("the whole picture cannot be decoded");
    return face;
  }
  const same = crop(frame, enlarged(face.crop, whole.reduction, whole));
  if (!isSame(same, face.picture)) {
    onSmall("the whole picture differs from the frame");
    return face;
  }
  return { ...face, ...cutOf(face, frame, whole, margin) };
}

function cutOf(face: ScoredFace, frame: Frame, whole: WholePicture, margin: number) {
  const { landmarks, ...box } = enlarged({ ...face.box, landmarks: face.landmarks }, whole.reduction, whole);
  const cut = withMargin(box, margin, whole);
  const picture = crop(frame, cut);
  const { score } = qualityOf(picture, box, cut, margin, landmarks);
  return {
    picture,
    box,
    crop: cut,
    frame: { width: whole.width, height: whole.height },
    score,
    landmarks,
  };
}

function decoded(whole: WholePicture): Promise<Frame | undefined> {
  return whole.decode({ signal: AbortSignal.timeout(DECODE_LIMIT_MS) });
}

/** Whether a picture shows the same as a smaller one. */
function isSame(large: Picture, small: Picture): boolean {
  if (large.width < small.width || large.height < small.height) return false;
  const { rgb } = scaleDown(large, small);
  let sum = 0;
  for (let at = 0; at < rgb.length; at++) sum += Math.abs(rgb[at] - small.rgb[at]);
  return sum <= MAX_DIFFERENCE * rgb.length;
}
