/**
 * bench:faces: how many faces each engine finds under which conditions, how often it is wrong, and its CPU time. Portraits
 * are placed in frames by code (faces/); the clips with known visits pass through the parts of the detector.
 */
import { parseArgs } from "node:util";
import { ConfigError, messageOf } from "../lib/errors.ts";
import { decodePng } from "../lib/image/png.ts";
import { PICTURES } from "../test/media/corpus.ts";
import { emptyFrame, FRAME, Scene } from "./faces/compose.ts";
import { CONDITIONS } from "./faces/conditions.ts";
import { type Contender, count, countOf, measure, openContender, PRESETS } from "./faces/contenders.ts";
import { loadPortrait, PORTRAITS } from "./faces/portraits.ts";
import { clipFrames } from "./clip_frames.ts";
import { type KnownClip, mediaFolder, openKnownClips } from "./known_clips.ts";
import { answerBenchHelp, median, numberOf, runBench } from "./run_bench.ts";
import { selectedFaces } from "./selected_faces.ts";
import { VisitScore } from "./visit_score.ts";

const USAGE =
  'deno task bench:faces [FOLDER] [--scenes 20] [--way="--engine yunet --min-score 0.8"] [--way=...]';

/** The engine whose bars are checked, and the conditions under which it must find MIN_RECALL of the faces. */
const CHECKED = "yunet";
const CHECKED_CONDITIONS = ["tilt_30", "px_24", "dark_0.12", "sunglasses", "scarf"];
const MIN_RECALL = 0.95;

/** Frames without a face of each kind; a clip gives every second of its frames. */
const EMPTY_FRAMES = 50;
const MEASURED_FRAMES = 50;
const LABEL_WIDTH = 34;
const COLUMN_WIDTH = 13;

async function bench(): Promise<boolean> {
  const { folder, scenes, presets } = readFlags();
  const contenders: Contender[] = [];
  for (const preset of presets) contenders.push(await openContender(preset));
  for (const { name, flags } of contenders) console.log(`${name}: ${flags || "(default)"}`);
  await using clips = await openKnownClips(folder, USAGE);
  const { known } = clips;
  console.log(row("", contenders.map(({ name }) => name)));
  await searchPortraits(contenders, scenes);
  printRecall(contenders);
  await searchEmpty(contenders, known);
  console.log(row(`wrong in frames without a face`, contenders.map((each) => sum(each, isEmptyKey))));
  const visits = await visitScores(contenders, known);
  printVisits(contenders, visits);
  await measureCpu(contenders, known);
  printCpu(contenders);
  const isRight = check(contenders, visits);
  console.log(`faces ${figures(contenders, visits)}`);
  for (const { detector } of contenders) await detector[Symbol.asyncDispose]();
  return isRight;
}

/** Searches every scene of every portrait under every condition. */
async function searchPortraits(contenders: readonly Contender[], scenes: number): Promise<void> {
  for (const [index, portrait] of PORTRAITS.map(loadPortrait).entries()) {
    for (let nth = 0; nth < scenes; nth++) {
      const scene = new Scene(portrait, index * 1000 + nth);
      for (const condition of CONDITIONS) {
        const { plane, face } = scene.under(condition);
        for (const contender of contenders) await count(contender, condition.key, plane, face);
      }
    }
  }
}

const isEmptyKey = (key: string) => key.startsWith("empty");

/** Searches frames without a face: computed ones, parts of pictures, and the clip of people from behind. */
async function searchEmpty(contenders: readonly Contender[], known: readonly KnownClip[]): Promise<void> {
  const pictures = [PICTURES.ascent, PICTURES.coffee].map((path) => decodePng(Deno.readFileSync(path)));
  for (const picture of [undefined, ...pictures]) {
    for (let nth = 0; nth < EMPTY_FRAMES; nth++) {
      const plane = emptyFrame(picture, 10_000 + nth);
      for (const contender of contenders) await count(contender, "empty", plane);
    }
  }
  for (const { truth, path } of known) {
    if (truth.visits.length > 0) continue;
    for await (const plane of clipFrames(path, 2)) {
      for (const contender of contenders) await count(contender, "empty_clip", plane);
    }
  }
}

/** Contenders take turns on frames of the clips that have the size of a frame. */
async function measureCpu(contenders: readonly Contender[], known: readonly KnownClip[]): Promise<void> {
  for (const { truth: { width, height, frames }, path } of known) {
    if (width !== FRAME.width || height !== FRAME.height) continue;
    for await (const plane of clipFrames(path, Math.ceil(frames / MEASURED_FRAMES))) {
      for (const contender of contenders) await measure(contender, plane);
    }
  }
}

/** The visits that each contender finds in the known clips, as the detector selects its faces. */
async function visitScores(
  contenders: readonly Contender[],
  known: readonly KnownClip[],
): Promise<VisitScore[]> {
  const scores: VisitScore[] = [];
  for (const { flags } of contenders) {
    const score = new VisitScore();
    for (const { truth, path } of known) score.add(truth, await selectedFaces(path, flags, 1));
    scores.push(score);
  }
  return scores;
}

function printRecall(contenders: readonly Contender[]): void {
  for (const { key, label } of CONDITIONS) {
    console.log(row(label, contenders.map((contender) => percent(recallOf(contender, key)))));
  }
  const keys = CONDITIONS.map(({ key }) => key);
  const frames = keys.reduce((all, key) => all + countOf(contenders[0], key).frames, 0);
  console.log(
    row(`wrong beside ${frames} faces`, contenders.map((each) => sum(each, (key) => keys.includes(key)))),
  );
}

function printVisits(contenders: readonly Contender[], scores: readonly VisitScore[]): void {
  console.log(row("clips: people photographed", scores.map(({ found, truth }) => `${found}/${truth}`)));
  console.log(row("clips: pictures of nobody", scores.map(({ nonfaces }) => `${nonfaces}`)));
  for (const [index, { name }] of contenders.entries()) {
    for (const wrong of scores[index].wrong) console.log(`${name} shows nobody: ${wrong}`);
    if (name === CHECKED) {
      for (const missed of scores[index].missed) console.log(`${name} misses: ${missed}`);
    }
  }
}

function printCpu(contenders: readonly Contender[]): void {
  const costs = contenders.map(({ cpuMs }) => median(cpuMs));
  console.log(row("CPU, ms a frame of 640x480", costs.map((ms) => ms.toFixed(1))));
  console.log(row("CPU, relative", costs.map((ms) => (ms / costs[0]).toFixed(2))));
}

/** Whether the checked engine reaches its bars; prints those that it misses. */
function check(contenders: readonly Contender[], scores: readonly VisitScore[]): boolean {
  const index = contenders.findIndex(({ name }) => name === CHECKED);
  const { found, truth, nonfaces } = scores[index];
  const failures = CHECKED_CONDITIONS.filter((key) => recallOf(contenders[index], key) < MIN_RECALL)
    .map((key) => `${CHECKED} ${key}: ${percent(recallOf(contenders[index], key))}, should be 95 % or more`);
  if (found < truth) failures.push(`${CHECKED}: ${found} of ${truth} people, should be all`);
  if (nonfaces > 0) failures.push(`${CHECKED}: ${nonfaces} pictures of nobody, should be none`);
  for (const failure of failures) console.log(`FAILED ${failure}`);
  return failures.length === 0;
}

/** The last line of the output. */
function figures(contenders: readonly Contender[], scores: readonly VisitScore[]): string {
  const base = median(contenders[0].cpuMs);
  return contenders.flatMap((contender, index) => {
    const { name } = contender;
    const cpu = median(contender.cpuMs);
    return [
      ...CONDITIONS.map(({ key }) => `${name}_${key}=${recallOf(contender, key).toFixed(3)}`),
      `${name}_wrong=${sum(contender, isEmptyKey)}`,
      `${name}_people=${scores[index].found}/${scores[index].truth}`,
      `${name}_nobody=${scores[index].nonfaces}`,
      `${name}_cpu_ms=${cpu.toFixed(2)}`,
      `${name}_cpu_ratio=${(cpu / base).toFixed(2)}`,
    ];
  }).join(" ");
}

function recallOf(contender: Contender, key: string): number {
  const { found, frames } = countOf(contender, key);
  return found / frames;
}

/** Number of wrong detections under the keys. */
function sum({ counts }: Contender, isKey: (key: string) => boolean): string {
  const wrong = Array.from(counts).filter(([key]) => isKey(key)).reduce(
    (all, [, { wrong }]) => all + wrong,
    0,
  );
  return `${wrong}`;
}

function row(label: string, cells: readonly string[]): string {
  return label.padEnd(LABEL_WIDTH) + cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join("");
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

function readFlags() {
  answerBenchHelp(USAGE);
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options: {
        scenes: { type: "string", default: "20" },
        way: { type: "string", multiple: true, default: [] },
      },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new Error(`${positionals.length} folders are given: should be one`);
    const ways = values.way.map((flags, index) => ({ name: `way_${index + 1}`, flags }));
    return {
      folder: mediaFolder(positionals[0]),
      scenes: numberOf("--scenes", values.scenes, 1),
      presets: [...PRESETS, ...ways],
    };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${USAGE}`);
  }
}

await runBench("faces", bench);
