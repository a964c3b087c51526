/** The clips with known visits: those of a folder (truth/), or those that test/media paints. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ConfigError, messageOf } from "../lib/errors.ts";
import { CLIP_NAMES } from "../test/media/corpus.ts";
import { makeClip } from "../test/media/make_clip.ts";
import { MEDIA } from "../test/needs.ts";
import { givenPath } from "./run_bench.ts";
import { paintedTruth } from "./truth/painted.ts";
import { type ClipTruth, readTruths } from "./truth/truth.ts";

/** A clip with its visits. */
export interface KnownClip {
  readonly truth: ClipTruth;
  readonly path: string;
}

export interface KnownClips extends AsyncDisposable {
  readonly known: readonly KnownClip[];
}

/** The folder of the known clips: the given one, or the one beside the project. */
export function mediaFolder(given: string | undefined): string | undefined {
  return given === undefined ? MEDIA : givenPath(given);
}

/** The known clips in a folder, or those of test/media. Throws a ConfigError when one is missing or has other bytes. */
export async function openKnownClips(folder: string | undefined, usage: string): Promise<KnownClips> {
  return folder ? clipsIn(folder, usage) : await clipsOfCorpus();
}

/** The clips of truth/ in a folder. */
function clipsIn(folder: string, usage: string): KnownClips {
  const known = readTruths().map((truth) => ({ truth, path: join(folder, truth.clip) }));
  for (const { truth, path } of known) checkClip(path, truth, usage);
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

/** Checks that a clip is the file whose visits are known. Throws a ConfigError. */
function checkClip(path: string, { sha256 }: ClipTruth, usage: string): void {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw new ConfigError(`cannot read "${path}": ${messageOf(error)}`, `run ${usage}`);
  }
  if (createHash("sha256").update(bytes).digest("hex") === sha256) return;
  throw new ConfigError(
    `cannot use "${path}": its SHA-256 differs from that of the clip with known visits`,
    "read bench/truth/README.md",
  );
}
