/**
 * Writes the boxes of all pictures and clips to truth/: `deno run -A test/media/write_truth.ts`.
 * Needs ffmpeg, a Python with OpenCV and OpenCV's own cascade, which `deno task setup` brings.
 */
import { LONG, run } from "../../lib/testing/command.ts";
import { findParts } from "../parts.ts";
import { CLIP_NAMES, PICTURE_NAMES, PICTURES, SEARCHES, type Truth, truthPath } from "./corpus.ts";
import { makeClip } from "./make_clip.ts";

const FOLDER = import.meta.dirname!;

/** What OpenCV finds in files, given as `NAME=FILE`. Throws an Error when Python fails. */
export async function opencvBoxes(files: readonly string[]): Promise<Record<string, Truth>> {
  const { python, cascades } = findParts();
  const cascade = `${cascades}/haarcascade_frontalface_default.xml`;
  return JSON.parse(
    await run(python!, [`${FOLDER}/boxes.py`, cascade, JSON.stringify(SEARCHES), ...files], LONG),
  );
}

if (import.meta.main) {
  await using stack = new AsyncDisposableStack();
  const files: string[] = PICTURE_NAMES.map((name) => `${name}=${PICTURES[name]}`);
  for (const name of CLIP_NAMES) files.push(`${name}=${stack.use(await makeClip(name)).path}`);
  for (const [name, truth] of Object.entries(await opencvBoxes(files))) {
    await Deno.writeTextFile(truthPath(name as keyof typeof PICTURES), `${JSON.stringify(truth)}\n`);
    const faces = Object.entries(truth.boxes).map(([search, boxes]) => `${search} ${boxes.flat().length}`);
    console.log(`${name}: ${truth.grayMd5.length} frames, faces ${faces.join(", ")}`);
  }
  // The files pass the project's own format check.
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", `${FOLDER}/truth`] }).spawn().status;
}
