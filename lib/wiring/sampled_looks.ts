/**
 * Rare second looks while nobody watches the aiming page: they count the faces that the search does not report, and tell
 * the owner of a remote camera that faces are too small. They change no result.
 */
import { isCertain, type MissedFace } from "../detection/missed.ts";
import type { Counter } from "../health/metrics.ts";
import { limitsOf } from "./detection.ts";
import { Explainer, type ExplainerParts, type ExplainerSettings } from "./explainer.ts";
import type { SelectableFrame } from "./search.ts";
import { resultInWhole } from "./whole_boxes.ts";

/** Minimum time between two looks, and since the last skipped frame: a board that cannot keep up has no time for a look. */
const INTERVAL_MS = 10_000;
/** Minimum time between two looks, as a multiple of what the last one took: on any board, 0.5 % of a processor at most. */
const INTERVAL_LOOKS = 200;
/** A person who enters is cut off by the edge of the picture at first. */
const ENTRY_MS = 1_000;
const ADVICE_INTERVAL_MS = 3_600_000;

/** Minimum time until the next look, after one that took `ms`. */
export function intervalAfter(ms: number): number {
  return Math.max(INTERVAL_MS, INTERVAL_LOOKS * ms);
}

/** What the looks need of the detector. */
export interface SampleContext extends ExplainerParts {
  /** Counts the frames that are skipped. */
  readonly skipped: Pick<Counter, "total">;
  /** Whether somebody looks at the aiming page, which looks for itself. */
  readonly isWatched: () => boolean;
}

/** Parts that tests replace. */
export interface SampleParts {
  readonly explainer: Pick<Explainer, "ready" | "look" | "count" | "end" | typeof Symbol.asyncDispose>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/**
 * Looks at one frame at a time, by a thread that starts for the first look and stays, unless somebody watches: Deno does
 * not give back all memory of a thread that has ended. A frame that is not due costs a few comparisons.
 */
export class SampledLooks implements AsyncDisposable {
  readonly #explainer: SampleParts["explainer"];
  readonly #now: () => number;
  #dueMs: number;
  #skipped: number;
  /** running: the thread can search; busy: it starts, searches or ends. */
  #thread: "none" | "busy" | "running" = "none";
  /** What the start of the thread took, milliseconds; it counts with the first look. */
  #startMs = 0;
  #advisedMs = -Infinity;

  constructor(
    private readonly settings: ExplainerSettings,
    private readonly context: SampleContext,
    { explainer = new Explainer(settings, context), now = () => performance.now() }: Partial<SampleParts> =
      {},
  ) {
    this.#explainer = explainer;
    this.#now = now;
    this.#skipped = context.skipped.total;
    this.#dueMs = now() + INTERVAL_MS;
  }

  /** Takes a frame after the selector took it. What is needed of the frame is copied before the call returns. */
  update(result: SelectableFrame): void {
    const nowMs = this.#now();
    const { skipped: { total }, isWatched } = this.context;
    if (total !== this.#skipped) this.#postpone(nowMs + INTERVAL_MS);
    this.#skipped = total;
    if (result.isQuiet) this.#postpone(nowMs + ENTRY_MS);
    if (this.#thread === "busy") return;
    if (isWatched()) {
      if (this.#thread === "running") void this.#end();
    } else if (nowMs >= this.#dueMs && result.searched !== "none") {
      void (this.#thread === "none" ? this.#start(nowMs) : this.#look(result, nowMs));
    }
  }

  async #start(beganMs: number): Promise<void> {
    this.#thread = "busy";
    await this.#explainer.ready();
    this.#startMs = this.#now() - beganMs;
    this.#thread = "running";
  }

  async #look({ frame, ...result }: SelectableFrame, beganMs: number): Promise<void> {
    this.#thread = "busy";
    const shown = resultInWhole({ frame, ...result });
    this.#advise(this.#explainer.count(shown, await this.#explainer.look(frame)));
    const nowMs = this.#now();
    this.#postpone(nowMs + intervalAfter(nowMs - beganMs + this.#startMs));
    this.#startMs = 0;
    this.#thread = "running";
  }

  async #end(): Promise<void> {
    this.#thread = "busy";
    await this.#explainer.end();
    this.#thread = "none";
  }

  #postpone(untilMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, untilMs);
  }

  /** Says once an hour that faces are too small. Detections that the search would not accept are mostly false. */
  #advise(missed: readonly MissedFace[]): void {
    const { minSize } = this.settings;
    const limits = limitsOf(this.settings);
    const sides = missed.filter(({ box, reason }) => reason === "too_small" && isCertain(box, limits))
      .map(({ box }) => Math.min(box.width, box.height))
      .filter((side) => side < minSize);
    const nowMs = this.#now();
    if (sides.length === 0 || nowMs - this.#advisedMs < ADVICE_INTERVAL_MS) return;
    this.#advisedMs = nowMs;
    this.context.log.info(
      `faces of about ${Math.max(...sides)} px are in view, --min-size is ${minSize}: ` +
        "set a smaller --min-size, or move the camera closer",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#explainer[Symbol.asyncDispose]();
  }
}

/** Whether a setting can be the reason why a face is not reported, and another value the remedy. */
function mayMiss({ minSize, maxSize, minScore, minNeighbors }: ExplainerSettings): boolean {
  return minSize > 0 || maxSize > 0 || minScore !== undefined || minNeighbors !== undefined;
}

/** Looks at the frames of a camera; undefined with `--once`, and where no size, score or number of hits is set. */
export function openSampledLooks(
  settings: ExplainerSettings & { readonly once: boolean },
  context: SampleContext,
): SampledLooks | undefined {
  return settings.once || !mayMiss(settings) ? undefined : new SampledLooks(settings, context);
}
