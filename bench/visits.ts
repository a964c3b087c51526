/**
 * bench:visits: compares the faces of the detector with the people in a clip. It passes clips with known visits (truth/)
 * through the parts of the detector in this process, once for each combination of flags.
 */
import { parseArgs } from "node:util";
import { ConfigError, messageOf } from "../lib/errors.ts";
import { visitSettings } from "../lib/wiring/selection.ts";
import { type KnownClip, mediaFolder, openKnownClips } from "./known_clips.ts";
import { answerBenchHelp, numberOf, runBench } from "./run_bench.ts";
import { openDetection, selectedFaces, settingsOf } from "./selected_faces.ts";
import { type Assigned, AssignedVisits } from "./visit_assignment.ts";
import { VisitScore } from "./visit_score.ts";
import { tellApart, type Told } from "./visit_sequences.ts";
import { type Stay, staysOf } from "./visit_stays.ts";

const YUNET = "--engine yunet";
/** The ways whose result is checked when every frame is read. */
const CHECKED = ["", YUNET];
const USAGE = 'deno task bench:visits [FOLDER] [--nth 6] [--way="--confirm 3/6 --eyes on"] [--way=...]';
/** Flags of the detector: the first are its defaults, the second select each detection of each frame. */
const WAYS = [
  "",
  "--faces every",
  YUNET,
  "--motion off",
  "--eyes on",
  "--faces every --eyes on",
  "--faces every --min-weight 3",
  "--confirm 1/1",
  "--confirm 3/6",
  "--confirm 5/10",
];

async function bench(): Promise<boolean> {
  const { folder, given, nth } = readFlags();
  const ways = [...WAYS, ...given];
  await using clips = await openKnownClips(folder, USAGE);
  const { known } = clips;
  for (const way of ways) settingsOf("clip", way);
  const scores: VisitScore[] = [];
  const wrong: string[] = [];
  for (const way of ways) {
    const score = new VisitScore();
    const assigned = new Map<string, Assigned>();
    for (const { truth, path } of known) {
      const visits = new AssignedVisits(truth, visitSettings(settingsOf(path, way)));
      score.add(truth, await selectedFaces(path, way, nth, (frame, found) => visits.add(frame, found)));
      visits.addTo(assigned);
    }
    console.log(line(way, score));
    if (score.claimed > 0) console.log(assignedLines(assigned));
    scores.push(score);
    if (CHECKED.includes(way) && nth === 1) wrong.push(...faultsOf(way, score, assigned));
  }
  for (const way of ["", YUNET, ...given]) await benchSequences(known, way);
  const [best, every] = scores;
  for (const missed of best.missed) console.log(`missed by default: ${missed}`);
  console.log(
    `visits clips=${known.length} truth=${best.truth} found=${best.found} recall=${part(best.recall)} ` +
      `claimed=${best.claimed} right=${best.right} faces=${best.faces} nonfaces=${best.nonfaces} ` +
      `precision=${part(best.precision)} every_faces=${every.faces} every_precision=${part(every.precision)}`,
  );
  for (const fault of wrong) console.log(`wrong: ${fault}`);
  return wrong.length === 0;
}

/** What must not be: merged and split visits at any rate; with the network also missed people and faces of nobody. */
function faultsOf(way: string, score: VisitScore, assigned: ReadonlyMap<string, Assigned>): string[] {
  const name = way || "(default)";
  const missed = way === YUNET ? [...score.missed, ...score.wrong] : [];
  return [
    ...missed.map((one) => `${name}: ${one}`),
    ...Array.from(assigned).filter(([, { merged, split }]) => merged + split > 0)
      .map(([rate, { merged, split }]) => `${name}, ${rate}: ${merged} merged, ${split} split`),
  ];
}

/** Puts the people of the clips together in other orders, and prints how many of them are told apart. */
async function benchSequences(known: readonly KnownClip[], way: string): Promise<void> {
  const stays: Stay[] = [];
  for (const { truth, path } of known) {
    const { camera, detector } = await openDetection(path, way);
    await using search = detector;
    stays.push(...await staysOf(truth, camera, search));
  }
  const people = new Set(stays.map(({ person }) => person));
  console.log(`sequences of ${people.size} people, ${way || "(default)"}: right/all (merged, split)`);
  const all: Told = { cases: 0, right: 0, merged: 0, split: 0 };
  for (const [condition, told] of tellApart(stays, visitSettings(settingsOf("clip", way)))) {
    console.log(`  ${condition}`);
    for (const [order, { cases, right, merged, split }] of told) {
      console.log(`    ${order.padEnd(34)} ${`${right}/${cases}`.padStart(9)}  (${merged}, ${split})`);
      all.cases += cases;
      all.right += right;
      all.merged += merged;
      all.split += split;
    }
  }
  console.log(
    `sequences way="${way}" cases=${all.cases} right=${all.right} merged=${all.merged} split=${all.split}`,
  );
}

function assignedLines(assigned: ReadonlyMap<string, Assigned>): string {
  return Array.from(
    assigned,
    ([rate, { truth, right, merged, split, nobody }]) =>
      `    ${rate.padEnd(20)} right ${right}/${truth}  merged ${merged}  split ${split}  of nobody ${nobody}`,
  ).join("\n");
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

function readFlags(): { folder?: string; given: string[]; nth: number } {
  answerBenchHelp(USAGE);
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
    return {
      folder: mediaFolder(positionals[0]),
      given: values.way,
      nth: numberOf("--nth", values.nth, 1),
    };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${USAGE}`);
  }
}

await runBench("visits", bench);
