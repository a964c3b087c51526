/**
 * `./haarlem lab [edge|forwarder|cloud|saver]`: kills one hop of the pipeline while a clip runs, and prints how many
 * faces arrived: docs/HOMEWORK.md.
 */
import { makeClip } from "../media/make_clip.ts";
import type { Parts } from "../parts.ts";
import { type Hop, HOPS, type LabResult, runLab } from "./lab_run.ts";
import { answerHelp } from "../../lib/program/usage.ts";
import { missingFor, WAYS } from "./lab_ways.ts";

/** What every run needs. */
export const LAB_PARTS = ["mosquitto", "versitygw", "ffmpeg"] as const satisfies readonly (keyof Parts)[];

const WIDTHS = [26, 8, 8, 12, 8];
const USAGE = `./haarlem lab ${HOPS.join("|")}`;
const HEAD = ["programs", "faces", "lost", "overwritten", "stored"];

/** One line of the table. */
export interface LabRow {
  readonly name: string;
  /** Undefined where the programs cannot run here. */
  readonly result?: LabResult;
}

/** Runs each pipeline that this machine has the parts for, and prints a table. */
export async function lab(hop: Hop, print: (line: string) => void): Promise<LabRow[]> {
  await using clip = await makeClip("walkers");
  print(`killed and started again while faces arrive: ${hop}`);
  print(row(HEAD));
  const rows: LabRow[] = [];
  for (const way of WAYS) {
    const missing = missingFor(way);
    const result = missing === undefined ? await runLab(way, hop, clip.path) : undefined;
    rows.push({ name: way.name, result });
    if (!result) {
      print(`${way.name}: not run, since this machine has no ${missing}. Try: run ./haarlem setup`);
    } else {
      const { faces, lost, overwritten, stored } = result;
      print(row([way.name, ...[faces, lost, overwritten, stored].map(String)]));
    }
  }
  return rows;
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index])).join(
    "",
  );
}

if (import.meta.main) {
  answerHelp(`${USAGE}\nKills one part of the pipeline while a clip runs, and counts the faces that arrive.`);
  const [hop = "cloud", ...more] = Deno.args;
  const missing = missingFor({ parts: LAB_PARTS });
  if (!HOPS.includes(hop as Hop) || more.length > 0) {
    console.error(`lab: no hop "${Deno.args.join(" ")}"\nTry: run ${USAGE}`);
    Deno.exit(78);
  }
  if (missing !== undefined) {
    console.error(`lab: this machine has no ${missing}\nTry: run ./haarlem setup`);
    Deno.exit(78);
  }
  await lab(hop as Hop, console.log);
}
