/** Both Haar engines: the face of a picture in real threads, the smallest face, what a cascade file must be. */
import assert from "node:assert/strict";
import { asset } from "../../assets.ts";
import { ConfigError, FatalError } from "../../errors.ts";
import { fullRange } from "../../image/frame.ts";
import { noise, readPlane, scaled } from "../../testing/planes.ts";
import { cascadeFile } from "../../haar/shipped_cascade.ts";
import { loadEngine } from "../engines.ts";
import { type Pool, type PoolOptions, startPool } from "../pool.ts";
import type { CascadeOptions } from "./cascade_config.ts";
import { inFullSuite } from "../../testing/skip.ts";

const CASCADE = await Deno.readFile(cascadeFile("haarcascade_frontalface_default.xml"));
const PICTURE = await readPlane(asset("lib/camera/sample/astronaut.png").pathname);
const OPTIONS: CascadeOptions = {
  cascade: CASCADE,
  scaleFactor: 1.1,
  minNeighbors: 3,
  minSize: 0,
  maxSize: 0,
};
const ENGINES = ["haar", "opencv"] as const;

type TestOptions = Partial<PoolOptions> & { readonly engine?: typeof ENGINES[number] };

/** A pool with all of its threads. */
async function fullPool({ engine = "haar", threads = 2, split }: TestOptions): Promise<Pool> {
  const pool = await startPool({ engine, options: OPTIONS }, { threads, split });
  while (pool.threads < threads) await pool.grow();
  return pool;
}

const positions = (boxes: { x: number; y: number; width: number; height: number }[]) =>
  boxes.map(({ x, y, width, height }) => [x, y, width, height].join(" ")).sort();

Deno.test(
  "a frame split over threads has the faces of a frame searched by one, in the same order",
  inFullSuite(),
  async () => {
    const planes = [PICTURE, scaled(PICTURE, 800, 600), noise(97, 61, 5), noise(10, 10, 5)];
    const detectEach = async (options: TestOptions) => {
      await using pool = await fullPool(options);
      const found = [];
      for (const plane of planes) found.push(await pool.detect(plane, "all"));
      return found;
    };
    const whole = await detectEach({ threads: 1, split: false });
    for (const threads of [1, 2, 3]) {
      assert.deepEqual(await detectEach({ threads, split: true }), whole, `${threads} threads`);
    }
  },
);

for (const engine of ENGINES) {
  Deno.test(`only the regions are searched (${engine})`, inFullSuite(), async () => {
    const around = { x: 120, y: 20, width: 220, height: 200 };
    const elsewhere = { x: 300, y: 250, width: 200, height: 200 };
    for (const split of [true, false]) {
      await using pool = await fullPool({ engine, split });
      const [face, ...others] = await pool.detect(PICTURE, [elsewhere, around]);
      assert.deepEqual([others, await pool.detect(PICTURE, [elsewhere])], [[], []]);
      assert.ok(Math.abs(face.x - 177) < 8 && Math.abs(face.y - 66) < 8, "in pixels of the frame");
    }
  });

  Deno.test(
    `a plane in limited range is stretched, whole and in regions (${engine})`,
    inFullSuite(),
    async () => {
      const limited = {
        ...PICTURE,
        gray: PICTURE.gray.map((value) => 16 + Math.round(value * 219 / 255)),
        limitedRange: true,
      };
      const stretched = { ...PICTURE, gray: fullRange(limited).slice() };
      await using pool = await fullPool({ engine, threads: 1 });
      for (const area of ["all", [{ x: 100, y: 3, width: 233, height: 241 }]] as const) {
        const expected = await pool.detect(stretched, area);
        assert.equal(expected.length, 1);
        assert.deepEqual(await pool.detect(limited, area), expected);
      }
    },
  );

  Deno.test(
    `planes of several sizes are searched at once, each with its own faces (${engine})`,
    inFullSuite(),
    async () => {
      await using pool = await fullPool({ engine });
      const planes = [
        PICTURE,
        scaled(PICTURE, 300, 300),
        noise(64, 48, 1),
        PICTURE,
        scaled(PICTURE, 300, 300),
      ];
      const found = await Promise.all(planes.map((plane) => pool.detect(plane, "all")));
      assert.deepEqual(found.map((boxes) => boxes.length), [1, 1, 0, 1, 1]);
      assert.deepEqual(positions(found[3]), positions(found[0]));
      assert.deepEqual(positions(found[4]), positions(found[1]));
    },
  );

  Deno.test(`a file without a cascade is a ConfigError, also across the thread (${engine})`, async () => {
    const options = { ...OPTIONS, cascade: new TextEncoder().encode("<html></html>") };
    await assert.rejects(startPool({ engine, options }, { threads: 2 }), ConfigError);
  });
}

Deno.test("the smallest face is the cascade's window or --min-size", async () => {
  const smallestOf = async (settings: { cascade?: string; minSize: number }) => {
    const all = { ...OPTIONS, cascade: "haarcascade_frontalface_default.xml", ...settings };
    const configs = ENGINES.map(async (engine) => (await loadEngine(engine)).configure(all));
    const [haar, opencv] = await Promise.all(configs);
    assert.deepEqual(haar.smallest, opencv.smallest);
    return haar.smallest;
  };
  assert.deepEqual(await smallestOf({ minSize: 0 }), { width: 24, height: 24 });
  assert.deepEqual(await smallestOf({ minSize: 60 }), { width: 60, height: 60 });
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "<cascade><height>12</height><width>30</width></cascade>");
    assert.deepEqual(await smallestOf({ cascade: file, minSize: 20 }), { width: 30, height: 20 });
    await Deno.writeTextFile(file, "<cascade><size>\n 20 18</size></cascade>");
    assert.deepEqual(await smallestOf({ cascade: file, minSize: 0 }), { width: 20, height: 18 });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("an engine that fails in a search is a FatalError, which is shown without a stack trace", async () => {
  await using pool = await fullPool({ engine: "opencv", threads: 1 });
  const plane = { gray: new Uint8Array(1), width: 2 ** 16, height: 2 ** 15 }; // OpenCV cannot allocate 2 GiB.
  await assert.rejects(
    pool.detect(plane, "all"),
    (error: FatalError) => error instanceof FatalError && /^cannot search a frame/.test(error.message),
  );
});
