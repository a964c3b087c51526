/**
 * bench:detector: compares the detector program with native OpenCV in Python. Both do the same job on the same clip and take
 * turns. CPU time is that of the process tree with ffmpeg, from start to exit.
 *
 * - Where two processors are hyperthreads of one core, two concurrent threads are charged more CPU time for the same work.
 *   So the job is also done on one processor.
 * - A clip ends after seconds, a camera runs for months. So each program also runs for one frame, and the difference is the
 *   cost of a frame without the start.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cascadeFile } from "../lib/haar/shipped_cascade.ts";
import { ConfigError, FatalError } from "../lib/errors.ts";
import { readFace } from "../lib/face/face_file.ts";
import { filesIn } from "../lib/testing/files.ts";
import { programCommand, RunningProgram } from "../test/servers/run_program.ts";
import { EndedCpu, PeakMemory } from "./resources.ts";
import { type FrameBoxes, nearlySameSet, sameSet, searchHere } from "./frame_boxes.ts";
import { median, numberOf, openClip, partsWith, readArguments, runBench } from "./run_bench.ts";
import { emptyFiles, Scratch } from "./scratch.ts";
import { openCvWithYuNet, YUNET_MODEL } from "./yunet_contenders.ts";

const CASCADE = fileURLToPath(cascadeFile("haarcascade_frontalface_default.xml"));
const NATIVE = join(import.meta.dirname!, "native_opencv.py");
const USAGE =
  "deno task bench:detector [CLIP] [--rounds 3] [--size WxH] [--scale-factor 1.3] [--min-neighbors 5] [--min-size 0] [--engine haar|yunet]";
/** Ends ffmpeg after the first frame: measures the cost of the start. */
const ONE_FRAME = "--ffmpeg-options=-t 0.001";

/** A program under comparison. */
interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
}

/** The cost of one run. */
interface Cost {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

/** The cost of a clip, and of a run with one frame. */
interface ClipCost {
  readonly clip: Cost;
  readonly start: Cost;
}

/** The medians of all rounds, and the minimum. */
interface Summary extends ClipCost {
  readonly minCpuMs: number;
}

async function bench(): Promise<boolean> {
  const { clip: given, values } = readArguments({
    "rounds": { type: "string", default: "3" },
    "size": { type: "string" },
    "scale-factor": { type: "string", default: "1.3" },
    "min-neighbors": { type: "string", default: "5" },
    "min-size": { type: "string", default: "0" },
    "engine": { type: "string", default: "haar" },
  }, USAGE);
  const isYuNet = values.engine === "yunet";
  if (!isYuNet && values.engine !== "haar") {
    throw new ConfigError(`--engine is "${values.engine}": should be haar or yunet`, `run ${USAGE}`);
  }
  const rounds = numberOf("--rounds", values.rounds, 1);
  const settings = {
    scaleFactor: numberOf("--scale-factor", values["scale-factor"], 1.01),
    minNeighbors: numberOf("--min-neighbors", values["min-neighbors"], 0),
    minSize: numberOf("--min-size", values["min-size"], 0),
    maxSize: 0,
  };
  const { python } = partsWith("ffmpeg", "python");
  await using opened = await openClip(given);
  const clip = opened.path;
  const search = isYuNet ? ["min-size"] as const : ["scale-factor", "min-neighbors", "min-size"] as const;
  const args = ["--source", clip, "--once"].concat(
    search.flatMap((name) => [`--${name}`, values[name]]),
    values.size ? ["--size", values.size] : [],
  );
  const command = programCommand("detector");
  const engine = ["--engine", values.engine];
  const every = [...args, "--faces", "every"];
  const ours = { name: "ours", command, args: [...every, ...engine] };
  const wasm = { name: "opencv-wasm", command, args: [...every, "--engine", "opencv"] };
  const usual = {
    name: "ours as usual",
    command,
    args: [...args, ...engine, "--faces", "best", "--motion", "region"],
  };
  const native = isYuNet ? nativeYuNet(args) : {
    name: "native",
    command: [python, NATIVE],
    args: [...args, "--cascade", CASCADE],
  };

  await using scratch = new Scratch();
  const here = await searchHere(clip, isYuNet ? "yunet" : "haar", settings, CASCADE, values.size);
  const there = await boxesOfNative(native);
  await checkFaces(ours, here, await scratch.folder());
  const frames = there.length;
  console.log(
    `${clip}: ${frames} frames, ${there.flat().length} faces, ${
      search.map((name) => `${name} ${values[name]}`).join(", ")
    }; ${rounds} rounds`,
  );

  const alone = [ours, usual, native].map(onOneProcessor);
  const peers = isYuNet ? [native, oneThread(native)] : [oneThread(wasm), native, oneThread(native)];
  const contenders = [ours, oneThread(ours), usual, ...peers, ...alone];
  const summaries = await compare(contenders, rounds, frames, scratch);
  const isSame = isYuNet ? nearlySameSet : sameSet;
  const equal = there.filter((boxes, index) => isSame(boxes, here[index])).length;
  const compared = Math.max(frames, here.length);
  const fields = {
    ...ratiosOf(summaries, frames, { ours, usual, native, alone }),
    boxes_equal: `${equal}/${compared}`,
  };
  console.log(`detector ${Object.entries(fields).map(([name, value]) => `${name}=${value}`).join(" ")}`);
  // FaceDetectorYN gets colours that were rounded to bytes: a face near the minimum score may differ.
  return isYuNet || equal === compared;
}

/** FaceDetectorYN in the Python that has it. */
function nativeYuNet(args: readonly string[]): Contender {
  const { python, path } = openCvWithYuNet();
  const command = ["env", `PYTHONPATH=${path}`, python, NATIVE];
  return { name: "native", command, args: [...args, "--model", YUNET_MODEL] };
}

/** The figures of the last line. */
function ratiosOf(
  summaries: ReadonlyMap<string, Summary>,
  frames: number,
  { ours, usual, native, alone: [oursAlone, usualAlone, nativeAlone] }: {
    ours: Contender;
    usual: Contender;
    native: Contender;
    alone: readonly Contender[];
  },
) {
  const ratio = (one: Contender, other: Contender, figure = ({ clip }: Summary) => clip.cpuMs) =>
    (figure(summaries.get(one.name)!) / figure(summaries.get(other.name)!)).toFixed(2);
  const msPerFrame = ({ name }: Contender) => (summaries.get(name)!.clip.cpuMs / frames).toFixed(2);
  return {
    ours_cpu_ms: msPerFrame(ours),
    native_cpu_ms: msPerFrame(native),
    ratio: ratio(ours, native),
    ratio_usual: ratio(usual, native),
    ratio_one_processor: ratio(oursAlone, nativeAlone),
    ratio_usual_one_processor: ratio(usualAlone, nativeAlone),
    fastest_one_processor: ratio(oursAlone, nativeAlone, ({ minCpuMs }) => minCpuMs),
    running: ratio(ours, native, runningCpuMs),
    running_usual: ratio(usual, native, runningCpuMs),
    running_one_processor: ratio(oursAlone, nativeAlone, runningCpuMs),
    running_usual_one_processor: ratio(usualAlone, nativeAlone, runningCpuMs),
  };
}

function oneThread({ name, command, args }: Contender): Contender {
  return { name: `${name}, 1 thread`, command, args: [...args, "--threads", "1"] };
}

function onOneProcessor({ name, command, args }: Contender): Contender {
  const [, first] = Deno.readTextFileSync("/proc/self/status").match(/^Cpus_allowed_list:\s*(\d+)/m)!;
  return { name: `${name}, alone`, command: ["taskset", "--cpu-list", first, ...command], args };
}

/** Runs all contenders in turns, in reverse order in every second round, and prints the medians. */
async function compare(
  contenders: readonly Contender[],
  rounds: number,
  frames: number,
  scratch: Scratch,
): Promise<Map<string, Summary>> {
  const costs = new Map(contenders.map(({ name }) => [name, [] as ClipCost[]]));
  for (let round = 1; round <= rounds; round++) {
    for (const contender of round % 2 ? contenders : contenders.toReversed()) {
      const start = await run({ ...contender, args: [...contender.args, ONE_FRAME] }, scratch);
      const cost = { clip: await run(contender, scratch), start };
      costs.get(contender.name)!.push(cost);
      console.log(`round ${round}  ${line(contender.name, cost, frames)}`);
    }
  }
  const summaries = new Map<string, Summary>();
  for (const [name, runs] of costs) {
    const clips = runs.map(({ clip }) => clip);
    const summary = {
      clip: medianOf(clips),
      start: medianOf(runs.map(({ start }) => start)),
      minCpuMs: Math.min(...clips.map(({ cpuMs }) => cpuMs)),
    };
    summaries.set(name, summary);
    console.log(`median   ${line(name, summary, frames)}`);
  }
  return summaries;
}

function medianOf(costs: readonly Cost[]): Cost {
  const middle = (figure: keyof Cost) => median(costs.map((cost) => cost[figure]));
  return { seconds: middle("seconds"), cpuMs: middle("cpuMs"), peakMb: middle("peakMb") };
}

/** CPU time of all frames but the first. */
function runningCpuMs({ clip, start }: ClipCost): number {
  return clip.cpuMs - start.cpuMs;
}

function line(name: string, cost: ClipCost, frames: number): string {
  const { clip, start } = cost;
  const figures = [
    `${(frames / clip.seconds).toFixed(1).padStart(6)} frames/s`,
    `${(clip.cpuMs / frames).toFixed(2).padStart(6)} CPU ms/frame`,
    `${(runningCpuMs(cost) / (frames - 1)).toFixed(2).padStart(6)} after the first`,
    `start and first frame ${start.seconds.toFixed(2)} s, ${start.cpuMs.toFixed(0).padStart(4)} ms of CPU`,
    `${clip.peakMb.toFixed(0).padStart(4)} MB peak (without ffmpeg)`,
  ];
  return `${name.padEnd(21)} ${figures.join("  ")}`;
}

/** Runs a contender once. */
async function run({ name, command, args }: Contender, scratch: Scratch): Promise<Cost> {
  const out = await scratch.folder();
  const cpu = new EndedCpu();
  const startedMs = performance.now();
  await using program = new RunningProgram(name, [...args, "--out", out], { command });
  using memory = new PeakMemory({ [name]: () => program.pid });
  await successOf(program);
  const seconds = (performance.now() - startedMs) / 1000;
  const cost = { seconds, cpuMs: cpu.charge(name), peakMb: memory.peakMb.get(name) ?? 0 };
  await emptyFiles(out);
  return cost;
}

/** The boxes that native OpenCV finds with one thread in the gray frames of ffmpeg. */
async function boxesOfNative({ name, command, args }: Contender): Promise<FrameBoxes[]> {
  await using program = new RunningProgram(name, [...args, "--boxes", "--threads", "1"], { command });
  const { boxes }: { boxes: number[][][] } = JSON.parse((await successOf(program)).stdout);
  return boxes.map((frame) => frame.map(String));
}

/** Runs the detector program and checks that its faces, in order of sequence, are the boxes found in this process. */
async function checkFaces(
  { name, command, args }: Contender,
  here: readonly FrameBoxes[],
  out: string,
): Promise<void> {
  await using program = new RunningProgram(name, [...args, "--out", out], { command });
  await successOf(program);
  const metadata = [];
  for await (const path of filesIn(out)) metadata.push(readFace(await Deno.readFile(path)).metadata!);
  metadata.sort((a, b) => a.sequence - b.sequence);
  const written = metadata.map(({ box: { x, y, width, height } }) => String([x, y, width, height]));
  if (String(written) !== String(here.flat())) {
    throw new FatalError(
      `the detector program wrote ${written.length} faces that differ from the ${here.flat().length} of this process`,
    );
  }
}

async function successOf(program: RunningProgram) {
  const ended = await program.end;
  if (ended.code === 0) return ended;
  throw new FatalError(`${program.name} ended with code ${ended.code}:\n${ended.stderr.trim()}`);
}

await runBench("detector", bench);
