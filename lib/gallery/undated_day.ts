/** All undated faces of a store as one day of the index. */
import { DayFaces, type DayOptions } from "./day_faces.ts";
import { DAY_MS, type Days } from "./day_folders.ts";
import { capturedMs } from "./face_info.ts";
import type { ListedFace } from "./shown_face.ts";
import type { UndatedFaces } from "./undated_faces.ts";

const NAME = "undated";

/** Options of a day that are not those of undated faces. */
export type CommonDayOptions = Omit<
  DayOptions,
  "name" | "list" | "isWhole" | "passMs" | "times" | "maxFaces"
>;

/** Takes each listing of undated faces. */
export class UndatedDay {
  readonly day: DayFaces;
  #listed: readonly ListedFace[] = [];
  #isWhole = false;

  constructor(private readonly faces: UndatedFaces, options: CommonDayOptions) {
    this.day = new DayFaces({
      ...options,
      name: NAME,
      list: () => this.#take(),
      isWhole: () => this.#isWhole,
      passMs: 0,
      times: { msOf: capturedMs, earliestMs: (faceMs) => faceMs - DAY_MS },
    });
  }

  /** Looks for undated faces, if the last listing of them is old. */
  async refresh(days: Days | undefined, { signal }: { signal: AbortSignal }): Promise<void> {
    const listing = await this.faces.next(days, { signal });
    if (listing) {
      this.#listed = listing.faces;
      this.#isWhole = listing.isWhole;
      while (!this.day.refresh()) await this.day.listed();
    }
    await this.day.listed();
  }

  async *#take(): AsyncGenerator<readonly ListedFace[]> {
    const faces = this.#listed;
    this.#listed = []; // They are many, and the day has them.
    yield faces;
  }
}
