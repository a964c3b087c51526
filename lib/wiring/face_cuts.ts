/**
 * Cuts faces out of the whole pictures of their frames, or of the main stream. ffmpeg decodes the picture, 0.1 s and
 * more where it has to start, so the faces wait for it in their order, while the search goes on.
 */
import { startLimit } from "../async/limit.ts";
import type { Counter } from "../health/metrics.ts";
import type { Log } from "../log.ts";
import type { SelectedFace } from "../detection/face_selection.ts";
import { type ScoredFace, scoredFace } from "../detection/scored_face.ts";
import { crop, type Picture } from "../image/crop.ts";
import type { Frame, WholePicture } from "../image/frame.ts";
import { scaleDown } from "../image/scale.ts";
import type { MainCuts } from "./main_cuts.ts";
import { inWhole } from "./whole_boxes.ts";

/** Timeout of one picture. */
const DECODE_LIMIT_MS = 10_000;
/**
 * Time for the pictures of all faces that wait when the program ends; the others are cut from the smaller frame. systemd
 * kills the program after 20 s (deploy/systemd), and a face that still waits then is lost.
 */
const LAST_CUTS_MS = 5_000;
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
  /** Aborted when the program ends. */
  readonly signal?: AbortSignal;
  readonly nowMs?: () => number;
}

/** Faces that keep the picture of the smaller frame are counted, and the first is logged. */
export function openFaceCuts(
  { margin }: { readonly margin: number },
  { log, small, ...options }: Pick<CutOptions, "main" | "signal"> & {
    readonly log: Log;
    readonly small: Counter<never>;
  },
  deliver: CutOptions["deliver"],
): FaceCuts {
  let isLogged = false;
  const onSmall = (reason: string) => {
    small.add();
    if (!isLogged) log.warn(`a face is cut from the smaller frame: ${reason}`);
    isLogged = true;
  };
  return new FaceCuts({ ...options, margin, deliver, onSmall });
}

/** The faces on their way to the sink, in their order. Disposal waits for them, also when the search failed. */
export class FaceCuts implements AsyncDisposable {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #error: unknown;
  /** From this time on no picture is decoded. */
  #endMs: number | undefined;

  constructor(private readonly options: CutOptions) {}

  /**
   * Takes the next face. A face without a larger picture is delivered at once, unless others wait. Throws what delivering
   * throws.
   */
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
  }

  /** How long the next picture may take. */
  #limitMs(): number {
    const { signal, nowMs = () => performance.now() } = this.options;
    if (!signal?.aborted) return DECODE_LIMIT_MS;
    this.#endMs ??= nowMs() + LAST_CUTS_MS;
    return Math.max(0, Math.floor(this.#endMs - nowMs()));
  }

  /** Never rejects. */
  async #cut(face: SelectedFace): Promise<void> {
    const { deliver, main } = this.options;
    const limitMs = () => this.#limitMs();
    try {
      await deliver(
        face.held && main ? await main.cut(face) : await wholeFace(face, { ...this.options, limitMs }),
      );
    } catch (error) {
      this.#error ??= error;
    }
  }
}

/** The face in its whole picture; the face as it is when that cannot be decoded, or shows something else. */
export async function wholeFace(
  { whole, ...face }: SelectedFace,
  { margin, onSmall, ...limits }: Pick<CutOptions, "margin" | "onSmall"> & DecodeLimits,
): Promise<SelectedFace> {
  if (!whole) return face;
  // A Ctrl-C that ends this program ends its ffmpeg too, so the last faces need a second one.
  const frame = await decoded(whole, limits) ?? await decoded(whole, limits);
  if (!frame) {
    onSmall("the whole picture cannot be decoded");
    return face;
  }
  const same = crop(frame, inWhole(face.crop, { whole }));
  if (!isSame(same, face.picture)) {
    onSmall("the whole picture differs from the frame");
    return face;
  }
  return { ...face, ...cutOf(face, frame, whole, margin) };
}

/** The face, cropped from its whole picture. */
function cutOf(face: ScoredFace, frame: Frame, whole: WholePicture, margin: number): ScoredFace {
  const { box, landmarks, neighbors, weight, detectionScore, capturedMs } = face;
  const small = { ...box, landmarks, neighbors, weight, score: detectionScore };
  return scoredFace({ ...frame, capturedMs }, inWhole(small, { whole }), margin);
}

/** How long decodings may take. */
interface DecodeLimits {
  /** Timeout of a decoding that begins now, or of the one that runs when the program ends; 0: none begins. */
  readonly limitMs?: () => number;
  /** Aborted when the program ends. */
  readonly signal?: AbortSignal;
}

async function decoded(
  whole: WholePicture,
  { limitMs = () => DECODE_LIMIT_MS, signal }: DecodeLimits,
): Promise<Frame | undefined> {
  const firstMs = limitMs();
  if (firstMs === 0) return undefined;
  const over = new AbortController();
  let cancel = startLimit(firstMs, () => over.abort());
  const shorten = () => {
    cancel();
    cancel = startLimit(limitMs(), () => over.abort());
  };
  signal?.addEventListener("abort", shorten);
  try {
    return await whole.decode({ signal: over.signal });
  } finally {
    cancel();
    signal?.removeEventListener("abort", shorten);
  }
}

/** Whether a picture shows the same as a smaller one. */
function isSame(large: Picture, small: Picture): boolean {
  if (large.width < small.width || large.height < small.height) return false;
  const { rgb } = scaleDown(large, small);
  let sum = 0;
  for (let at = 0; at < rgb.length; at++) sum += Math.abs(rgb[at] - small.rgb[at]);
  return sum <= MAX_DIFFERENCE * rgb.length;
}
