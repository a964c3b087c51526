/**
 * The faces that a search misses, for the pictures of the aiming page. On a slow board the second search of a large frame
 * takes longer than the time between two pictures: a picture then shows what the last complete second search found.
 */
import { atMost } from "../async/delay.ts";
import { newFaces } from "../detection/new_faces.ts";
import type { Frame } from "../image/frame.ts";
import type { ExplainedBox, Explainer } from "./explainer.ts";
import type { SelectableFrame } from "./search.ts";

/** A picture waits this long for the second search of its own frame: with the encoding, 2 pictures per second remain. */
const WAIT_MS = 250;

/** Searches one frame at a time. */
export class MissedBoxes {
  #looking?: Promise<void>;
  #last: readonly ExplainedBox[] = [];

  /** @param onFound gets what a second search found, and its frame */
  constructor(
    private readonly explainer: Pick<Explainer, "look" | "missed">,
    private readonly onFound: (frame: Frame, boxes: readonly ExplainedBox[]) => void,
    private readonly waitMs: number = WAIT_MS,
  ) {}

  /** The missed faces of a frame, or of an earlier one. The frame must not change. */
  async of(frame: Frame, result: Omit<SelectableFrame, "frame">): Promise<readonly ExplainedBox[]> {
    this.#looking ??= this.#look(frame, result).finally(() => this.#looking = undefined);
    await atMost(this.waitMs, this.#looking);
    // What the search reports by now is not missed.
    return newFaces(this.#last, result.boxes);
  }

  /** Forgets what was found: it is not shown after a pause. */
  forget(): void {
    this.#last = [];
  }

  async #look(frame: Frame, result: Omit<SelectableFrame, "frame">): Promise<void> {
    this.#last = this.explainer.missed(result, await this.explainer.look(frame));
    this.onFound(frame, this.#last);
  }
}
