/** Which identities are remembered. */
import assert from "node:assert/strict";
import { RecentIds } from "./recent_ids.ts";

Deno.test("an identity is new once, until it is removed beyond the limit", () => {
  const recent = new RecentIds(2);
  assert.deepEqual([recent.add("a"), recent.add("a"), recent.add("b")], [true, false, true]);
  assert.equal(recent.add("c"), true);
  assert.equal(recent.has("a"), false);
  assert.equal(recent.has("b"), true);
});
