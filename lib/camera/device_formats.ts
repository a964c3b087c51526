/** Reads the formats that a V4L2 device offers, by v4l2-ctl where it is installed, else by ffmpeg, whose list has no rates. */
import { startProgram } from "../start_program.ts";
import { readLines, stop } from "./camera_process.ts";
import { startFfmpeg } from "./ffmpeg_version.ts";
import { type DeviceFormats, ffmpegFormats, v4l2Formats } from "./format_lists.ts";

const V4L2_CTL = {
  name: "v4l2-ctl",
  does: "lists the formats of cameras",
  install: "run sudo apt-get install v4l-utils",
};

/** Timeout of one list: a camera that hangs does not answer. */
const LIST_LIMIT_MS = 5_000;
/** Lists of 60 formats with 20 sizes and 10 rates each are shorter; the rest is dropped. */
const MAX_LINES = 20_000;

/** The formats of a device; undefined when neither program lists any, or not within five seconds. Never rejects. */
export async function deviceFormats(
  device: string,
  { signal }: { signal: AbortSignal },
): Promise<DeviceFormats | undefined> {
  return v4l2Formats(
    await printed("stdout", { signal }, (streams) => {
      return startProgram(V4L2_CTL, ["--device", device, "--get-fmt-video", "--list-formats-ext"], streams);
    }),
  ) ?? ffmpegFormats(
    await printed("stderr", { signal }, (streams) => {
      const args = ["-hide_banner", "-nostdin", "-f", "v4l2", "-list_formats", "all", "-i", device];
      return startFfmpeg(args, streams);
    }),
  );
}

/** The lines that a program prints on one stream; none when it does not start, or does not end in time. */
async function printed(
  stream: "stdout" | "stderr",
  { signal }: { signal: AbortSignal },
  start: (streams: Deno.CommandOptions) => Deno.ChildProcess,
): Promise<string[]> {
  if (signal.aborted) return [];
  const late = AbortSignal.any([signal, AbortSignal.timeout(LIST_LIMIT_MS)]);
  const lines: string[] = [];
  try {
    const child = start({ stdout: "null", stderr: "null", [stream]: "piped" });
    // Cancelling the stream also ends the wait for a grandchild that keeps it open.
    const output = child[stream].pipeThrough(new TransformStream(), { signal: late });
    await readLines(output, (line) => lines.length < MAX_LINES && lines.push(line)).finally(() =>
      stop(child)
    );
    return lines;
  } catch {
    return []; // It is not installed, may not be started, or was too slow.
  }
}
