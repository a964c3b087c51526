/** One ffmpeg as a subprocess, from its start to its end. */
import { Failure, UsageError } from "../errors.ts";
import type { Frame, YuvMatrix } from "../image/frame.ts";
import { atMost } from "../retry.ts";
import { stop, Watchdog } from "./camera_process.ts";
import { FfmpegMessages, MESSAGE_ARGS } from "./ffmpeg_messages.ts";
import { readFrames } from "./frame_reader.ts";

/** What ffmpeg says of its input it says before the first frame; longer than this it is not waited for. */
const DESCRIPTION_MS = 500;

/** How to run ffmpeg. */
export interface FfmpegInput {
  /** The source without passwords, for messages. */
  readonly name: string;
  /** Everything up to and with `-i SOURCE`. */
  readonly inputArgs: readonly string[];
  /** Video filters in front of the pixel format. */
  readonly filters: readonly string[];
  /** Without a frame for this long ffmpeg counts as frozen and is ended; 0: never. */
  readonly stallMs: number;
}

/**
 * The frames of one ffmpeg. Ends when ffmpeg ends well; throws a Failure that says why when it does not, and a
 * UsageError when there is no ffmpeg. However the caller leaves, no ffmpeg stays behind.
 */
export async function* ffmpegFrames(
  input: FfmpegInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<Frame> {
  if (signal.aborted) return; // It would not be told again.
  const child = spawn(input);
  const messages = new FfmpegMessages(child.stderr);
  const kill = () => void stop(child);
  signal.addEventListener("abort", kill);
  let stalled = false;
  const watchdog = new Watchdog(input.stallMs, () => {
    stalled = true;
    kill();
  });
  let matrix: YuvMatrix | undefined;
  const describing = messages.matrix.then((said) => matrix = said);
  let frames = 0;
  try {
    for await (const frame of readFrames(child.stdout)) {
      watchdog.end();
      if (frames++ === 0) await atMost(DESCRIPTION_MS, describing);
      yield matrix && frame.pixels.kind === "yuv420"
        ? { ...frame, pixels: { ...frame.pixels, matrix } }
        : frame;
      watchdog.feed();
    }
    const { success } = await child.status;
    if (signal.aborted) return;
    if (stalled) throw new Failure(`"${input.name}" gave no frame for ${input.stallMs / 1000} s`);
    if (!success) {
      throw explained(input, await messages.complaint);
    }
  } finally {
    watchdog.end();
    signal.removeEventListener("abort", kill);
    await stop(child);
    await messages.complaint;
  }
}

function spawn({ inputArgs, filters }: FfmpegInput): Deno.ChildProcess {
  // Both pixel formats carry the camera's own luma untouched; ffmpeg takes the one of the source's range.
  const filter = [...filters, "format=yuv420p|yuvj420p"].join(",");
  const output = [
    "-map",
    "0:v:0",
    "-vf",
    filter,
    "-fps_mode",
    "passthrough",
    "-strict",
    "-1",
    "-f",
    "yuv4mpegpipe",
  ];
  const args = [...MESSAGE_ARGS, "-nostdin", ...inputArgs, ...output, "pipe:1"];
  try {
    return new Deno.Command("ffmpeg", { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      throw new UsageError(
        "ffmpeg, which reads cameras and clips, is not installed",
        "sudo apt-get install ffmpeg",
      );
    }
    throw error;
  }
}

/** ffmpeg's complaint in words a user can act on. */
function explained({ name, inputArgs }: FfmpegInput, complaint: string): Failure {
  const source = inputArgs.at(-1)!;
  const reasons = complaint.replaceAll(source, ""); // A file may be called "401".
  const says = (pattern: RegExp) => pattern.test(reasons);
  if (says(/Device or resource busy/)) {
    return new Failure(`the camera "${name}" is in use by another program`, `fuser -v ${name}`);
  }
  if (says(/Permission denied/)) {
    return new Failure(`no permission to read "${name}"`, "sudo usermod -aG video $USER, then log in again");
  }
  if (says(/No such file or directory|No such device|Cannot find a proper format/)) {
    return new Failure(`no camera at "${name}"`, "ls /dev/v4l/by-id/ shows the cameras that are plugged in");
  }
  if (
    says(/Connection refused|timed out|Name or service not known|No route to host|Network is unreachable/i)
  ) {
    return new Failure(`"${name}" does not answer`, "the address in a player such as ffplay");
  }
  if (says(/\b40[13]\b|Unauthorized|Forbidden/)) {
    return new Failure(
      `"${name}" refuses the user name or password`,
      "rtsp://USER:PASSWORD@HOST/... in the environment",
    );
  }
  if (says(/Invalid data found|could not find codec|does not contain any stream|matches no streams/i)) {
    return new Failure(
      `"${name}" is neither a video nor a picture that ffmpeg can read`,
      `ffprobe "${name}"`,
    );
  }
  const lastLine = complaint.replaceAll(source, name).split("\n").at(-1) || "it ended without a word";
  return new Failure(
    `ffmpeg cannot read "${name}": ${lastLine}`,
    "--size, --rate or --input-format as the camera offers them",
  );
}
