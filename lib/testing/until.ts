/** Waiting for what another process does, and checking that it does not do something. For tests. */
import assert from "node:assert/strict";
import { atMost, delay } from "../async/delay.ts";
import { exists } from "./files.ts";

/** Interval of the checks where no event announces a change, such as the state that a health port serves. */
const CHECK_MS = 50;
/** With a watched folder: a file in a folder made just now may appear before its folder is watched. */
const WATCHED_CHECK_MS = 1_000;

/** One change in a folder comes as several events. */
const COALESCE_MS = 10;

const never = new Promise<void>(() => {});

/** How {@link until} waits. */
export interface UntilOptions {
  /** A folder whose changes, and those of the folders in it, cause a check. */
  readonly folder?: string;
  /** Interval of the checks; 50 ms, or 1 s beside a watched folder. */
  readonly everyMs?: number;
  readonly limitMs?: number;
}

/**
 * Resolves with what `check` returns as soon as that is neither `false` nor `undefined`, and rejects after `limitMs`
 * (60 s). `what` completes the message: `not within 60 s: WHAT`. Checks at each change in `folder`, or at an interval.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  what: string,
  { folder, everyMs, limitMs = 60_000 }: UntilOptions = {},
): Promise<Exclude<T, false | undefined>> {
  const endMs = performance.now() + limitMs;
  using watch = folder !== undefined && exists(folder) ? new FolderWatch(folder) : undefined;
  for (;;) {
    const changed = watch?.next();
    const result = await check();
    if (result !== false && result !== undefined) return result as Exclude<T, false | undefined>;
    assert.ok(performance.now() < endMs, `not within ${limitMs / 1000} s: ${what}`);
    await delay(COALESCE_MS);
    await atMost(everyMs ?? (watch ? WATCHED_CHECK_MS : CHECK_MS), changed ?? never);
  }
}

/**
 * Resolves when `check` has held for `durationMs`, and rejects as soon as it does not. Nothing announces that something
 * does not happen: this is for absences only, such as a message that must not be repeated.
 */
export async function stays(
  check: () => boolean | Promise<boolean>,
  what: string,
  durationMs: number,
): Promise<void> {
  const endMs = performance.now() + durationMs;
  do {
    assert.ok(await check(), `no longer: ${what}`);
    await delay(CHECK_MS);
  } while (performance.now() < endMs);
}

/** The changes in a folder and the folders in it. */
class FolderWatch implements Disposable {
  readonly #watcher: Deno.FsWatcher;
  #changed = Promise.withResolvers<void>();

  constructor(folder: string) {
    this.#watcher = Deno.watchFs(folder, { recursive: true });
    void this.#run();
  }

  /** Resolves at the next change after this call. */
  next(): Promise<void> {
    this.#changed = Promise.withResolvers();
    return this.#changed.promise;
  }

  async #run(): Promise<void> {
    for await (const { kind } of this.#watcher) {
      if (kind !== "access") this.#changed.resolve(); // A check reads the files itself.
    }
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }
}
