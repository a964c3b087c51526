/** The pool of search threads. */
import assert from "node:assert/strict";
import type { SearchPlane } from "../image/frame.ts";
import type { Detection, Engine } from "./engine.ts";
import type { PartResult } from "./pool_thread.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import type { SearchThread } from "./search_thread.ts";

const PLANE: SearchPlane = { gray: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2 };
/** One face, at a place that tells which thread or part found it. */
const faceAt = (x: number): Detection => ({ x, y: 0, width: 1, height: 1 });

/** A thread whose searches the test ends. */
class HandThread implements SearchThread {
  readonly planes: SearchPlane[] = [];
  readonly #searches: PromiseWithResolvers<Detection[]>[] = [];
  ended = false;

  constructor(readonly number: number) {}

  get pending(): number {
    return this.#searches.length;
  }

  detect(plane: SearchPlane): Promise<Detection[]> {
    this.planes.push(plane);
    const search = Promise.withResolvers<Detection[]>();
    this.#searches.push(search);
    return search.promise;
  }

  /** Finds a face for each odd part, and takes turns with the other threads. */
  async share(plane: SearchPlane, next: Int32Array): Promise<PartResult[]> {
    this.planes.push(plane);
    const results: PartResult[] = [];
    for (let part; (part = Atomics.add(next, 0, 1)) < 6; await Promise.resolve()) {
      results.push({ part, found: part % 2 ? [faceAt(part)] : [] });
    }
    return results;
  }

  finish(error?: Error): void {
    const search = this.#searches.shift()!;
    if (error) search.reject(error);
    else search.resolve([faceAt(this.number)]);
  }

  end(): void {
    this.ended = true;
  }
}

const JOINING: Pick<Engine, "join"> = { join: (parts) => parts.flat() as Detection[] };

/** A pool whose further threads the test starts. */
function startPool(options: Partial<PoolOptions> = {}, engine: Pick<Engine, "join" | "usesColour"> = {}) {
  const threads = [new HandThread(0)];
  const starts: PromiseWithResolvers<SearchThread>[] = [];
  const start = () => {
    const starting = Promise.withResolvers<SearchThread>();
    starts.push(starting);
    return starting.promise;
  };
  const pool = new Pool(threads[0], start, { engine, options: {}, threads: 2, ...options });
  const started = async () => {
    const thread = new HandThread(threads.length);
    threads.push(thread);
    starts.at(-1)!.resolve(thread);
    await pool.grow();
  };
  return { pool, threads, starts, started };
}

const report = (pool: Pool, times: number) => {
  for (let time = 0; time < times; time++) pool.reportBacklog();
};

Deno.test("a plane is copied before detect() returns, with its chroma if it has any", () => {
  const { pool, threads: [thread] } = startPool();
  const gray = PLANE.gray.slice();
  const chroma = { u: Uint8Array.of(7, 8), v: Uint8Array.of(9, 10), matrix: "bt709" } as const;
  pool.detect({ ...PLANE, gray, limitedRange: true }, "all");
  pool.detect({ ...PLANE, gray, chroma }, "all");
  gray.fill(0);
  const [plain, coloured] = thread.planes;
  assert.deepEqual(plain, { ...PLANE, limitedRange: true });
  assert.deepEqual(coloured, { ...PLANE, chroma });
  assert.ok(coloured.gray.buffer instanceof SharedArrayBuffer);
  assert.equal(coloured.gray.buffer, coloured.chroma!.v.buffer);
});

Deno.test("memory is used again once the search has ended, well or badly", async () => {
  const { pool, threads: [thread] } = startPool();
  const bad = pool.detect(PLANE, "all");
  thread.finish(new Error("out of memory"));
  await assert.rejects(bad, /out of memory/);
  const good = pool.detect(PLANE, "all");
  pool.detect(PLANE, "all");
  thread.finish();
  assert.deepEqual(await good, [faceAt(0)]);
  const [first, second, third] = thread.planes.map(({ gray }) => gray.buffer);
  assert.equal(first, second);
  assert.notEqual(second, third);
});

Deno.test("the thread with the fewest pending searches gets the next plane", async () => {
  const { pool, threads, started } = startPool();
  report(pool, 8);
  await started();
  const searches = [1, 2, 3].map(() => pool.detect(PLANE, "all"));
  assert.deepEqual(threads.map(({ pending }) => pending), [2, 1]);
  threads[0].finish();
  threads[1].finish();
  threads[0].finish();
  assert.deepEqual((await Promise.all(searches)).flat(), [faceAt(0), faceAt(1), faceAt(0)]);
});

Deno.test("a thread is added when frames keep waiting, never more than allowed", async () => {
  const { pool, starts, started } = startPool({ threads: 3 });
  report(pool, 7);
  assert.equal(starts.length, 0, "the first frames are always slow");
  report(pool, 100);
  assert.equal(starts.length, 1, "one thread at a time");
  await started();
  report(pool, 7);
  assert.equal(starts.length, 1, "each thread needs its own backlog");
  report(pool, 1);
  await started();
  report(pool, 100);
  assert.deepEqual([pool.threads, pool.parallel, starts.length], [3, 3, 2]);
});

Deno.test("a frame that waits now and then adds no thread", async () => {
  const { pool, threads: [thread], starts } = startPool();
  for (let wait = 0; wait < 20; wait++) {
    report(pool, 1);
    for (let search = 0; search < 20; search++) {
      const found = pool.detect(PLANE, "all");
      thread.finish();
      await found;
    }
  }
  assert.equal(starts.length, 0);
});

Deno.test("when a thread cannot be started the others go on, and no other start is tried", async () => {
  const { pool, threads: [thread], starts } = startPool();
  report(pool, 8);
  starts[0].reject(new Error("out of memory"));
  await pool.grow();
  report(pool, 100);
  assert.deepEqual([pool.threads, starts.length], [1, 1]);
  const found = pool.detect(PLANE, "all");
  thread.finish();
  assert.deepEqual(await found, [faceAt(0)]);
});

Deno.test("with split the parts of a frame are joined in their order, whichever thread found them", async () => {
  const { pool, threads, started } = startPool({ split: true }, JOINING);
  report(pool, 8);
  await started();
  assert.deepEqual([pool.threads, pool.parallel], [2, 1]);
  assert.deepEqual(await pool.detect(PLANE, "all"), [faceAt(1), faceAt(3), faceAt(5)]);
  assert.deepEqual(threads.map(({ planes }) => planes.length), [1, 1]);
});

Deno.test("without join, with one thread or in regions a frame is not split", async () => {
  const plain = startPool({ split: true });
  plain.pool.detect(PLANE, "all");
  assert.deepEqual([plain.threads[0].pending, plain.pool.parallel], [1, 1]);
  const { pool, threads, started } = startPool({ split: true }, JOINING);
  pool.detect(PLANE, "all");
  report(pool, 8);
  await started();
  pool.detect(PLANE, [{ x: 0, y: 0, width: 1, height: 1 }]);
  assert.deepEqual(threads.map(({ pending }) => pending), [1, 1]);
});

Deno.test("a disposed pool ends its threads, also one that starts later", async () => {
  const { pool, threads, started } = startPool();
  report(pool, 8);
  await pool[Symbol.asyncDispose]();
  await started();
  assert.deepEqual(threads.map(({ ended }) => ended), [true, true]);
});
