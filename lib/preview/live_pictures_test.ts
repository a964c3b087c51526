/** Pictures are made for those who look, and for nobody else. */
import assert from "node:assert/strict";
import { KEPT, type LivePicture, LivePictures, MAX_WAITING } from "./live_pictures.ts";

const PICTURE: LivePicture = {
  frame: { width: 4, height: 4 },
  boxes: [],
  regions: "all",
  jpeg: new Uint8Array(1),
};
const signal = new AbortController().signal;

/** Pictures with a clock of the test; waiting ends when the test says so. */
function start() {
  const time = { nowMs: 0 };
  const failures: unknown[] = [];
  let timeOut = () => {};
  const pictures = new LivePictures({
    nowMs: () => time.nowMs,
    delay: () => new Promise((resolve) => timeOut = resolve),
    onFailure: (error) => failures.push(error),
  });
  return {
    time,
    pictures,
    failures,
    make: () => pictures.make(() => Promise.resolve(PICTURE)),
    timeOut: () => timeOut(),
  };
}

Deno.test("nothing is due until somebody asks, and 3 s after the last request", async () => {
  const { pictures, time, make } = start();
  assert.deepEqual([pictures.isWatched, pictures.isDue], [false, false]);
  const asked = pictures.next(0, { signal });
  assert.ok(pictures.isDue);
  await make();
  assert.equal((await asked)?.number, 1);
  time.nowMs = 2_999;
  assert.ok(pictures.isDue);
  time.nowMs = 3_000;
  assert.deepEqual([pictures.isWatched, pictures.isDue], [false, false]);
});

Deno.test("who waits for a picture looks, and so does who got one less than 3 s ago", async () => {
  const { pictures, time, make } = start();
  const asked = pictures.next(0, { signal });
  time.nowMs = 3_500; // The board stood still meanwhile.
  assert.ok(pictures.isDue);
  await make();
  await asked;
  time.nowMs = 6_499;
  assert.ok(pictures.isWatched);
  time.nowMs = 6_500;
  assert.ok(!pictures.isWatched);
});

Deno.test("at most five pictures a second, one at a time, and all who look get the same ones", async () => {
  const { pictures, time, make } = start();
  const asked = [0, 0].map((after) => pictures.next(after, { signal }));
  const { promise, resolve } = Promise.withResolvers<LivePicture>();
  const making = pictures.make(() => promise);
  time.nowMs = 250;
  assert.ok(!pictures.isDue, "one is being made");
  resolve(PICTURE);
  await making;
  assert.deepEqual((await Promise.all(asked)).map((picture) => picture?.number), [1, 1]);
  assert.ok(pictures.isDue);
  await make();
  time.nowMs = 449;
  assert.ok(!pictures.isDue);
  time.nowMs = 450;
  assert.ok(pictures.isDue);
});

Deno.test("a request gets a newer picture at once, waits for the next one, and gets the latest after 2 s", async () => {
  const { pictures, make, timeOut } = start();
  const first = pictures.next(0, { signal });
  await make();
  assert.equal((await first)?.number, 1);
  assert.equal((await pictures.next(0, { signal }))?.number, 1);
  const second = pictures.next(1, { signal });
  timeOut();
  assert.equal((await second)?.number, 1);
  assert.equal((await pictures.next(700, { signal }))?.number, 1, "a number from before a restart");
  const none = start();
  const asked = none.pictures.next(0, { signal });
  none.timeOut();
  assert.equal(await asked, undefined);
});

Deno.test("pictures of an earlier look are not shown, and only the last ones can be loaded", async () => {
  const { pictures, time, make, timeOut } = start();
  const first = pictures.next(0, { signal });
  for (let time = 0; time < KEPT + 2; time++) await make();
  await first;
  assert.deepEqual([2, 3, KEPT + 2, KEPT + 3].map((number) => pictures.picture(number)?.number), [
    undefined,
    3,
    KEPT + 2,
    undefined,
  ]);
  time.nowMs = 60_000;
  const later = pictures.next(0, { signal });
  timeOut();
  assert.equal(await later, undefined);
});

Deno.test("a picture that cannot be made is reported, and the next one is made", async () => {
  const { pictures, failures, time, make } = start();
  const asked = pictures.next(0, { signal });
  await pictures.make(() => Promise.reject(new Error("no memory")));
  assert.equal(failures.length, 1);
  time.nowMs = 200;
  assert.ok(pictures.isDue);
  await make();
  assert.equal((await asked)?.number, 1);
});

Deno.test("the number of waiting requests is limited", async () => {
  const { pictures, make } = start();
  const waiting = Array.from({ length: MAX_WAITING }, () => pictures.next(0, { signal }));
  assert.ok(!pictures.hasRoom);
  await make();
  await Promise.all(waiting);
  assert.ok(pictures.hasRoom);
});
