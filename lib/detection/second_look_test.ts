/** A second look starts when it is needed, and never disturbs. */
import assert from "node:assert/strict";
import { framePainted } from "../testing/people.ts";
import type { FaceDetector } from "./engine.ts";
import { SecondLook } from "./second_look.ts";

const FRAME = framePainted([]);
const FACE = { x: 1, y: 2, width: 30, height: 30 };

function start(detect: FaceDetector["detect"] = () => Promise.resolve([FACE]), fails = false) {
  const log: string[] = [];
  const second = new SecondLook({
    start: () => {
      log.push("start");
      if (fails) return Promise.reject(new Error("no memory"));
      const end = () => Promise.resolve(void log.push("end"));
      return Promise.resolve({ parallel: 1, reportBacklog: () => {}, detect, [Symbol.asyncDispose]: end });
    },
    onFailure: (reason) => log.push(reason),
  });
  return { second, log };
}

Deno.test("the first look starts the thread, later ones find faces, and end() ends it until the next look", async () => {
  const { second, log } = start();
  assert.deepEqual(await second.look(FRAME), []);
  await second.ready();
  assert.deepEqual(await second.look(FRAME), [FACE]);
  await second.end();
  assert.deepEqual(await second.look(FRAME), []);
  await second.ready();
  assert.deepEqual(await second.look(FRAME), [FACE]);
  await second[Symbol.asyncDispose]();
  assert.deepEqual(log, ["start", "end", "start", "end"]);
});

Deno.test("a look in progress finds nothing when the thread is ended, and does not wait forever", async () => {
  const { second } = start(() => new Promise(() => {})); // As a thread that was ended: no answer.
  await second.ready();
  const look = second.look(FRAME);
  await second.end();
  assert.deepEqual(await look, []);
});

Deno.test("a thread that cannot start or that fails is reported once, and nothing is found from then on", async () => {
  const never = start(undefined, true);
  await never.second.ready();
  for (let time = 0; time < 3; time++) assert.deepEqual(await never.second.look(FRAME), []);
  await never.second.end();
  await never.second.ready();
  assert.deepEqual(never.log, ["start", "no memory"]);
  const broken = start(() => Promise.reject(new Error("out of memory")));
  await broken.second.ready();
  for (let time = 0; time < 3; time++) assert.deepEqual(await broken.second.look(FRAME), []);
  assert.deepEqual(broken.log, ["start", "out of memory", "end"]);
});
