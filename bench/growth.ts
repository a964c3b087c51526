/**
 * bench:growth: measures how the cost of detection depends on the size of the frame, the number of faces in view, the number
 * of threads and the number of cameras on one board. Frames are made from the sample picture.
 */
import { SearchArea } from "../lib/detection/search_area.ts";
import { inProject } from "../lib/testing/files.ts";
import { type Plane, readPlane, scaled } from "../lib/testing/planes.ts";
import { type Pool, startPool } from "../lib/detection/pool.ts";
import { cascadeFile } from "../lib/haar/shipped_cascade.ts";
import type { Frame } from "../lib/image/frame.ts";
import { delay } from "../lib/async/delay.ts";
import { programCommand, RunningProgram } from "../test/servers/run_program.ts";
import { EndedCpu, PeakMemory } from "./resources.ts";
import { median, numberOf, openClip, partsWith, readArguments, runBench } from "./run_bench.ts";

const CASCADE = cascadeFile("haarcascade_frontalface_default.xml");
const SETTINGS = { scaleFactor: 1.1, minNeighbors: 5, minSize: 30, maxSize: 0 };
const SIZES = [[320, 240], [640, 480], [1280, 720], [1920, 1080], [3840, 2160]];
const USAGE = "deno task bench:growth [CLIP] [--rounds 9] [--seconds 10]";
const THREADS = [1, 2, 4];
const CAMERAS = [1, 2, 4];

async function bench(): Promise<boolean> {
  const { clip: given, values } = readArguments({
    "rounds": { type: "string", default: "9" },
    "seconds": { type: "string", default: "10" },
  }, USAGE);
  const rounds = numberOf("--rounds", values.rounds, 1);
  partsWith("ffmpeg");
  await using opened = await openClip(given);
  const clip = opened.path;
  const portrait = await readPlane(inProject("lib/camera/sample/astronaut.png"));

  console.log(`1.1/5/30, medians of ${rounds}; ${navigator.hardwareConcurrency} processors`);
  await byPixels(portrait, rounds);
  await byFaces(portrait, rounds);
  const scaling = await byThreads(portrait, rounds);
  stillScene(portrait);
  await byCameras(clip, numberOf("--seconds", values.seconds, 1));
  console.log(`growth ${scaling}`);
  return true;
}

async function byPixels(portrait: Plane, rounds: number): Promise<void> {
  console.log("\npixels: one thread");
  for (const [width, height] of SIZES) {
    await using pool = await poolOf(1, false);
    const plane = scaled(portrait, width, height);
    const ms = await oneByOne(pool, plane, rounds);
    const nanoseconds = 1e6 * ms / (width * height);
    console.log(
      `  ${`${width}x${height}`.padEnd(10)} ${ms.toFixed(1).padStart(6)} ms, ${
        nanoseconds.toFixed(1)
      } ns per pixel`,
    );
  }
}

async function byFaces(portrait: Plane, rounds: number): Promise<void> {
  console.log("\nfaces in view: 1280x720, one thread");
  await using pool = await poolOf(1, false);
  for (const faces of [0, 1, 2, 5, 10]) {
    const plane = crowd(portrait, faces);
    const found = (await pool.detect(plane, "all")).length;
    const ms = await oneByOne(pool, plane, rounds);
    console.log(`  ${String(faces).padStart(2)} portraits (${found} found) ${ms.toFixed(1).padStart(6)} ms`);
  }
}

/** Returns the figures for the last line. */
async function byThreads(portrait: Plane, rounds: number): Promise<string> {
  console.log("\nthreads: 1280x720; split: threads share one frame; each: one frame per thread");
  const plane = scaled(portrait, 1280, 720);
  const pools = [];
  for (const threads of THREADS) {
    pools.push({ threads, split: await poolOf(threads, true), each: await poolOf(threads, false) });
  }
  // The pools take turns, so that other load on the machine affects all of them.
  const times = pools.map(() => ({ split: [] as number[], each: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, { threads, split, each }] of pools.entries()) {
      times[index].split.push(await timed(() => split.detect(plane, "all")));
      const frames = Array.from({ length: 2 * threads });
      const ms = await timed(() => Promise.all(frames.map(() => each.detect(plane, "all"))));
      times[index].each.push(ms / frames.length);
    }
  }
  const figures = pools.map(({ threads }, index) => {
    const faster = (kind: "split" | "each") => median(times[0][kind]) / median(times[index][kind]);
    console.log(
      `  ${threads}: split ${median(times[index].split).toFixed(1).padStart(6)} ms (${
        faster("split").toFixed(2)
      }x)` +
        `  each ${median(times[index].each).toFixed(1).padStart(6)} ms per frame (${
          faster("each").toFixed(2)
        }x)`,
    );
    return `split${threads}=${faster("split").toFixed(2)} each${threads}=${faster("each").toFixed(2)}`;
  });
  for (const { split, each } of pools) {
    await Promise.all([split, each].map((pool) => pool[Symbol.asyncDispose]()));
  }
  return figures.join(" ");
}

/** The cost of the motion check when nothing moves. */
function stillScene(portrait: Plane): void {
  console.log("\nstill scene: the motion check, one thread");
  for (const [width, height] of SIZES) {
    const { gray } = scaled(portrait, width, height);
    const chroma = new Uint8Array(width * height / 4);
    const pixels = { kind: "yuv420", y: gray, u: chroma, v: chroma, fullRange: true } as const;
    const frame: Frame = { width, height, pixels, capturedMs: 0, sourceTimeMs: 0 };
    const area = new SearchArea("region", 0);
    const times = Array.from({ length: 200 }, () => {
      const startedMs = performance.now();
      area.of(frame);
      return performance.now() - startedMs;
    });
    console.log(`  ${`${width}x${height}`.padEnd(10)} ${median(times).toFixed(3)} ms per frame`);
  }
}

async function byCameras(clip: string, seconds: number): Promise<void> {
  console.log(
    `\ncameras on one board: a detector each, a clip in real time for ${seconds} s, defaults otherwise`,
  );
  for (const cameras of CAMERAS) {
    const out = await Deno.makeTempDir({ prefix: "bench-" });
    const cpu = new EndedCpu();
    const args = ["--source", clip, "--realtime", "--out", out, "--faces", "best", "--motion", "region"];
    const programs = Array.from(
      { length: cameras },
      (_, index) =>
        new RunningProgram("detector", [...args, "--camera", `camera${index}`], {
          command: programCommand("detector"),
        }),
    );
    using memory = new PeakMemory(Object.fromEntries(programs.map(({ pid }, index) => [index, () => pid])));
    await delay(seconds * 1000);
    for (const program of programs) program.signal("SIGTERM");
    const ends = await Promise.all(programs.map((program) => program.ended()));
    const cost = cpu.charge("all") / seconds / cameras;
    const counts = ends.map(({ stderr }) =>
      [/frames=(\d+) skipped=(\d+)/.exec(stderr)].map((match) => match?.slice(1).map(Number) ?? [0, 0])[0]
    );
    const [frames, skipped] = [0, 1].map((at) => counts.reduce((sum, count) => sum + count[at], 0) / cameras);
    const peaks = [...memory.peakMb.values()].map((mb) => mb.toFixed(0)).join(", ");
    console.log(
      `  ${cameras}: each ${(cost / 10).toFixed(0)} % of a processor with start and ffmpeg, ${
        (frames / seconds).toFixed(1)
      } frames/s, ` +
        `${(skipped / seconds).toFixed(1)} skipped; ${peaks} MB`,
    );
    await Deno.remove(out, { recursive: true });
  }
}

/** A pool whose threads have all started. */
async function poolOf(threads: number, split: boolean): Promise<Pool> {
  const options = { ...SETTINGS, cascade: await Deno.readFile(CASCADE) };
  const pool = await startPool({ engine: "haar", options }, { threads, split });
  while (pool.threads < threads) await pool.grow();
  return pool;
}

async function oneByOne(pool: Pool, plane: Plane, rounds: number): Promise<number> {
  const detect = () => pool.detect(plane, "all");
  for (let warmUp = 0; warmUp < 3; warmUp++) await detect();
  const times = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(detect));
  return median(times);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** A gray frame with `faces` portraits in two rows of five. */
function crowd(portrait: Plane, faces: number): Plane {
  const [width, height, side] = [1280, 720, 240];
  const gray = new Uint8Array(width * height).fill(128);
  const small = scaled(portrait, side, side);
  for (let face = 0; face < faces; face++) {
    const left = face % 5 * side;
    const top = face < 5 ? 60 : 400;
    for (let row = 0; row < side; row++) {
      gray.set(small.gray.subarray(row * side, (row + 1) * side), (top + row) * width + left);
    }
  }
  return { gray, width, height };
}

await runBench("growth", bench);
