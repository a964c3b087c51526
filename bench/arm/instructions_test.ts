/** The instructions of the kernels on 64-bit ARM, counted under qemu-user, beside the stored ones. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { ARM64_DENO, findParts } from "../../test/parts.ts";
import { countsIn } from "./instruction_count.ts";
import { SEARCH_NAMES } from "./searches.ts";
import { countKernels, growthOf, MAX_GROWTH, PARTS_OF_COUNT, storedCounts } from "./stored_counts.ts";

Deno.test("the counts of a log are those of calls numbered from 1", () => {
  const log = ["umask 63 10", "umask 1 20", "qemu: something", "umask 18 30", "umask 2 45", "umask 3 50"];
  assert.deepEqual(countsIn(log.join("\n")), [20, 45, 50]);
});

Deno.test("a count that is 2 % above the stored one has grown, one that is half a percent above has not", () => {
  const stored = { deno: "", instructions: Object.fromEntries(SEARCH_NAMES.map((name) => [name, 1000])) };
  const growth = (instructions: number) =>
    growthOf({ "haar_1.3_5": { instructions, boxes: [] } }, stored as never, "haar_1.3_5")!;
  assert.ok(growth(1020) > MAX_GROWTH);
  assert.ok(growth(1005) < MAX_GROWTH);
});

Deno.test(
  "on aarch64 no search executes 1 % more instructions than stored",
  needs(...PARTS_OF_COUNT),
  async () => {
    const stored = await storedCounts();
    assert.equal(stored.deno, ARM64_DENO, "another Deno: run deno task bench:arm --store");
    const costs = await countKernels(findParts());
    const grown = SEARCH_NAMES.filter((name) => growthOf(costs, stored, name)! > MAX_GROWTH)
      .map((name) => `${name}: ${costs[name]!.instructions}, stored ${stored.instructions[name]}`);
    assert.deepEqual(grown, [], "if the growth is worth it, run deno task bench:arm --store");
  },
);
