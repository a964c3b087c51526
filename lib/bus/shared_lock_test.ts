/** The order in which shared and exclusive work runs. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import { SharedLock } from "./shared_lock.ts";

Deno.test("exclusive work waits for earlier work, and later work waits for it", async () => {
  const lock = new SharedLock();
  const said: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    said.push(name);
    return new Promise<void>((resolve) => ends.set(name, resolve));
  };
  const all = [
    lock.shared(work("a")),
    lock.shared(work("b")),
    lock.exclusive(work("c")),
    lock.shared(work("d")),
  ];
  await settled();
  assert.deepEqual(said, ["a", "b"]);
  ends.get("a")!();
  await settled();
  assert.deepEqual(said, ["a", "b"]);
  ends.get("b")!();
  await settled();
  assert.deepEqual(said, ["a", "b", "c"]);
  ends.get("c")!();
  await settled();
  assert.deepEqual(said, ["a", "b", "c", "d"]);
  ends.get("d")!();
  await Promise.all(all);
});

Deno.test("work that fails does not block what follows", async () => {
  const lock = new SharedLock();
  const fail = () => Promise.reject(new Error("no"));
  const failing = [lock.shared(fail), lock.exclusive(fail), lock.exclusive(fail)];
  assert.ok((await Promise.allSettled(failing)).every(({ status }) => status === "rejected"));
  assert.equal(await lock.exclusive(() => Promise.resolve(1)), 1);
  assert.equal(await lock.shared(() => Promise.resolve(2)), 2);
});
