/** Encodes a clip of the corpus as a video file without loss: ffmpeg decodes exactly the painted pixels. */
import { join } from "node:path";
import { findParts } from "../parts.ts";
import { type Clip, type ClipName, CLIPS } from "./clips.ts";
import { paint } from "./paint.ts";

/** A clip in its own temporary folder, which disposal removes. */
export interface MadeClip extends AsyncDisposable {
  readonly path: string;
}

/** Makes a clip in a new temporary folder. Throws an Error when ffmpeg fails. */
export async function makeClip(name: ClipName): Promise<MadeClip> {
  const folder = await Deno.makeTempDir({ prefix: "haarlem-clip-" });
  const path = join(folder, `${name}.mp4`);
  await encodeClip(CLIPS[name], path);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** Writes a clip as H.264 at quantizer 0, which is lossless. Throws an Error when ffmpeg fails. */
export async function encodeClip(clip: Clip, path: string): Promise<void> {
  const ffmpeg = new Deno.Command(findParts().ffmpeg!, {
    args: [
      ...["-v", "error", "-y", "-f", "yuv4mpegpipe", "-i", "pipe:0"],
      ...["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
      // The index comes first, so that the file can be read from a server that does not seek.
      ...["-movflags", "+faststart", path],
    ],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const printed = new Response(ffmpeg.stderr).text();
  const writer = ffmpeg.stdin.getWriter();
  const text = new TextEncoder();
  try {
    await writer.write(
      text.encode(`YUV4MPEG2 W${clip.width} H${clip.height} F${clip.framesPerSecond}:1 Ip A1:1 C420jpeg\n`),
    );
    for (const planes of paint(clip)) {
      await writer.write(text.encode("FRAME\n"));
      await writer.write(planes);
    }
    await writer.close();
  } catch {
    // ffmpeg has ended early; its standard error has the reason.
  }
  const { success } = await ffmpeg.status;
  if (!success) throw new Error(`cannot make "${path}": ${await printed}`);
  await printed;
}
