/**
 * bench:preview: what the aiming page costs the detector while nobody looks, and while somebody does. Runs of a detector
 * over a clip alternate: without the page, with it, and with a viewer that asks for pictures. Then the rare looks that
 * count too small faces while nobody looks.
 */
import { asset } from "../lib/assets.ts";
import { searchPlaneOf } from "../lib/detection/search_plane.ts";
import type { Picture } from "../lib/image/crop.ts";
import type { Frame, Size } from "../lib/image/frame.ts";
import { decodePng } from "../lib/image/png.ts";
import { startWiderDetection } from "../lib/wiring/detection.ts";
import { openPreview } from "../lib/wiring/preview_settings.ts";
import { addSearchMetrics, type SelectableFrame } from "../lib/wiring/search.ts";
import { intervalAfter } from "../lib/wiring/sampled_looks.ts";
import { openSelector } from "../lib/wiring/selection.ts";
import { Health } from "../lib/health/health.ts";
import { openLog } from "../lib/log.ts";
import { readSettings } from "../lib/settings/read.ts";
import { TempFolder } from "../lib/testing/temp_folder.ts";
import { RunningProgram } from "../test/servers/run_program.ts";
import { detector } from "../workers/detector.ts";
import { EndedCpu } from "./resources.ts";
import { median, numberOf, openClip, partsWith, readArguments, runBench } from "./run_bench.ts";

const USAGE = "deno task bench:preview [CLIP] [--rounds 5]";
/** Limit of the cost while nobody looks, as a share of the detector's CPU time. */
const MAX_IDLE_SHARE = 0.01;
const CALLS = 200_000;
const LOOKS = 20;

const MODES = {
  without: { args: [], isWatched: false },
  idle: { args: ["--preview", "127.0.0.1:0"], isWatched: false },
  watched: { args: ["--preview", "127.0.0.1:0"], isWatched: true },
} as const;
type Mode = keyof typeof MODES;

async function bench(): Promise<boolean> {
  const { clip: given, values } = readArguments({ rounds: { type: "string", default: "5" } }, USAGE);
  partsWith("ffmpeg");
  await using clip = await openClip(given);
  const rounds = numberOf("--rounds", values.rounds, 1);
  const cpu = new EndedCpu();
  const runs = new Map<Mode, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const mode of Object.keys(MODES) as Mode[]) {
      const msPerFrame = await run(clip.path, mode, cpu);
      runs.set(mode, [...runs.get(mode) ?? [], msPerFrame]);
    }
  }
  for (const [mode, times] of runs) {
    const ratios = times.map((time, round) => time / runs.get("without")![round]);
    console.log(`${mode}: cpu_ms_per_frame=${median(times).toFixed(2)} ratio=${median(ratios).toFixed(3)}`);
  }
  const idleUs = await idleCost();
  const share = idleUs / 1000 / median(runs.get("without")!);
  console.log(
    `preview idle_us_per_frame=${idleUs.toFixed(3)} idle_share=${(share * 100).toFixed(4)}% limit=1%`,
  );
  return await looksShare() < MAX_IDLE_SHARE && share < MAX_IDLE_SHARE;
}

/** The largest share of a processor that rare looks take. */
async function looksShare(): Promise<number> {
  const portrait = decodePng(await Deno.readFile(asset("lib/camera/sample/astronaut.png")));
  const shares: number[] = [];
  for (const engine of ["haar", "yunet"]) {
    const settings = readSettings("detector", detector.settings, { args: ["--engine", engine], env: {} });
    for (const size of [{ width: 640, height: 480 }, { width: 1920, height: 1080 }]) {
      await using wider = await startWiderDetection(settings);
      const frame = { ...tiled(portrait, size), capturedMs: 0, sourceTimeMs: 0 };
      const times: number[] = [];
      for (let look = 0; look < LOOKS; look++) {
        const beganMs = performance.now();
        await wider.detect(searchPlaneOf(frame, wider), "all");
        times.push(performance.now() - beganMs);
      }
      const [ms, share] = [median(times), median(times) / intervalAfter(median(times))];
      shares.push(share);
      console.log(
        `look engine=${engine} size=${size.width}x${size.height} ms=${ms.toFixed(1)} ` +
          `interval_s=${(intervalAfter(ms) / 1000).toFixed(0)} share=${(share * 100).toFixed(2)}% limit=1%`,
      );
    }
  }
  return Math.max(...shares);
}

/** A frame full of copies of a picture. */
function tiled({ width, height, rgb }: Picture, size: Size): Pick<Frame, "width" | "height" | "pixels"> {
  const tiles = new Uint8Array(size.width * size.height * 3);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x += width) {
      const from = (y % height) * width * 3;
      const row = rgb.subarray(from, from + Math.min(width, size.width - x) * 3);
      tiles.set(row, (y * size.width + x) * 3);
    }
  }
  return { ...size, pixels: { kind: "rgb24", rgb: tiles } };
}

/** CPU milliseconds of a detector per frame of the clip, its start included. */
async function run(path: string, mode: Mode, cpu: EndedCpu): Promise<number> {
  const { args, isWatched } = MODES[mode];
  using folder = new TempFolder();
  const program = new RunningProgram("detector", [
    ...["--source", path, "--once", "--out", folder.path, "--faces", "best", "--motion", "region"],
    ...args,
  ]);
  const ended = program.end;
  if (isWatched) await watch(program, ended);
  const { stderr } = await ended;
  const frames = Number(/done frames=(\d+)/.exec(stderr)?.[1]);
  return cpu.charge(mode) / frames;
}

/** Asks for pictures as an open page does. */
async function watch(program: RunningProgram, ended: Promise<unknown>): Promise<void> {
  const [, url] = await program.printed(/aiming page of \S+ at (http:\S+)/);
  let isOver = false;
  void ended.then(() => isOver = true);
  for (let after = 0; !isOver;) {
    try {
      const { number } = await (await fetch(`${url}api/view?after=${after}`)).json();
      if (number > 0) await (await fetch(`${url}picture.jpg?number=${number}`)).bytes();
      after = number;
    } catch {
      return; // The detector has ended.
    }
  }
}

/** Microseconds that a frame costs while nobody looks. */
async function idleCost(): Promise<number> {
  const settings = readSettings("detector", detector.settings, {
    args: ["--preview", "127.0.0.1:0"],
    env: {},
  });
  const health = new Health();
  const camera = health.component("camera");
  const log = openLog("bench", { level: "warning", format: "text" });
  const metrics = addSearchMetrics(health, camera);
  const signal = new AbortController().signal;
  await using page = (await openPreview(settings, { signal, log, health, metrics, camera }))!;
  page.begin(settings, { width: 24, height: 24 });
  const selector = await openSelector(settings, { name: "", live: false, frames: async function* () {} });
  const pixels = { kind: "rgb24" as const, rgb: new Uint8Array(3) };
  const frame = { width: 1, height: 1, pixels, capturedMs: 0, sourceTimeMs: 0 };
  const result: SelectableFrame = {
    frame,
    boxes: [],
    detections: [],
    filtered: [],
    searched: "all",
    area: "all",
    isQuiet: false,
    searchMs: 1,
  };
  const times = Array.from({ length: 5 }, () => {
    const beganMs = performance.now();
    for (let call = 0; call < CALLS; call++) page.update(result, selector);
    return (performance.now() - beganMs) * 1000 / CALLS;
  });
  return median(times);
}

if (import.meta.main) await runBench("preview", bench);
