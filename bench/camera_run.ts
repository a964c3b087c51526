/** One measured run of a detector at a camera of bench:camera. */
import { readFace } from "../lib/face/face_file.ts";
import { FatalError } from "../lib/errors.ts";
import { delay } from "../lib/async/delay.ts";
import { filesIn } from "../lib/testing/files.ts";
import { RunningProgram } from "../test/servers/run_program.ts";
import { runningCpuMs } from "./resources.ts";
import type { Scratch } from "./scratch.ts";

/**
 * Time after the first frame until the cost is measured: the start, and what V8 compiles, which takes it more than a hundred
 * frames. A camera runs for months.
 */
const WARM_UP_MS = 10_000;
/** Settings as at a door, in place of those that tests have. */
const DEFAULTS = { HAARLEM_FACES: "best", HAARLEM_MOTION: "region" };

/** What a run shows. */
export interface CameraRun {
  /** CPU milliseconds of the detector and its ffmpegs, for each frame that they took from the camera. */
  readonly cpuMs: number;
  /** The share of the camera's frames that they took: below 1 when the machine was too busy. Not known for a clip. */
  readonly taken?: number;
  /** The part of the ffmpegs that still ran at the end. */
  readonly ffmpegMs: number;
  readonly faces: readonly SentFace[];
  /** The detector's own summary. */
  readonly done: string;
}

/** A face that the detector wrote. */
export interface SentFace {
  readonly writtenMs: number;
  readonly visit: number;
  readonly boxWidth: number;
  readonly cropWidth: number;
}

/**
 * Runs a detector for some seconds at a camera that sends `rate` frames a second. Throws a FatalError when it ends early.
 * @param options.sent the number of frames that were taken so far; for a clip at its own speed it is not known.
 */
export async function runCamera(
  args: readonly string[],
  { seconds, rate, scratch, sent }: {
    seconds: number;
    rate: number;
    scratch: Scratch;
    sent?: () => Promise<number>;
  },
): Promise<CameraRun> {
  const out = await scratch.folder();
  await using detector = new RunningProgram("detector", [...args, "--out", out], { env: DEFAULTS });
  await detector.printed(/first frame/);
  const ended = detector.end.then(({ stderr }) => {
    throw new FatalError(`the detector ended early:\n${stderr.trim()}`);
  });
  const sample = async () => ({
    ...runningCpuMs(detector.pid),
    atMs: performance.now(),
    sent: await sent?.() ?? performance.now() * rate / 1000,
  });
  const run = async () => {
    await delay(WARM_UP_MS);
    const before = await sample();
    await delay(seconds * 1000);
    return { before, after: await sample() };
  };
  const { before, after } = await Promise.race([run(), ended]);
  ended.catch(() => {});
  detector.signal("SIGTERM");
  const { stderr } = await detector.ended();
  const frames = after.sent - before.sent;
  const ffmpegMs = (after.children - before.children) / frames;
  return {
    cpuMs: (after.own - before.own) / frames + ffmpegMs,
    taken: sent && frames / ((after.atMs - before.atMs) * rate / 1000),
    ffmpegMs,
    faces: await facesIn(out),
    done: /done (.*)/.exec(stderr)?.[1] ?? "",
  };
}

async function facesIn(folder: string): Promise<SentFace[]> {
  const faces: SentFace[] = [];
  for await (const path of filesIn(folder)) {
    const { mtime } = await Deno.stat(path);
    const { visit, box, crop } = readFace(await Deno.readFile(path)).metadata!;
    faces.push({
      writtenMs: mtime!.getTime(),
      visit: visit?.number ?? 0,
      boxWidth: box.width,
      cropWidth: crop.width,
    });
  }
  return faces.sort((a, b) => a.writtenMs - b.writtenMs);
}
