/** One ffmpeg as a subprocess, from its start to its end. */
import { FatalError } from "../errors.ts";
import { type Frame, MAX_FRAME_PIXELS, type YuvMatrix } from "../image/frame.ts";
import { atMost, delay } from "../async/delay.ts";
import { stop, Watchdog } from "./camera_process.ts";
import { ffmpegError } from "./ffmpeg_error.ts";
import { FfmpegMessages, messageArgs } from "./ffmpeg_messages.ts";
import { type FfmpegDialect, ffmpegDialect, startFfmpeg } from "./ffmpeg_version.ts";
import { PRINT_TIMES, Timeline } from "./frame_times.ts";
import { readFrames } from "./frame_reader.ts";

/** Long enough for the Ctrl-C that also ended the ffmpeg that was asked for its version to reach us. */
const STOP_NOTICE_MS = 200;

/** What ffmpeg says of its input it says before the first frame; longer than this it is not waited for. */
const DESCRIPTION_MS = 500;

/** Data without a key frame is waited for no longer than this: cameras send one at least every minute or so. */
const KEY_FRAME_MS = 120_000;

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
  /** What ffmpeg reads on its standard input, where `-i pipe:0` asks for it. */
  readonly stdin?: () => ReadableStream<Uint8Array>;
  /** Whether frames stand where the stream's own timestamps say, as in a clip; else at the stream's rate. */
  readonly timed?: boolean;
  /** Without a frame for this long ffmpeg counts as frozen and is ended; 0: never. */
  readonly stallMs: number;
}

/**
 * The frames of one ffmpeg. Ends when ffmpeg ends well; throws a FatalError that says why when it does not, and a
 * ConfigError when ffmpeg is missing, too old, or lacks what it is asked for. However the caller leaves, no ffmpeg stays
 * behind.
 */
export async function* ffmpegFrames(
  input: FfmpegInput,
  { signal, onWaiting }: { signal: AbortSignal; onWaiting?: (reason: string) => void },
): AsyncGenerator<Frame> {
  const dialect = await ffmpegDialect().catch(async (error) => {
    await delay(STOP_NOTICE_MS, { signal });
    if (!signal.aborted) throw error;
  });
  if (!dialect || signal.aborted) return; // It would not be told again.
  const stdin = input.stdin ? "piped" : "null";
  const child = startFfmpeg(argumentsOf(input, dialect), { stdin, stdout: "piped", stderr: "piped" });
  // An ffmpeg that has enough closes its end.
  const feeding = input.stdin?.().pipeTo(child.stdin).catch(() => {});
  const messages = new FfmpegMessages(child.stderr, dialect);
  const kill = () => void stop(child);
  signal.addEventListener("abort", kill);
  let stalled: FatalError | undefined;
  let undecoded = 0;
  let waitedMs = 0;
  const watchdog = new Watchdog(input.stallMs, () => {
    waitedMs += input.stallMs;
    const hasData = messages.undecoded > undecoded;
    undecoded = messages.undecoded;
    if (hasData && waitedMs < KEY_FRAME_MS) {
      onWaiting?.(`"${input.name}" sends data but no key frame yet`);
      return watchdog.feed();
    }
    stalled = stallOf(input, waitedMs, hasData);
    kill();
  });
  let matrix: YuvMatrix | undefined;
  const describing = messages.matrix.then((said) => matrix = said);
  const timeline = new Timeline();
  let frames = 0;
  try {
    for await (const frame of readFrames(child.stdout, { described: messages.output })) {
      watchdog.end();
      waitedMs = 0;
      undecoded = messages.undecoded;
      if (frames++ === 0) await atMost(DESCRIPTION_MS, describing);
      const pixels = matrix && frame.pixels.kind === "yuv420" ? { ...frame.pixels, matrix } : frame.pixels;
      const sourceTimeMs = input.timed
        ? timeline.place(await messages.times.next(), frame.sourceTimeMs)
        : frame.sourceTimeMs;
      yield { ...frame, pixels, sourceTimeMs };
      watchdog.feed();
    }
    const { success } = await child.status;
    if (signal.aborted) return;
    if (stalled) throw stalled;
    if (!success || frames === 0) {
      const { name, secrets, inputArgs } = input;
      throw ffmpegError({ name, secrets, url: inputArgs.at(-1)! }, await messages.complaint);
    }
  } finally {
    watchdog.end();
    signal.removeEventListener("abort", kill);
    await stop(child);
    await messages.complaint;
    await feeding;
  }
}

function stallOf({ name }: FfmpegInput, waitedMs: number, hasData: boolean): FatalError {
  const waited = `${waitedMs / 1000} s`;
  return hasData
    ? new FatalError(
      `"${name}" sent data but no key frame for ${waited}`,
      "set a shorter key frame interval (I-frame interval, GOP) in the camera",
    )
    : new FatalError(
      `"${name}" gave no frame for ${waited}`,
      "check that the camera sends, or set a longer --stall",
    );
}

function argumentsOf({ inputArgs, filters, timed }: FfmpegInput, dialect: FfmpegDialect): string[] {
  // Both pixel formats carry the camera's own luma untouched; ffmpeg takes the one of the source's range.
  const filter = [...filters, ...(timed ? [PRINT_TIMES] : []), "format=yuv420p|yuvj420p"].join(",");
  const output = ["-map", "0:v:0", "-vf", filter, ...dialect.passthrough];
  const format = dialect.fullRangeY4m
    ? ["-strict", "-1", "-f", "yuv4mpegpipe"]
    : ["-c:v", "rawvideo", "-f", "mpjpeg"];
  // Before ffmpeg takes memory for them.
  const limits = ["-max_pixels", String(MAX_FRAME_PIXELS)];
  return [...messageArgs(dialect), "-nostdin", ...limits, ...inputArgs, ...output, ...format, "pipe:1"];
}
