/** The account of lost and repeated faces, by their numbers. */
import assert from "node:assert/strict";
import { account } from "./account.ts";

const faces = (...numbers: number[]) => numbers.map((sequence) => ({ epoch: "e", sequence }));

Deno.test("a board whose faces are all stored has lost none", () => {
  assert.deepEqual(account(faces(2, 1, 3), 3), { faces: 3, lost: 0, twice: 0 });
});

Deno.test("a gap, a missing end and a repetition are counted apart", () => {
  assert.deepEqual(account(faces(1, 3, 3), 3), { faces: 2, lost: 1, twice: 1 });
  assert.deepEqual(account(faces(1, 2), 5), { faces: 2, lost: 3, twice: 0 });
  assert.deepEqual(account([], 4), { faces: 0, lost: 4, twice: 0 });
});

Deno.test("a second epoch is an error", () => {
  assert.throws(() => account([{ epoch: "a", sequence: 1 }, { epoch: "b", sequence: 1 }], 1), /count again/);
});
