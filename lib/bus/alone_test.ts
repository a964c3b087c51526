import assert from "node:assert/strict";
import { Alone } from "./alone.ts";

Deno.test("work alone waits for what began before, and what comes after waits for it", async () => {
  const turns = new Alone();
  const said: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    said.push(name);
    return new Promise<void>((resolve) => ends.set(name, resolve));
  };
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const all = [
    turns.beside(work("a")),
    turns.beside(work("b")),
    turns.alone(work("c")),
    turns.beside(work("d")),
  ];
  await settle();
  assert.deepEqual(said, ["a", "b"]);
  ends.get("a")!();
  await settle();
  assert.deepEqual(said, ["a", "b"]);
  ends.get("b")!();
  await settle();
  assert.deepEqual(said, ["a", "b", "c"]);
  ends.get("c")!();
  await settle();
  assert.deepEqual(said, ["a", "b", "c", "d"]);
  ends.get("d")!();
  await Promise.all(all);
});

Deno.test("work that fails does not hold up what follows", async () => {
  const turns = new Alone();
  const fail = () => Promise.reject(new Error("no"));
  const failing = [turns.beside(fail), turns.alone(fail), turns.alone(fail)];
  assert.ok((await Promise.allSettled(failing)).every(({ status }) => status === "rejected"));
  assert.equal(await turns.alone(() => Promise.resolve(1)), 1);
  assert.equal(await turns.beside(() => Promise.resolve(2)), 2);
});
