/** The name that was meant by a mistyped one. */
import assert from "node:assert/strict";
import { nearest } from "./suggest.ts";

Deno.test("nearest() is the name that a typo comes from", () => {
  const names = ["broker", "in-flight", "once", "poll", "store"];
  for (
    const [wrong, name] of [["brokr", "broker"], ["inFlight", "in-flight"], ["no-once", "once"], [
      "sotre",
      "store",
    ]]
  ) {
    assert.equal(nearest(wrong, names), name);
  }
});

Deno.test("nearest() is nothing when half of the letters or more differ", () => {
  for (const other of ["port", "on", "x", "host"]) {
    assert.equal(nearest(other, ["poll", "once"]), undefined, other);
  }
  assert.equal(nearest("anything", []), undefined);
});
