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
/** Who comes in is at the edge of the picture in the first moment of a motion. */
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

/** Looks at frames one at a time. A frame that is not due costs a few comparisons. */
export class SampledLooks implements AsyncDisposable {
  readonly #explainer: SampleParts["explainer"];
  readonly #now: () => number;
  #dueMs: number;
  #skipped: number;
  /** running: the thread can search; busy: it starts or searches. */
  #thread: "none" | "busy" | "running" = "none";
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
    if (isWatched()) return this.#rest();
    if (this.#thread === "busy" || nowMs < this.#dueMs || result.searched === "none") return;
    void this.#use(nowMs, this.#thread === "none" ? this.#explainer.ready() : this.#look(result));
  }

  /** Waits for the start of the thread, or a look; the next one is due a multiple of its duration later. */
  async #use(beganMs: number, work: Promise<void>): Promise<void> {
    this.#thread = "busy";
    await work;
    const nowMs = this.#now();
    this.#postpone(nowMs + intervalAfter(nowMs - beganMs));
    this.#thread = "running";
  }

  async #look({ frame, ...result }: SelectableFrame): Promise<void> {
    const shown = resultInWhole({ frame, ...result });
    this.#advise(this.#explainer.count(shown, await this.#explainer.look(frame)));
  }

  #postpone(untilMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, untilMs);
  }

  /** Says once an hour that faces are too small. Those of which the search would not be certain are none, mostly. */
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

  /** Ends the thread: the aiming page has one of its own. */
  #rest(): void {
    if (this.#thread !== "running") return;
    this.#thread = "none";
    void this.#explainer.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#explainer[Symbol.asyncDispose]();
  }
}

/** Looks at the frames of a camera; undefined with `--once`. */
export function openSampledLooks(
  settings: ExplainerSettings & { readonly once: boolean },
  context: SampleContext,
): SampledLooks | undefined {
  return settings.once ? undefined : new SampledLooks(settings, context);
}
