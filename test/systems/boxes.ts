/** The result of the detector for a clip: each face's box and a checksum of its pixels. */
import { join } from "node:path";
import { readFace } from "../../lib/face/face_file.ts";
import { decodePng } from "../../lib/image/png.ts";
import { filesIn } from "../../lib/testing/files.ts";

/** Arguments that make the detector put every face of a clip into a folder. */
export function detectorArguments(clip: string, out: string): string[] {
  return ["--source", clip, "--once", "--out", out, "--faces", "every"];
}

/** The boxes only: on another processor ffmpeg's arithmetic rounds some colours differently. */
export function boxesOf(faces: readonly string[]): string[] {
  return faces.map((face) => face.replace(/ \w+$/, ""));
}

/** The faces in a folder, in the order of their frames. */
export async function facesIn(folder: string): Promise<string[]> {
  const faces = await Array.fromAsync(filesIn(folder), async (path) => {
    const bytes = await Deno.readFile(path);
    const { sequence, box } = readFace(bytes).metadata!;
    const { rgb } = decodePng(bytes);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(rgb))).toHex();
    return { sequence, text: `${box.width}x${box.height} at ${box.x},${box.y} ${digest.slice(0, 12)}` };
  });
  return faces.sort((a, b) => a.sequence - b.sequence).map(({ text }) => text);
}

/** A separate folder for each clip. */
export function outFolder(parent: string, clip: string): string {
  return join(parent, `faces of ${clip}`);
}
