/**
 * bench:camera: what a camera of high resolution costs. A detector on its defaults reads cameras that send 30 frames a
 * second, or --rate, in a scene without people, with one who stands still, and with people who walk up. For MJPEG two ways
 * alternate: `all` decodes every frame at full size in one ffmpeg, as the detector does when ffmpeg has options; `new` is
 * the default.
 *
 * - CPU is that of the detector and its ffmpegs while they run, start excluded, for each frame that they take from the
 *   camera, also those that are not decoded. The camera is another process and not counted.
 * - The delay is that from the first frame with a person to the file of the face, after seconds without one.
 */
import { type CameraRun, runCamera } from "./camera_run.ts";
import {
  type CameraFormat,
  FORMATS,
  isMjpeg,
  RATE,
  SceneFolder,
  type SceneName,
  SCENES,
} from "./camera_scenes.ts";
import { MjpegCamera, type Play } from "./mjpeg_camera.ts";
import { givenClip, median, numberOf, partsWith, readArguments, runBench } from "./run_bench.ts";
import { Scratch } from "./scratch.ts";

const USAGE =
  "deno task bench:camera [CLIP] [--rounds 1] [--seconds 11] [--rate 30] [--only mjpeg_1080p|mjpeg_1080p_empty|delay] [--engine haar|yunet]";
/** A default of ffmpeg: it changes nothing, but options of ffmpeg may concern decoding, so every frame is decoded. */
const DECODE_ALL = ["--ffmpeg-options", "-probesize 5000000"];
const WAYS = { all: DECODE_ALL, new: [] } as const;
type Way = keyof typeof WAYS;
const WAY_NAMES = Object.keys(WAYS) as Way[];
/** The format whose cost is also measured for larger faces only. */
const COMMON = "mjpeg_1080p";
const MIN_SIZES = ["0", "48", "96"] as const;

/** Formats, appearances and gaps, in frames, of the delay. The gaps differ, as a fixed one could match the idle rate. */
const DELAY_FORMATS = ["mjpeg_720p", COMMON];
const APPEARANCES = 8;
const SEEN_FRAMES = RATE / 2;
const GAP_FRAMES = 4 * RATE;
const GAP_STEP = 7;
/** A face that is written later belongs to no appearance. */
const MAX_DELAY_MS = 2_000;

/** What is measured in both ways. */
interface Case {
  readonly format: CameraFormat;
  readonly scene: SceneName;
  readonly minSize: string;
}

type Figures = Record<string, string>;

async function bench(): Promise<boolean> {
  const { clip, values } = readArguments({
    rounds: { type: "string", default: "1" },
    seconds: { type: "string", default: "11" },
    rate: { type: "string", default: `${RATE}` },
    only: { type: "string", default: "" },
    engine: { type: "string", default: "haar" },
  }, USAGE);
  partsWith("ffmpeg");
  const rounds = numberOf("--rounds", values.rounds, 1);
  const seconds = numberOf("--seconds", values.seconds, 1);
  const rate = Math.min(RATE, numberOf("--rate", values.rate, 1));
  await using scratch = new Scratch();
  const scenes = new SceneFolder(await scratch.folder(), { clip: clip && givenClip(clip), rate });
  await using camera = new MjpegCamera(scenes.path, rate);
  const engine = ["--engine", values.engine];
  const runs = new Runs({ scenes, camera, seconds, rate, scratch, engine });
  const figures: Figures = {};
  let isRight = true;
  const defaults = new Map<string, number>();
  for (const one of casesOf(values.only)) {
    const found = await runs.compare(one, rounds);
    isRight &&= one.scene !== "moving" || found.faces.every((count) => count > 0);
    const base = `${one.format.name}_${one.scene}`;
    if (one.minSize === "0") defaults.set(base, found.all);
    const name = one.minSize === "0" ? base : `${base}_min${one.minSize}`;
    figures[`${name}_ms`] = found.new.toFixed(2);
    if (!isMjpeg(one.format)) continue;
    figures[`${name}_ratio`] = (found.new / found.all).toFixed(2);
    const before = defaults.get(base);
    if (one.minSize !== "0" && before) figures[`${name}_of_default`] = (found.new / before).toFixed(2);
  }
  for (const name of DELAY_FORMATS.filter((name) => "delay".includes(values.only) || name === values.only)) {
    Object.assign(figures, await runs.delays(FORMATS.find((format) => format.name === name)!));
  }
  console.log(`camera ${Object.entries(figures).map(([name, value]) => `${name}=${value}`).join(" ")}`);
  return isRight;
}

function casesOf(only: string): Case[] {
  return FORMATS.flatMap((format) =>
    SCENES.filter((scene) => ["", format.name, `${format.name}_${scene}`].includes(only)).flatMap((scene) =>
      (format.name === COMMON ? MIN_SIZES : ["0"]).map((minSize) => ({ format, scene, minSize }))
    )
  );
}

/** Runs of detectors at the cameras. */
class Runs {
  constructor(
    private readonly setup: {
      readonly scenes: SceneFolder;
      readonly camera: MjpegCamera;
      readonly seconds: number;
      readonly rate: number;
      readonly scratch: Scratch;
      readonly engine: readonly string[];
    },
  ) {}

  /** Both ways in turns, in reverse order in every second round; the only way of a format that is not MJPEG. */
  async compare({ format, scene, minSize }: Case, rounds: number) {
    const source = await this.#source(format, scene);
    const costs: Record<Way, CameraRun[]> = { all: [], new: [] };
    const ways = isMjpeg(format) ? WAY_NAMES : ["new"] as const;
    for (let round = 0; round < rounds; round++) {
      for (const way of round % 2 ? ways.toReversed() : ways) {
        const options = isMjpeg(format) ? WAYS[way] : [];
        const args = [...source, ...options, "--min-size", minSize, ...this.setup.engine];
        const sent = isMjpeg(format) ? () => this.setup.camera.sent() : undefined;
        costs[way].push(await runCamera(args, { ...this.setup, sent }));
      }
    }
    const name = `${format.name} ${scene}${minSize === "0" ? "" : ` --min-size ${minSize}`}`;
    for (const way of ways) console.log(`${name.padEnd(34)} ${way}  ${costLine(costs[way])}`);
    const middle = (way: Way) => costs[way].length ? median(costs[way].map(({ cpuMs }) => cpuMs)) : NaN;
    if (isMjpeg(format)) {
      const ratio = (middle("new") / middle("all")).toFixed(2);
      const frameKB = (await this.setup.scenes.frameKB(scene, format)).toFixed(0);
      console.log(`${name.padEnd(34)} ratio ${ratio}; ${frameKB} kB a frame`);
    }
    return { all: middle("all"), new: middle("new"), faces: ways.map((way) => costs[way][0].faces.length) };
  }

  async #source(format: CameraFormat, scene: SceneName): Promise<string[]> {
    const path = await this.setup.scenes.make(scene, format);
    // Without the end of the file, at which ffmpeg would be started again.
    if (!isMjpeg(format)) return ["--source", path, "--ffmpeg-options", "-stream_loop -1"];
    return ["--source", await this.setup.camera.address([[`${format.name}/${scene}`, 1e9]])];
  }

  /** The delay from the first frame with a person to the file of the face, in both ways. */
  async delays(format: CameraFormat): Promise<Figures> {
    const { scenes, camera, engine } = this.setup;
    for (const scene of ["empty", "still"] as const) await scenes.make(scene, format);
    const play: Play = Array.from({ length: APPEARANCES }, (_, at) =>
      [
        [`${format.name}/empty`, GAP_FRAMES + at * GAP_STEP],
        [`${format.name}/still`, SEEN_FRAMES],
      ] as const).flat();
    const source = ["--source", await camera.address(play), "--confirm", "1/1", ...engine];
    const seconds = play.reduce((sum, [, frames]) => sum + frames, 0) / RATE;
    const figures: Figures = {};
    for (const way of WAY_NAMES) {
      camera.takeStarts();
      const { faces } = await runCamera([...source, ...WAYS[way]], { ...this.setup, seconds });
      const seen = camera.takeStarts().filter(({ scene }) => scene.endsWith("still"));
      const delays = seen.flatMap(({ atMs }) => {
        const face = faces.find(({ writtenMs }) => writtenMs >= atMs && writtenMs < atMs + MAX_DELAY_MS);
        return face ? [face.writtenMs - atMs] : [];
      });
      const [middle, most] = [median(delays), Math.max(...delays)].map((ms) => ms.toFixed(0));
      const name = `${format.name} delay`.padEnd(34);
      console.log(`${name} ${way}  ${middle} ms, at most ${most} ms, ${delays.length}/${seen.length} seen`);
      figures[`${format.name}_delay_${way}_ms`] = middle;
    }
    return figures;
  }
}

function costLine(runs: readonly CameraRun[]): string {
  const middle = (figure: "cpuMs" | "ffmpegMs") => median(runs.map((run) => run[figure])).toFixed(2);
  const [{ faces, done }] = runs;
  const taken = runs.flatMap(({ taken }) => taken ?? []);
  const visits = new Set(faces.map(({ visit }) => visit)).size;
  const widest = (figure: "boxWidth" | "cropWidth") => Math.max(0, ...faces.map((face) => face[figure]));
  return [
    `${middle("cpuMs").padStart(6)} ms a frame, ${middle("ffmpegMs").padStart(5)} of it ffmpeg`,
    `${faces.length} faces of ${visits} visits, box ${widest("boxWidth")} px, crop ${widest("cropWidth")} px`,
    ...(taken.length > 0 ? [`${(100 * Math.min(...taken)).toFixed(0)} % of the frames taken`] : []),
    done,
  ].join("; ");
}

await runBench("camera", bench);
