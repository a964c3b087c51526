/** Work that is shared by concurrent callers. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import { SharedWork } from "./shared_work.ts";

/** Work whose runs end when the test ends them. */
class Work {
  started = 0;
  readonly #ends: PromiseWithResolvers<number>[] = [];

  readonly run = (): Promise<number> => {
    this.started++;
    const end = Promise.withResolvers<number>();
    this.#ends.push(end);
    return end.promise;
  };

  end(index: number): void {
    this.#ends[index].resolve(index);
  }

  fail(index: number): void {
    this.#ends[index].reject(new Error("gone"));
  }
}

Deno.test("callers during a run share the next run", async () => {
  const work = new Work();
  const shared = new SharedWork<number>({ maxConcurrent: 2 });
  const results = Array.from({ length: 10 }, () => shared.do("a", work.run));
  assert.equal(work.started, 1);
  work.end(0);
  assert.equal(await results[0], 0);
  await settled();
  assert.equal(work.started, 2);
  work.end(1);
  assert.deepEqual(await Promise.all(results.slice(1)), new Array(9).fill(1));
  const later = shared.do("a", work.run);
  assert.equal(work.started, 3);
  work.end(2);
  await later;
});

Deno.test("a failed run fails for its callers, and the next run starts", async () => {
  const work = new Work();
  const shared = new SharedWork<number>({ maxConcurrent: 2 });
  const [first, second] = [shared.do("a", work.run), shared.do("a", work.run)];
  work.fail(0);
  await assert.rejects(first, /gone/);
  await settled();
  work.end(1);
  assert.equal(await second, 1);
});

Deno.test("runs with different keys are concurrent up to the limit", async () => {
  const work = new Work();
  const shared = new SharedWork<number>({ maxConcurrent: 2 });
  const results = ["a", "b", "c", "d"].map((key) => shared.do(key, work.run));
  assert.equal(work.started, 2);
  work.end(0);
  await results[0];
  await settled();
  assert.equal(work.started, 3);
  for (const index of [1, 2]) work.end(index);
  await Promise.all(results.slice(0, 3));
  await settled();
  work.end(3);
  assert.equal(await results[3], 3);
});
