/** Visits that one message covers: how many, where, and from when to when. */
import type { NoticedFace } from "./noticed_face.ts";
import type { SummaryFacts } from "./notification.ts";

/** Number of cameras that are named; the visits of further ones are counted as `other cameras`. */
const MAX_CAMERAS = 20;
const OTHERS = "other cameras";

/** Counts visits. It can be written to a file and read again. */
export class Summary {
  #visits = 0;
  #from = "";
  #to = "";
  readonly #cameras = new Map<string, number>();

  get visits(): number {
    return this.#visits;
  }

  get facts(): SummaryFacts {
    return {
      visits: this.#visits,
      from: this.#from,
      to: this.#to,
      cameras: Object.fromEntries([...this.#cameras].sort(([, one], [, other]) => other - one)),
    };
  }

  addFace({ facts: { camera, captured } }: NoticedFace): void {
    this.add({ visits: 1, from: captured, to: captured, cameras: { [camera]: 1 } });
  }

  add({ visits, from, to, cameras }: SummaryFacts): void {
    if (visits === 0) return;
    this.#from = this.#visits === 0 || from < this.#from ? from : this.#from;
    this.#to = this.#visits === 0 || to > this.#to ? to : this.#to;
    this.#visits += visits;
    for (const [camera, count] of Object.entries(cameras)) {
      const isNew = !this.#cameras.has(camera);
      const name = isNew && this.#cameras.size >= MAX_CAMERAS ? OTHERS : camera;
      this.#cameras.set(name, (this.#cameras.get(name) ?? 0) + count);
    }
  }
}

/** Reads the facts of a summary from a file; nothing where they are damaged. */
export function readSummary(value: unknown): SummaryFacts | undefined {
  const { visits, from, to, cameras } = (value ?? {}) as Record<string, unknown>;
  const isTime = (one: unknown) => typeof one === "string" && !Number.isNaN(Date.parse(one));
  const isCount = (one: unknown) => Number.isSafeInteger(one) && (one as number) > 0;
  const isWhole = isCount(visits) && isTime(from) && isTime(to) && typeof cameras === "object" &&
    cameras !== null &&
    Object.entries(cameras).every(([name, count]) => name.length <= 64 && isCount(count));
  return isWhole ? value as SummaryFacts : undefined;
}
