/** The pipeline from frames to detections. */
import assert from "node:assert/strict";
import type { Box, Frame } from "../image/frame.ts";
import { boxOf, frame, HandCamera, HandDetector } from "../testing/hand_pipeline.ts";
import { settled } from "../testing/settled.ts";
import { detectFrames, type Need } from "./frame_pipeline.ts";
import type { FaceDetector } from "./engine.ts";
import { SearchArea } from "./search_area.ts";

function start(detector: FaceDetector, camera: HandCamera, live: boolean) {
  const counted = { skipped: 0 };
  const results = detectFrames(camera.frames(), detector, { live, onSkipped: () => counted.skipped++ });
  return { counted, results };
}

/** The numbers of the results until they end. */
async function numbersOf(results: AsyncIterable<{ frame: Frame; boxes: readonly Box[] }>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { frame, boxes } of results) {
    assert.deepEqual(boxes, [boxOf(frame.capturedMs)], "the boxes are those of the frame");
    numbers.push(frame.capturedMs);
  }
  return numbers;
}

for (const live of [false, true]) {
  Deno.test(`results keep the order of the frames, in whichever order they are found (live: ${live})`, async () => {
    const [detector, camera] = [new HandDetector(3), new HandCamera()];
    const { results } = start(detector, camera, live);
    const numbers = numbersOf(results);
    camera.give(1, 2, 3);
    camera.end();
    await settled();
    for (const number of [3, 1, 2]) {
      detector.answer(number);
      await settled();
    }
    assert.deepEqual(await numbers, [1, 2, 3]);
  });

  Deno.test(`an error of the camera is thrown after the results before it (live: ${live})`, async () => {
    const [detector, camera] = [new HandDetector(2), new HandCamera()];
    const { results } = start(detector, camera, live);
    const first = results.next();
    camera.give(1, 2);
    await settled();
    camera.end(new Error("unplugged"));
    await settled();
    detector.answer(1, 2);
    assert.equal((await first).value!.frame.capturedMs, 1);
    assert.equal((await results.next()).value!.frame.capturedMs, 2);
    await assert.rejects(results.next(), /unplugged/);
  });

  Deno.test(`an error of the detector is thrown in the order of the frames, and ends the camera (live: ${live})`, async () => {
    const [detector, camera] = [new HandDetector(2), new HandCamera()];
    const { results } = start(detector, camera, live);
    const first = results.next();
    camera.give(1, 2, 3);
    await settled();
    detector.fail(2, new Error("out of memory"));
    await settled();
    detector.answer(1);
    assert.equal((await first).value!.frame.capturedMs, 1);
    await assert.rejects(results.next(), /out of memory/);
    camera.give(4);
    await settled();
    assert.ok(camera.hasEnded);
    assert.ok(!detector.got.includes(4));
  });

  Deno.test(`a caller that stops early ends the camera (live: ${live})`, async () => {
    const [detector, camera] = [new HandDetector(1), new HandCamera()];
    const { results } = start(detector, camera, live);
    const first = results.next();
    camera.give(1, 2, 3, 4, 5);
    await settled();
    detector.answer(1);
    await first;
    await results.return(undefined);
    camera.give(6);
    await settled();
    assert.ok(camera.hasEnded);
    assert.ok(!detector.got.includes(6));
  });
}

Deno.test("live: while all detectors are busy only the newest frame waits, and the others are skipped and counted", async () => {
  const [detector, camera] = [new HandDetector(2), new HandCamera()];
  const { counted, results } = start(detector, camera, true);
  const numbers = numbersOf(results);
  for (const number of [1, 2, 3, 4, 5, 6]) {
    camera.give(number);
    await settled();
  }
  assert.deepEqual(detector.got, [1, 2], "capturing goes on meanwhile");
  assert.equal(counted.skipped, 3);
  detector.answer(1);
  await settled();
  assert.deepEqual(detector.got, [1, 2, 6]);
  camera.give(7, 8);
  camera.end();
  await settled();
  assert.equal(counted.skipped, 4);
  detector.answer(2, 6);
  await settled();
  detector.answer(8);
  assert.deepEqual(await numbers, [1, 2, 6, 8], "the last frame is searched too");
});

Deno.test("live: a waiting frame is searched first when a detector is added", async () => {
  const [detector, camera] = [new HandDetector(1), new HandCamera()];
  const { counted, results } = start(detector, camera, true);
  const numbers = numbersOf(results);
  camera.give(1, 2);
  await settled();
  detector.parallel = 2;
  camera.give(3);
  camera.end();
  await settled();
  detector.answer(1, 2);
  await settled();
  detector.answer(3);
  assert.deepEqual(await numbers, [1, 2, 3]);
  assert.equal(counted.skipped, 0);
});

Deno.test("live: a slow caller does not delay capturing", async () => {
  const [detector, camera] = [new HandDetector(1), new HandCamera()];
  const { counted, results } = start(detector, camera, true);
  const first = results.next();
  camera.give(1);
  await settled();
  detector.answer(1);
  await first;
  camera.give(2, 3, 4, 5);
  await settled();
  detector.answer(2);
  await settled();
  assert.equal(counted.skipped, 2, "5 replaced 4, and 4 replaced 3");
  assert.equal((await results.next()).value!.frame.capturedMs, 2);
  await results.return(undefined);
});

Deno.test("not live: nothing is skipped, and no more frames are begun than the detectors need", async () => {
  const [detector, camera] = [new HandDetector(2), new HandCamera()];
  const { counted, results } = start(detector, camera, false);
  const numbers = numbersOf(results);
  const all = Array.from({ length: 12 }, (_, index) => index + 1);
  camera.give(...all);
  camera.end();
  await settled();
  assert.deepEqual(detector.got, [1, 2, 3, 4]);
  for (const number of all) {
    detector.answer(number);
    await settled();
    assert.ok(detector.got.length <= number + 4, `${detector.got.length} begun after ${number} answers`);
  }
  assert.deepEqual(await numbers, all);
  assert.equal(counted.skipped, 0);
});

Deno.test("a camera without frames has no results", async () => {
  const camera = new HandCamera();
  const { results } = start(new HandDetector(1), camera, true);
  camera.end();
  assert.deepEqual(await numbersOf(results), []);
});

Deno.test("a frame without motion and without a face before it is not searched, and is yielded in its turn", async () => {
  const camera = new HandCamera();
  let searches = 0;
  const detector: FaceDetector = {
    parallel: 1,
    reportBacklog: () => {},
    detect: () => Promise.resolve((searches++, [])),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const area = new SearchArea("region", 0);
  const frames = detectFrames(camera.frames(), detector, { live: false, area, onSkipped: assert.fail });
  camera.give(1, 1);
  camera.end();
  assert.deepEqual(await Array.fromAsync(frames, ({ searched }) => searched), ["all", "none"]);
  assert.equal(searches, 1);
});

for (const live of [true, false]) {
  Deno.test(`the memory of every frame is released once, live: ${live}`, async () => {
    const released: number[] = [];
    async function* frames() {
      for (let number = 1; number <= 9; number++) {
        yield { ...frame(number), release: () => void released.push(number) };
        await settled();
      }
    }
    const slow: FaceDetector = {
      parallel: 2,
      reportBacklog: () => {},
      detect: () => settled().then(settled).then(() => []),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    let skipped = 0;
    for await (const _ of detectFrames(frames(), slow, { live, onSkipped: () => skipped++ }));
    assert.deepEqual(released.toSorted(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.ok(live || skipped === 0);
  });
}

for (const live of [true, false]) {
  Deno.test(`a backlog is reported for a frame that has to wait, and for no other, live: ${live}`, async () => {
    const [detector, camera] = [new HandDetector(1), new HandCamera()];
    const { results } = start(detector, camera, live);
    const numbers = numbersOf(results);
    const capacity = live ? 1 : 2;
    for (let number = 1; number <= capacity; number++) camera.give(number);
    await settled();
    assert.equal(detector.backlogReports, 0);
    camera.give(capacity + 1);
    camera.end();
    await settled();
    assert.equal(detector.backlogReports, 1);
    for (let number = 1; number <= capacity + 1; number++) {
      detector.answer(number);
      await settled();
    }
    assert.equal((await numbers).length, capacity + 1);
  });
}

Deno.test("the chroma of a frame goes to a detector that uses colour, and to no other", async () => {
  const seen: boolean[] = [];
  for (const usesColour of [true, false]) {
    const detector: FaceDetector = {
      parallel: 1,
      usesColour,
      reportBacklog: () => {},
      detect: ({ chroma }) => Promise.resolve((seen.push(chroma !== undefined), [])),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const camera = new HandCamera();
    camera.give(1);
    camera.end();
    await Array.fromAsync(detectFrames(camera.frames(), detector, { live: false, onSkipped: assert.fail }));
  }
  assert.deepEqual(seen, [true, false]);
});

Deno.test("live: the pipeline is busy while a frame waits, and no longer once it is searched", async () => {
  const [detector, camera] = [new HandDetector(1), new HandCamera()];
  const needs: Need[] = [];
  const results = detectFrames(camera.frames(), detector, {
    live: true,
    onSkipped: () => {},
    onNeed: (need) => needs.push(need),
  });
  const numbers = numbersOf(results);
  const isBusy = () => needs.at(-1)?.isBusy;
  camera.give(1);
  await settled();
  assert.equal(isBusy(), false, "one is searched, none waits");
  camera.give(2);
  await settled();
  assert.equal(isBusy(), true);
  detector.answer(1);
  await settled();
  assert.equal(isBusy(), false);
  camera.end();
  detector.answer(2);
  assert.deepEqual(await numbers, [1, 2]);
  assert.ok(needs.every(({ isQuiet }) => !isQuiet), "every frame is searched");
});

Deno.test("live: the pipeline reports a quiet scene, and its end as soon as a face is found", async () => {
  const found: Box[][] = [[], [], [boxOf(0)]];
  const detector: FaceDetector = {
    parallel: 1,
    reportBacklog: () => {},
    detect: () => Promise.resolve(found.shift()!),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  async function* frames() {
    for (const sourceTimeMs of [0, 2_500, 5_000]) yield { ...frame(7), sourceTimeMs };
  }
  const needs: Need[] = [];
  const options = {
    live: true,
    area: new SearchArea("region", 1_000),
    onSkipped: assert.fail,
    onNeed: (need: Need) => needs.push(need),
  };
  await Array.fromAsync(detectFrames(frames(), detector, options));
  const quiet = needs.map(({ isQuiet }) => isQuiet);
  assert.deepEqual(quiet.filter((is, index) => is !== quiet[index - 1]), [false, true, false]);
});
