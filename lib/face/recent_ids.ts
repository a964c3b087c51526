/** The most recent identities, up to a limit, to recognize a face that arrives again. */
export class RecentIds {
  readonly #ids = new Set<string>();

  constructor(private readonly limit: number) {}

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Adds an identity; beyond the limit the oldest is removed. Returns whether it was new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const { value: oldest } = this.#ids.values().next();
    if (this.#ids.size > this.limit) this.#ids.delete(oldest!);
    return true;
  }
}
