/**
 * bench:visits: compares the faces of the detector with the people in a clip. It passes clips with known visits (truth/)
 * through the parts of the detector in this process, once for each combination of flags.
 */
import { join, resolve } from "node:path";
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import type { SelectedFace } from "../lib/detection/face_selection.ts";
import { detectFrames } from "../lib/detection/frame_pipeline.ts";
import { ConfigError, messageOf } from "../lib/errors.ts";
import { equalise } from "../lib/image/equalise.ts";
import type { Frame } from "../lib/image/frame.ts";
import { openSelector, passesFilter, SELECTION_SETTINGS } from "../lib/wiring/selection.ts";
import { DETECTION_SETTINGS, searchArea, startDetection } from "../lib/wiring/detection.ts";
import { openLog } from "../lib/log.ts";
import { readSettings } from "../lib/settings/read.ts";
import { openSource, SOURCE_SETTINGS } from "../lib/wiring/camera.ts";
import { CLIP_NAMES } from "../test/media/corpus.ts";
import { makeClip } from "../test/media/make_clip.ts";
import { MEDIA } from "../test/needs.ts";
import { numberOf, runBench } from "./run_bench.ts";
import { paintedTruth } from "./truth/painted.ts";
import { type ClipTruth, readTruths } from "./truth/truth.ts";
import { VisitScore } from "./visit_score.ts";

const USAGE = 'deno task bench:visits [FOLDER] [--nth 6] [--way="--confirm 3/6 --eyes on"] [--way=...]';
const SETTINGS = { ...SOURCE_SETTINGS, ...DETECTION_SETTINGS, ...SELECTION_SETTINGS };

/** Flags of the detector: the first are its defaults, the second select each detection of each frame. */
const WAYS = [
  "",
  "--faces every",
  "--motion off",
  "--eyes on",
  "--faces every --eyes on",
  "--faces every --min-weight 3",
  "--confirm 1/1",
  "--confirm 3/6",
  "--confirm 5/10",
];

async function bench(): Promise<boolean> {
  const { folder, ways, nth } = readFlags();
  await using clips = folder ? clipsIn(folder) : await clipsOfCorpus();
  const { known } = clips;
  for (const way of ways) settingsOf("clip", way);
  const scores: VisitScore[] = [];
  for (const way of ways) {
    const score = new VisitScore();
    for (const { truth, path } of known) score.add(truth, await selectedFaces(path, way, nth));
    console.log(line(way, score));
    scores.push(score);
  }
  const [best, every] = scores;
  for (const missed of best.missed) console.log(`missed by default: ${missed}`);
  console.log(
    `visits clips=${known.length} truth=${best.truth} found=${best.found} recall=${part(best.recall)} ` +
      `claimed=${best.claimed} right=${best.right} faces=${best.faces} nonfaces=${best.nonfaces} ` +
      `precision=${part(best.precision)} every_faces=${every.faces} every_precision=${part(every.precision)}`,
  );
  return true;
}

/** Clips with their visits. */
interface KnownClips extends AsyncDisposable {
  readonly known: readonly { readonly truth: ClipTruth; readonly path: string }[];
}

/** The clips of truth/ in a folder. Throws a ConfigError when one is missing or has other bytes. */
function clipsIn(folder: string): KnownClips {
  const known = readTruths().map((truth) => ({ truth, path: join(folder, truth.clip) }));
  for (const { truth, path } of known) checkClip(path, truth);
  return { known, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** The clips of test/media. */
async function clipsOfCorpus(): Promise<KnownClips> {
  const stack = new AsyncDisposableStack();
  const known = [];
  for (const name of CLIP_NAMES) {
    known.push({ truth: paintedTruth(name), path: stack.use(await makeClip(name)).path });
  }
  return { known, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Parses flags as the detector does. Throws a ConfigError for unknown ones. */
function settingsOf(clip: string, way: string) {
  const args = ["--source", clip, "--once", ...way.split(/\s+/).filter(Boolean)];
  return readSettings("detector", SETTINGS, { args, env: {} });
}

/** The faces that the detector selects from a clip with these flags; `capturedMs` is the time in the clip. */
async function selectedFaces(clip: string, way: string, nth: number): Promise<SelectedFace[]> {
  const settings = settingsOf(clip, way);
  const camera = await openSource(settings, openLog("bench:visits", { level: "warning", format: "text" }));
  const selector = await openSelector(settings, camera);
  const { detector } = await startDetection(settings, camera);
  await using search = detector;
  const frames = detectFrames(
    everyNth(camera.frames({ signal: new AbortController().signal }), nth),
    search,
    {
      live: camera.live,
      area: searchArea(settings, camera),
      onSkipped: () => {},
      prepare: settings.equalise ? equalise : undefined,
    },
  );
  const faces: SelectedFace[] = [];
  for await (const { frame, boxes } of frames) {
    const counted = boxes.filter((box) => passesFilter(box, settings));
    const timed: Frame = { ...frame, capturedMs: frame.sourceTimeMs };
    faces.push(...selector.update(timed, counted));
  }
  return [...faces, ...selector.flush()];
}

/** Every nth frame, as a slow board processes them. */
async function* everyNth(frames: AsyncIterable<Frame>, nth: number): AsyncGenerator<Frame> {
  let number = 0;
  for await (const frame of frames) {
    if (number++ % nth === 0) yield frame;
    else frame.release?.();
  }
}

function line(way: string, score: VisitScore): string {
  const { truth, found, claimed, right, faces, nonfaces } = score;
  const visits = claimed === 0
    ? "" // Without visits, each detection is a face.
    : `  visits told apart ${String(right).padStart(2)}, of ${claimed} claimed`;
  const each = ((faces - nonfaces) / Math.max(1, found)).toFixed(1);
  return `${(way || "(default)").padEnd(38)} faces ${String(faces).padStart(4)}  of nobody ${
    String(nonfaces).padStart(3)
  }  people ${found}/${truth}  faces each ${each.padStart(5)}${visits}`;
}

function part(value: number): string {
  return value.toFixed(3);
}

function readFlags(): { folder?: string; ways: string[]; nth: number } {
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options: {
        nth: { type: "string", default: "1" },
        way: { type: "string", multiple: true, default: [] },
      },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new Error(`${positionals.length} folders are given: should be one`);
    // `deno task` runs in the project's folder and sets INIT_CWD to the caller's folder.
    const given = positionals[0] && resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), positionals[0]);
    return { folder: given ?? MEDIA, ways: [...WAYS, ...values.way], nth: numberOf("--nth", values.nth, 1) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${USAGE}`);
  }
}

/** Checks that a clip is the file whose visits are known. Throws a ConfigError. */
function checkClip(path: string, { sha256 }: ClipTruth): void {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw new ConfigError(`cannot read "${path}": ${messageOf(error)}`, `run ${USAGE}`);
  }
  if (createHash("sha256").update(bytes).digest("hex") === sha256) return;
  throw new ConfigError(
    `cannot use "${path}": its SHA-256 differs from that of the clip with known visits`,
    "read bench/truth/README.md",
  );
}

await runBench("visits", bench);
