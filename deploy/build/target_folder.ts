/**
 * A target's folder in dist/. A build fills a temporary folder beside it and moves the files at its end, so that files of
 * an earlier or an interrupted build never become part of this one.
 */
import { dirname, join } from "node:path";
import { ignoreMissing } from "../../lib/durable_file.ts";
import type { BuildOptions } from "./executable.ts";
import type { Target } from "./recipes.ts";
import type { Runtime } from "./runtime.ts";

/** The list of all other files of the folder with their SHA-256, in the format of sha256sum. */
const SUMS = "SHA256SUMS";
/** The version of the executables; deploy/deb/build and the Dockerfile compare it. */
const NOTE = "build.json";
/** Files of builds of this and earlier versions. */
const OURS =
  /^(haarlem(-[a-z]+)?(\.xz|\.cdx\.json|\.licenses\.txt)?(\.part)?|haarlem\S*\.tmp-\S+|SHA256SUMS|build\.json)$/;

/** Makes the empty temporary folder of a target. {@link publish} and {@link discard} remove it. */
export async function prepare(out: string, target: Target): Promise<string> {
  const part = join(out, `.${target}.part`);
  await discard(part);
  await Deno.mkdir(part, { recursive: true, mode: 0o755 });
  return part;
}

/** Removes a folder and its content, if it exists. */
export async function discard(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(ignoreMissing);
}

/** Writes build.json and the checksums, and replaces the last build; returns the folder. Other files in it stay. */
export async function publish(
  part: string,
  target: Target,
  { deno, v8 }: Runtime,
  { version, commit }: BuildOptions,
): Promise<string> {
  const note = { version, commit, target, deno, v8 };
  await Deno.writeTextFile(join(part, NOTE), JSON.stringify(note, null, 2) + "\n");
  await writeSums(part);
  const folder = join(dirname(part), target);
  await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
  await Deno.remove(join(folder, SUMS)).catch(() => {}); // Until all files are replaced, the checksums would be wrong.
  for (const name of await filesIn(folder)) {
    if (OURS.test(name)) await Deno.remove(join(folder, name));
  }
  for (const name of await filesIn(part)) {
    if (name !== SUMS) await Deno.rename(join(part, name), join(folder, name));
  }
  await Deno.rename(join(part, SUMS), join(folder, SUMS));
  await Deno.remove(part);
  return folder;
}

async function writeSums(folder: string): Promise<void> {
  const lines = await Promise.all((await filesIn(folder)).map(async (name) => {
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(folder, name)));
    return `${new Uint8Array(digest).toHex()}  ${name}\n`;
  }));
  await Deno.writeTextFile(join(folder, SUMS), lines.join(""));
  for (const name of await filesIn(folder)) {
    await Deno.chmod(join(folder, name), /^haarlem(-[a-z]+)?$/.test(name) ? 0o755 : 0o644);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ isDirectory }) => !isDirectory).map(({ name }) => name).sort();
}
