/** Whether the store answers, as observed from the requests of the gallery. */
import { ConfigError, FatalError, messageOf } from "../errors.ts";

/** A result is valid for this long while the store answers; after that the store is checked. */
const FRESH_MS = 30_000;
/** The same while the store does not answer. */
const FRESH_DOWN_MS = 5_000;

/** Observes requests to the store and checks it when there were none. */
export class StoreHealth {
  #failure?: string;
  #observedMs = -Infinity;
  #running?: Promise<unknown>;
  readonly #nowMs: () => number;

  /**
   * @param onResult receives each result: the reason of a failure, or undefined when the store answers.
   * @param options.nowMs a monotonic time.
   */
  constructor(
    private readonly onResult: (failure?: string) => void,
    { nowMs = () => performance.now() }: { readonly nowMs?: () => number } = {},
  ) {
    this.#nowMs = nowMs;
  }

  /**
   * Runs `work` and records whether it fails. Settles like `work`.
   * @param options.isFailure whether an error is one of the store; by default each is.
   */
  async during<T>(
    work: () => Promise<T>,
    { signal, isFailure = () => true }: { signal: AbortSignal; isFailure?: (error: unknown) => boolean },
  ): Promise<T> {
    try {
      const result = await work();
      this.#record(undefined);
      return result;
    } catch (error) {
      // When the program stops, aborted work does not mean that the store is down.
      if (!signal.aborted && isFailure(error)) this.#record(reasonOf(error));
      throw error;
    }
  }

  /**
   * Why the store does not answer; undefined when it answers. Without a valid result it runs `check` first, once for
   * all concurrent callers.
   */
  async failure(
    check: () => Promise<unknown>,
    { signal }: { signal: AbortSignal },
  ): Promise<string | undefined> {
    const freshMs = this.#failure === undefined ? FRESH_MS : FRESH_DOWN_MS;
    if (this.#nowMs() - this.#observedMs >= freshMs) {
      this.#running ??= this.during(check, { signal }).catch(() => {}).finally(() =>
        this.#running = undefined
      );
      await this.#running;
    }
    return this.#failure;
  }

  #record(failure: string | undefined): void {
    this.#observedMs = this.#nowMs();
    this.#failure = failure;
    this.onResult(failure);
  }
}

function reasonOf(error: unknown): string {
  const suffix = (error instanceof ConfigError || error instanceof FatalError) && error.hint
    ? `. Try: ${error.hint}`
    : "";
  return messageOf(error) + suffix;
}
