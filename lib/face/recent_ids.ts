/** The most recent identities, up to a limit, to recognize a face that arrives again. */
import { RecentMap } from "../recent_map.ts";

export class RecentIds {
  readonly #ids: RecentMap<string, true>;

  /** @param limit beyond it the oldest identity is removed. */
  constructor(limit: number) {
    this.#ids = new RecentMap(limit);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Adds an identity. Returns whether it was new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.set(id, true);
    return true;
  }
}
