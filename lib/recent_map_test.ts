/** The order of eviction. */
import assert from "node:assert/strict";
import { RecentMap } from "./recent_map.ts";

Deno.test("RecentMap evicts the entry that was set longest ago", () => {
  const map = new RecentMap<string, number>(2);
  map.set("a", 1).set("b", 2).set("a", 3);
  assert.deepEqual(Array.from(map), [["b", 2], ["a", 3]]);
  map.set("c", 4);
  assert.deepEqual(Array.from(map), [["a", 3], ["c", 4]]);
});
