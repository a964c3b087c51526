/** The missed faces of pictures, with second searches that are fast or slow. */
import assert from "node:assert/strict";
import type { Detection } from "../detection/engine.ts";
import { framePainted } from "../testing/people.ts";
import { settled } from "../testing/settled.ts";
import type { ExplainedBox } from "./explainer.ts";
import { MissedBoxes } from "./missed_boxes.ts";

const FRAME = framePainted([]);
const [SMALL, DIM]: Detection[] = [[10, 10], [200, 10]].map(([x, y]) => ({ x, y, width: 30, height: 30 }));
const AT_ONCE = 0;

function start(waitMs: number) {
  const looks: PromiseWithResolvers<readonly Detection[]>[] = [];
  const found: number[] = [];
  const missed = new MissedBoxes(
    {
      look: () => {
        looks.push(Promise.withResolvers());
        return looks.at(-1)!.promise;
      },
      missed: (_result, second) => second as unknown as ExplainedBox[],
    },
    (_frame, boxes) => found.push(boxes.length),
    waitMs,
  );
  const of = (boxes: Detection[] = []) =>
    missed.of(FRAME, {
      ...{ boxes, detections: boxes, filtered: [], searchMs: 1 },
      ...{ searched: "all", area: "all", isQuiet: false },
    });
  return { looks, found, of, missed };
}

Deno.test("a picture has the missed faces of its own frame when the second search is fast", async () => {
  const { looks, found, of } = start(60_000);
  const boxes = of();
  looks[0].resolve([SMALL]);
  assert.deepEqual(await boxes, [SMALL]);
  const next = of();
  looks[1].resolve([]);
  assert.deepEqual(await next, []);
  assert.deepEqual(found, [1, 0]);
});

Deno.test("a slow second search delays no picture, and its faces are in those behind it until they are reported", async () => {
  const { looks, found, of, missed } = start(AT_ONCE);
  assert.deepEqual(await of(), []);
  assert.deepEqual(await of(), []);
  assert.equal(looks.length, 1, "one search at a time");
  looks[0].resolve([SMALL, DIM]);
  await settled();
  assert.deepEqual(await of([DIM]), [SMALL]);
  assert.equal(looks.length, 2);
  assert.deepEqual(await of(), [SMALL, DIM]);
  assert.deepEqual(found, [2], "each face counts once for each search");
  missed.forget();
  assert.deepEqual(await of(), [], "after a pause");
});
