/** Cuts faces of a sub stream from the main stream of the camera; those that it cannot cut keep the sub stream's picture. */
import { either } from "../async/either.ts";
import type { SelectedFace } from "../detection/face_selection.ts";
import { MainFaces } from "../detection/main_faces.ts";
import { messageOf } from "../errors.ts";
import { counter } from "../health/metric.ts";
import type { Counter } from "../health/metrics.ts";
import { equalise } from "../image/equalise.ts";
import type { Log } from "../log.ts";
import type { Search, SearchSettings } from "./search.ts";

/** Where faces of a sub stream were cut: in the main stream, or in the sub stream for a reason. */
const CUTS = ["main", "not_found", "no_picture", "busy"] as const;
type Cut = typeof CUTS[number];

export const MAIN_CUT_METRICS = {
  cuts: counter("haarlem_main_stream_faces_total", {
    help: "with --detect-source: faces by where they were cut; main: in the main stream; the others in the " +
      "sub stream: the main stream did not show the face, had no picture, or too many faces waited",
    label: "cut",
    values: CUTS,
    field: { main: "mainFaces", not_found: "subFaces", no_picture: "subFaces", busy: "subFaces" },
    omitsZero: true,
  }),
};

export interface MainCutOptions {
  readonly mainFaces: Pick<MainFaces, "find">;
  readonly cuts: Counter<Cut>;
  readonly log: Pick<Log, "info" | "debug">;
  /** When it is aborted, no picture is waited for. */
  readonly signal: AbortSignal;
}

export class MainCuts {
  /** Reasons that were logged once; later faces are only counted. */
  readonly #logged = new Set<Cut>();

  constructor(private readonly options: MainCutOptions) {}

  /**
   * The face as the main stream shows it, or as it is. Releases what it holds.
   * @param options.signal aborted when too many faces wait: then this one is skipped
   */
  async cut(
    { held, ...face }: SelectedFace,
    { signal: full }: { readonly signal: AbortSignal },
  ): Promise<SelectedFace> {
    if (!held || !face.seen) return face;
    const { mainFaces, cuts, signal } = this.options;
    const own = new AbortController();
    try {
      const frames = await held.decode({ signal: either(signal, full, own.signal) });
      const found = await mainFaces.find({ ...face, ...face.seen }, frames);
      if (!found) return this.#small(face, "not_found", "the main stream does not show it");
      cuts.add("main");
      // The visit lasts from its first to its last frame of the sub stream, and the face is one of them.
      return { ...found, capturedMs: face.capturedMs, visit: face.visit };
    } catch (error) {
      return full.aborted ? this.skip(face) : this.#small(face, "no_picture", messageOf(error));
    } finally {
      own.abort();
      held.release();
    }
  }

  /** The face as it is, because too many wait. */
  skip({ held, ...face }: SelectedFace): SelectedFace {
    held?.release();
    return this.#small(face, "busy", "too many faces wait");
  }

  #small(face: SelectedFace, why: Cut, reason: string): SelectedFace {
    const { cuts, log, signal } = this.options;
    cuts.add(why);
    const text = `a face is cut from the sub stream: ${reason}`;
    if (this.#logged.has(why) || signal.aborted) log.debug(text);
    else log.info(text, { next: "only counted" });
    this.#logged.add(why);
    return face;
  }
}

/** The cuts of one search. */
export function openMainCuts(
  { detection }: Pick<Search, "detection">,
  { margin, maxSize, equalise: isEqualised }: Pick<SearchSettings, "margin" | "maxSize" | "equalise">,
  options: Omit<MainCutOptions, "mainFaces">,
): MainCuts {
  const { detector } = detection;
  const prepare = isEqualised ? equalise : undefined;
  return new MainCuts({ ...options, mainFaces: new MainFaces({ detector, maxSize, margin, prepare }) });
}
