import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { fullRange, type GrayPlane } from "../image/frame.ts";
import { type Engine, ENGINES } from "./engine.ts";
import { noise, readPlane, scaled } from "../testing/planes.ts";
import { delay } from "../async/delay.ts";
import { type Pool, type PoolOptions, startPool } from "./pool.ts";
import type { Area } from "./search_area.ts";
import { cascadeFile } from "../haar/shipped_cascade.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const CASCADE = await Deno.readFile(cascadeFile("haarcascade_frontalface_default.xml"));
const PICTURE = await readPlane(`${ROOT}lib/camera/sample/astronaut.png`);
const SETTINGS = { scaleFactor: 1.1, minNeighbors: 3, minSize: 0, maxSize: 0 };

/** A pool with all of its threads. */
async function fullPool({ threads = 2, ...options }: Partial<PoolOptions>): Promise<Pool> {
  const pool = await startPool(CASCADE, SETTINGS, { threads, ...options });
  for (const until = Date.now() + 20_000; pool.threads < threads; await delay(5)) {
    assert.ok(Date.now() < until, "no further thread came");
    pool.reportBacklog();
  }
  return pool;
}

async function detect(plane: GrayPlane, options: Partial<PoolOptions>, where: Area = "all") {
  await using pool = await fullPool(options);
  return await pool.detect(plane, where);
}

const positions = (boxes: { x: number; y: number; width: number; height: number }[]) =>
  boxes.map(({ x, y, width, height }) => [x, y, width, height].join(" ")).sort();

Deno.test("a frame split over threads has the faces of a frame searched by one, in the same order", async () => {
  for (const plane of [PICTURE, scaled(PICTURE, 800, 600), noise(97, 61, 5), noise(10, 10, 5)]) {
    const whole = await detect(plane, { split: false });
    for (const threads of [1, 2, 3]) {
      assert.deepEqual(await detect(plane, { threads, split: true }), whole, `${threads} threads`);
    }
  }
});

for (const engine of ENGINES) {
  const faceOf = async (options: { engine: Engine; split?: boolean }, where: Area) =>
    (await detect(PICTURE, options, where)).length;

  Deno.test(`only the regions are searched (${engine})`, async () => {
    const around = { x: 120, y: 20, width: 220, height: 200 };
    const elsewhere = { x: 300, y: 250, width: 200, height: 200 };
    for (const split of [true, false]) {
      assert.equal(await faceOf({ engine, split }, [elsewhere, around]), 1);
      assert.equal(await faceOf({ engine, split }, [elsewhere]), 0);
    }
    const [face] = await detect(PICTURE, { engine }, [around]);
    assert.ok(Math.abs(face.x - 177) < 8 && Math.abs(face.y - 66) < 8, "in pixels of the frame");
  });

  Deno.test(`a plane in video's range is stretched, whole and in regions (${engine})`, async () => {
    const video = { ...PICTURE, gray: PICTURE.gray.map((value) => 16 + Math.round(value * 219 / 255)) };
    const stretched = { ...video, gray: fullRange({ ...video, limitedRange: true }).slice() };
    for (const where of ["all", [{ x: 100, y: 3, width: 233, height: 241 }]] as const) {
      const expected = await detect(stretched, { engine }, where);
      assert.equal(expected.length, 1);
      assert.deepEqual(await detect({ ...video, limitedRange: true }, { engine }, where), expected);
    }
  });

  Deno.test(`planes of several sizes at once, each with its own faces (${engine})`, async () => {
    await using pool = await fullPool({ engine });
    const planes = [PICTURE, scaled(PICTURE, 300, 300), noise(64, 48, 1), PICTURE, scaled(PICTURE, 300, 300)];
    const found = await Promise.all(planes.map((plane) => pool.detect(plane, "all")));
    assert.deepEqual(found.map((boxes) => boxes.length), [1, 1, 0, 1, 1]);
    assert.deepEqual(positions(found[3]), positions(found[0]));
    assert.deepEqual(positions(found[4]), positions(found[1]));
  });

  Deno.test(`a cascade that is none is refused (${engine})`, async () => {
    const cascade = new TextEncoder().encode("<html></html>");
    await assert.rejects(startPool(cascade, SETTINGS, { threads: 2, engine }), ConfigError);
  });
}

Deno.test("the plane is the caller's own again as soon as detect() returns", async () => {
  await using pool = await fullPool({ split: true });
  const gray = PICTURE.gray.slice();
  const search = pool.detect({ ...PICTURE, gray }, "all");
  gray.fill(0);
  assert.equal((await search).length, 1);
});

Deno.test("threads are added when frames keep waiting, never more than allowed", async () => {
  await using pool = await startPool(CASCADE, SETTINGS, { threads: 2 });
  for (let frame = 0; frame < 3; frame++) pool.reportBacklog();
  await delay(300);
  assert.deepEqual([pool.threads, pool.parallel], [1, 1], "a slow start is no reason");
  for (let frame = 0; frame < 100; frame++) pool.reportBacklog();
  await delay(300);
  for (let frame = 0; frame < 100; frame++) pool.reportBacklog();
  await delay(300);
  assert.deepEqual([pool.threads, pool.parallel], [2, 2]);
});

Deno.test("a frame that waits now and then adds no thread", async () => {
  await using pool = await startPool(CASCADE, SETTINGS, { threads: 2 });
  const plane = noise(32, 32, 1);
  for (let wait = 0; wait < 20; wait++) {
    pool.reportBacklog();
    for (let search = 0; search < 20; search++) await pool.detect(plane, "all");
  }
  await delay(300);
  assert.equal(pool.threads, 1);
});
