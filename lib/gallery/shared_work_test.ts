import assert from "node:assert/strict";
import { SharedWork } from "./shared_work.ts";

/** Work that the test ends when it likes. */
class Work {
  begun = 0;
  readonly #ends: PromiseWithResolvers<number>[] = [];

  readonly run = (): Promise<number> => {
    this.begun++;
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

const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("who asks while work goes on gets the work that begins after it, all of them the same", async () => {
  const work = new Work();
  const shared = new SharedWork<number>({ atATime: 2 });
  const asked = Array.from({ length: 10 }, () => shared.do("a", work.run));
  assert.equal(work.begun, 1);
  work.end(0);
  assert.equal(await asked[0], 0);
  await settled();
  assert.equal(work.begun, 2);
  work.end(1);
  assert.deepEqual(await Promise.all(asked.slice(1)), new Array(9).fill(1));
  const later = shared.do("a", work.run);
  assert.equal(work.begun, 3);
  work.end(2);
  await later;
});

Deno.test("work that fails fails for those who share it, and the next is done all the same", async () => {
  const work = new Work();
  const shared = new SharedWork<number>({ atATime: 2 });
  const [first, second] = [shared.do("a", work.run), shared.do("a", work.run)];
  work.fail(0);
  await assert.rejects(first, /gone/);
  await settled();
  work.end(1);
  assert.equal(await second, 1);
});

Deno.test("different work goes on side by side, up to a limit", async () => {
  const work = new Work();
  const shared = new SharedWork<number>({ atATime: 2 });
  const asked = ["a", "b", "c", "d"].map((key) => shared.do(key, work.run));
  assert.equal(work.begun, 2);
  work.end(0);
  await asked[0];
  await settled();
  assert.equal(work.begun, 3);
  for (const index of [1, 2]) work.end(index);
  await Promise.all(asked.slice(0, 3));
  await settled();
  work.end(3);
  assert.equal(await asked[3], 3);
});
