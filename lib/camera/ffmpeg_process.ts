/** One ffmpeg as a subprocess, from its start to its end. */
import { Failure, UsageError } from "../errors.ts";
import type { Frame, YuvMatrix } from "../image/frame.ts";
import { atMost } from "../retry.ts";
import { stop, Watchdog } from "./camera_process.ts";
import { withoutSecrets } from "./ffmpeg_words.ts";
import { FfmpegMessages, messageArgs } from "./ffmpeg_messages.ts";
import { type FfmpegDialect, ffmpegDialect, startFfmpeg } from "./ffmpeg_version.ts";
import { readFrames } from "./frame_reader.ts";
import { readMultipartFrames } from "./multipart_frames.ts";

/** What ffmpeg says of its input it says before the first frame; longer than this it is not waited for. */
const DESCRIPTION_MS = 500;

/** How to run ffmpeg. */
export interface FfmpegInput {
  /** The source without passwords, for messages. */
  readonly name: string;
  /** Everything up to and with `-i SOURCE`. */
  readonly inputArgs: readonly string[];
  /** Texts that ffmpeg is given and that may hold passwords; what it says is shown without any part of them. */
  readonly secrets?: readonly string[];
  /** Video filters in front of the pixel format. */
  readonly filters: readonly string[];
  /** Without a frame for this long ffmpeg counts as frozen and is ended; 0: never. */
  readonly stallMs: number;
}

/**
 * The frames of one ffmpeg. Ends when ffmpeg ends well; throws a Failure that says why when it does not, and a
 * UsageError when ffmpeg is missing, too old, or lacks what it is asked for. However the caller leaves, no ffmpeg stays
 * behind.
 */
export async function* ffmpegFrames(
  input: FfmpegInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<Frame> {
  const dialect = await ffmpegDialect();
  if (signal.aborted) return; // It would not be told again.
  const child = startFfmpeg(argumentsOf(input, dialect), { stdout: "piped", stderr: "piped" });
  const messages = new FfmpegMessages(child.stderr, dialect);
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
    const found = dialect.fullRangeY4m
      ? readFrames(child.stdout)
      : readMultipartFrames(child.stdout, messages.output);
    for await (const frame of found) {
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
      throw explained(input, withoutSecrets(await messages.complaint, input.secrets ?? []));
    }
  } finally {
    watchdog.end();
    signal.removeEventListener("abort", kill);
    await stop(child);
    await messages.complaint;
  }
}

function argumentsOf({ inputArgs, filters }: FfmpegInput, dialect: FfmpegDialect): string[] {
  // Both pixel formats carry the camera's own luma untouched; ffmpeg takes the one of the source's range.
  const filter = [...filters, "format=yuv420p|yuvj420p"].join(",");
  const output = ["-map", "0:v:0", "-vf", filter, ...dialect.passthrough];
  const format = dialect.fullRangeY4m
    ? ["-strict", "-1", "-f", "yuv4mpegpipe"]
    : ["-c:v", "rawvideo", "-f", "mpjpeg"];
  return [...messageArgs(dialect), "-nostdin", ...inputArgs, ...output, ...format, "pipe:1"];
}

/** ffmpeg lacks an option, or takes other values for it: the settings are wrong, whatever the camera. */
const MISFIT =
  /^.*(Unrecognized option|Option \S* ?not found|Missing argument for option|Error setting option|Unable to parse option|Expected \w+ for \S+ but found|Invalid loglevel|Unknown (input format|decoder|encoder)|No such filter).*$/m;

/** ffmpeg's complaint in words a user can act on. */
function explained({ name, inputArgs }: FfmpegInput, complaint: string): Failure | UsageError {
  const source = inputArgs.at(-1)!;
  const reasons = complaint.replaceAll(source, ""); // A file may be called "401".
  const says = (pattern: RegExp) => pattern.test(reasons);
  const misfit = MISFIT.exec(reasons)?.[0];
  if (misfit) {
    return new UsageError(
      `ffmpeg does not take an option that it is given: ${misfit.trim()}`,
      'check --ffmpeg-options and --input-format, and what "ffmpeg -version" says',
    );
  }
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
    return new Failure(`"${name}" does not answer`, "open the address in a player such as ffplay");
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
      inputArgs.at(-1)!.includes("://") ? "open the address in a player such as ffplay" : `ffprobe "${name}"`,
    );
  }
  const lastLine = complaint.replaceAll(source, name).split("\n").at(-1) || "it ended without a word";
  return new Failure(
    `ffmpeg cannot read "${name}": ${lastLine}`,
    "--size, --rate or --input-format as the camera offers them",
  );
}
