/** Whether the store answers, learnt from the work that is done with it anyway. */
import { ConfigError, FatalError, messageOf } from "../errors.ts";

/** What was learnt less long ago than this needs no new look. */
const LATELY_MS = 30_000;
/** While the store is away, it is looked at more often. */
const LATELY_AWAY_MS = 5_000;

/** Knows whether the store answers, and tells what it learns. */
export class StoreHealth {
  #trouble?: string;
  #learntMs = -Infinity;
  #look?: Promise<unknown>;

  /** @param onLearnt is told each time why the store does not answer, or, without a reason, that it does. */
  constructor(private readonly onLearnt: (trouble?: string) => void) {}

  /** Does the work and learns from how it ends; throws what it throws. */
  async during<T>(work: () => Promise<T>, { signal }: { signal: AbortSignal }): Promise<T> {
    try {
      const result = await work();
      this.#learn(undefined);
      return result;
    } catch (error) {
      // Work that is cut short because the program ends says nothing about the store.
      if (!signal.aborted) this.#learn(reasonOf(error));
      throw error;
    }
  }

  /**
   * Why the store does not answer, or nothing when it does. When that has not been learnt lately, `look` is done
   * first, once for all who ask meanwhile.
   */
  async trouble(
    look: () => Promise<unknown>,
    { signal }: { signal: AbortSignal },
  ): Promise<string | undefined> {
    const latelyMs = this.#trouble === undefined ? LATELY_MS : LATELY_AWAY_MS;
    if (performance.now() - this.#learntMs >= latelyMs) {
      this.#look ??= this.during(look, { signal }).catch(() => {}).finally(() => this.#look = undefined);
      await this.#look;
    }
    return this.#trouble;
  }

  #learn(trouble: string | undefined): void {
    this.#learntMs = performance.now();
    this.#trouble = trouble;
    this.onLearnt(trouble);
  }
}

function reasonOf(error: unknown): string {
  const advice = (error instanceof ConfigError || error instanceof FatalError) && error.hint
    ? `; try: ${error.hint}`
    : "";
  return messageOf(error) + advice;
}
