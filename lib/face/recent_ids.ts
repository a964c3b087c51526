/** The identities seen last, up to a limit, so that a face that comes again is known. */
export class RecentIds {
  readonly #ids = new Set<string>();

  constructor(private readonly limit: number) {}

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Adds an identity; the oldest gives way. Returns whether it was new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const { value: oldest } = this.#ids.values().next();
    if (this.#ids.size > this.limit) this.#ids.delete(oldest!);
    return true;
  }
}
