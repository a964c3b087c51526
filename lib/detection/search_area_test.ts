/** The area of a frame that is searched. */
import assert from "node:assert/strict";
import type { Area, Box, Frame } from "../image/frame.ts";
import { type MotionMode, regionsMissing, SearchArea } from "./search_area.ts";

const [WIDTH, HEIGHT] = [640, 480];
const CHROMA = new Uint8Array(WIDTH * HEIGHT / 4).fill(128);

/** A gray frame with a bright rectangle. */
function frame(sourceTimeMs: number, bright?: Box): Frame {
  const y = new Uint8Array(WIDTH * HEIGHT).fill(60);
  for (let row = bright?.y ?? 0; bright && row < bright.y + bright.height; row++) {
    y.fill(200, row * WIDTH + bright.x, row * WIDTH + bright.x + bright.width);
  }
  const pixels = { kind: "yuv420", y, u: CHROMA, v: CHROMA, fullRange: true } as const;
  return { width: WIDTH, height: HEIGHT, capturedMs: 0, sourceTimeMs, pixels };
}

function areas(mode: MotionMode, everyMs: number, frames: Frame[]): Area[] {
  const area = new SearchArea(mode, everyMs);
  return frames.map((frame) => area.of(frame));
}

const PERSON = { x: 200, y: 160, width: 80, height: 160 };
const inside = ({ x, y, width, height }: Box, area: Area) =>
  area !== "all" &&
  area.some((box) =>
    box.x <= x && box.y <= y && box.x + box.width >= x + width && box.y + box.height >= y + height
  );

Deno.test("without motion the first frame is searched, and one at each interval", () => {
  const still = Array.from({ length: 8 }, (_, index) => frame(index * 300));
  assert.deepEqual(areas("region", 1_000, still), ["all", [], [], [], "all", [], [], []]);
  assert.deepEqual(areas("frame", 1_000, still), ["all", [], [], [], "all", [], [], []]);
  assert.deepEqual(areas("region", 0, still), ["all", [], [], [], [], [], [], []]);
  assert.deepEqual(areas("off", 1_000, still), still.map(() => "all"));
});

Deno.test("with motion the frame, or its region with a margin, is searched", () => {
  const frames = [frame(0), frame(40), frame(80, PERSON), frame(120, PERSON)];
  assert.deepEqual(areas("frame", 0, frames), ["all", [], "all", []]);
  const [, , came, stands] = areas("region", 0, frames);
  assert.ok(inside({ x: 120, y: 80, width: 240, height: 320 }, came), "half its size around it");
  assert.ok(came !== "all" && came[0].width * came[0].height < WIDTH * HEIGHT / 2);
  assert.deepEqual(stands, []);
});

Deno.test("the region of a face is searched for a second, with or without motion", () => {
  const area = new SearchArea("region", 0);
  const face = { x: 300, y: 100, width: 60, height: 60 };
  area.of(frame(0));
  area.found([face], frame(0));
  for (const sourceTimeMs of [40, 500, 1_000]) {
    assert.ok(inside(face, area.of(frame(sourceTimeMs))), `${sourceTimeMs} ms`);
  }
  assert.deepEqual(area.of(frame(1_080)), []);
});

Deno.test("the second begins when the face is known, however long its search took", () => {
  const area = new SearchArea("region", 0);
  const face = { x: 300, y: 100, width: 60, height: 60 };
  for (const sourceTimeMs of [0, 1_500, 3_000]) area.of(frame(sourceTimeMs));
  area.found([face], frame(0));
  for (const sourceTimeMs of [4_500, 5_500]) {
    assert.ok(inside(face, area.of(frame(sourceTimeMs))), `${sourceTimeMs} ms`);
  }
  assert.deepEqual(area.of(frame(5_540)), []);
});

Deno.test("after a change of the frame size the whole frame is searched, and earlier faces are forgotten", () => {
  const area = new SearchArea("region", 0);
  const face = { x: 500, y: 300, width: 80, height: 80 };
  const small = (sourceTimeMs: number): Frame => ({
    ...frame(sourceTimeMs),
    width: WIDTH / 2,
    height: HEIGHT / 2,
  });
  area.of(frame(0));
  area.found([face], frame(0));
  assert.equal(area.of(small(40)), "all");
  area.found([face], frame(0)); // a search that was running at the change
  assert.deepEqual(area.of(small(80)), []);
});

Deno.test("a found face replaces only the earlier faces that it overlaps", () => {
  const area = new SearchArea("region", 0);
  const [left, right] = [{ x: 40, y: 100, width: 60, height: 60 }, { x: 500, y: 300, width: 60, height: 60 }];
  area.of(frame(0));
  area.found([left, right], frame(0));
  area.found([{ ...left, x: 44 }], frame(40));
  const both = area.of(frame(80));
  assert.ok(both.length === 2 && inside(left, both) && inside(right, both));
});

Deno.test("overlapping regions become one, and regions over most of the frame become the whole frame", () => {
  const area = new SearchArea("region", 0);
  area.of(frame(0));
  area.found(
    [{ x: 100, y: 100, width: 60, height: 60 }, { x: 170, y: 110, width: 60, height: 60 }],
    frame(0),
  );
  assert.equal(area.of(frame(40)).length, 1);
  assert.equal(area.of(frame(80, { x: 0, y: 0, width: 600, height: 440 })), "all");
});

Deno.test("regions are clipped to the frame", () => {
  const area = new SearchArea("region", 0);
  area.of(frame(0));
  area.found([{ x: 0, y: 0, width: 40, height: 40 }, { x: 590, y: 430, width: 50, height: 50 }], frame(0));
  assert.deepEqual(area.of(frame(40)), [
    { x: 0, y: 0, width: 72, height: 72 },
    { x: 558, y: 398, width: 82, height: 82 },
  ]);
});

Deno.test("regionsMissing() are those around faces that the area does not contain", () => {
  const face = { x: 200, y: 100, width: 60, height: 60 };
  const around = { x: 168, y: 68, width: 124, height: 124 };
  assert.deepEqual(regionsMissing([face], "all", frame(0)), []);
  assert.deepEqual(regionsMissing([face], [], frame(0)), [around]);
  assert.deepEqual(regionsMissing([face], [around], frame(0)), []);
  assert.deepEqual(regionsMissing([face, { ...face, x: 210 }], [{ ...around, width: 90 }], frame(0)), [{
    ...around,
    width: 134,
  }]);
});

Deno.test("a scene is quiet two seconds after the last motion and the last new face, until the next one", () => {
  const area = new SearchArea("region", 1_000);
  const moved = { x: 100, y: 100, width: 64, height: 64 };
  const quietAt = (timeMs: number, motion?: Box) => {
    area.of(frame(timeMs, motion));
    return area.isQuiet;
  };
  assert.deepEqual([0, 1_960].map((timeMs) => quietAt(timeMs)), [false, false]);
  assert.equal(quietAt(2_000), true);
  assert.equal(quietAt(2_200, moved), false);
  quietAt(2_240); // What had moved is back in its place.
  assert.deepEqual([4_200, 4_240].map((timeMs) => quietAt(timeMs)), [false, true]);
  area.found([moved], frame(4_240));
  assert.equal(area.isQuiet, false, "at once");
  assert.deepEqual([4_280, 6_240, 6_280].map((timeMs) => quietAt(timeMs)), [false, false, true]);
});

Deno.test("a face that stays in its place does not end the quiet, one beside it does", () => {
  const area = new SearchArea("region", 1_000);
  const [still, other] = [{ x: 100, y: 100, width: 64, height: 64 }, {
    x: 300,
    y: 100,
    width: 64,
    height: 64,
  }];
  for (let timeMs = 0; timeMs <= 4_000; timeMs += 200) {
    area.of(frame(timeMs));
    assert.equal(area.isQuiet, timeMs >= 2_200, `${timeMs} ms`);
    area.found([still], frame(timeMs));
  }
  area.found([still, other], frame(4_000));
  assert.equal(area.isQuiet, false);
});

Deno.test("a scene of which every frame is searched is never quiet", () => {
  const area = new SearchArea("off", 0);
  for (const timeMs of [0, 5_000, 10_000]) {
    area.of(frame(timeMs));
    assert.equal(area.isQuiet, false);
  }
});
