/** One run of ffmpeg. */
import { type Frame, MAX_FRAME_PIXELS, type YuvMatrix } from "../image/frame.ts";
import { atMost } from "../async/delay.ts";
import { isInterrupted, stop } from "./camera_process.ts";
import { ffmpegError } from "./ffmpeg_error.ts";
import { FfmpegMessages, messageArgs } from "./ffmpeg_messages.ts";
import { type FfmpegDialect, ffmpegDialect, startFfmpeg } from "./ffmpeg_version.ts";
import { PRINT_TIMES, Timeline } from "./frame_times.ts";
import { readFrames } from "./frame_reader.ts";
import { StallDetector } from "./stall_detector.ts";

/** Limit for ffmpeg's description of its input, which it prints before the first frame. */
const DESCRIPTION_MS = 500;

/** Maximum size of one block of memory in ffmpeg: a frame of 8 bytes per pixel (16 bits per sample, with alpha). */
const MAX_BLOCK_BYTES = 288 * 2 ** 20;

/** How to run ffmpeg. */
export interface FfmpegInput {
  /** The source without passwords, for messages. */
  readonly name: string;
  /** The arguments of the input; the last two are `-i SOURCE`. */
  readonly inputArgs: readonly string[];
  /** Arguments that may hold passwords: errors contain no part of them. */
  readonly secrets?: readonly string[];
  /** Video filters before the conversion of the pixel format. */
  readonly filters: readonly string[];
  /** ffmpeg's standard input, for `-i pipe:0`. */
  readonly stdin?: () => ReadableStream<Uint8Array>;
  /** Takes source times from the stream's timestamps, as for a clip, instead of its frame rate. */
  readonly timed?: boolean;
  /** Called with the duration that the container states, before the first frame. */
  readonly onDuration?: (durationMs: number) => void;
  /** ffmpeg is ended after this long without a frame; 0: never. */
  readonly stallMs: number;
  /** Whether the encoder uses one thread: with several, each frame leaves only when the next one has come. */
  readonly immediate?: true;
}

/** How a run is watched, and ended. */
export interface RunOptions {
  readonly signal: AbortSignal;
  /** Called when data arrive without a key frame for `stallMs`. */
  readonly onWaiting?: (reason: string) => void;
}

/**
 * The frames of one run. Returns when ffmpeg ends without an error, or after an abort. Throws the FatalError that explains
 * its failure, and a ConfigError when ffmpeg is missing, too old or lacks an option, decoder or protocol. ffmpeg has ended
 * when the generator returns.
 */
export async function* ffmpegFrames(input: FfmpegInput, options: RunOptions): AsyncGenerator<Frame> {
  let matrix: YuvMatrix | undefined;
  const timeline = new Timeline();
  async function* read(stdout: ReadableStream<Uint8Array<ArrayBuffer>>, messages: FfmpegMessages) {
    const described = messages.matrix.then((said) => matrix = said); // Later than the limit it applies to later frames.
    let isFirst = true;
    for await (const frame of readFrames(stdout, { described: messages.output })) {
      if (isFirst) {
        isFirst = false;
        await atMost(DESCRIPTION_MS, described);
        if (messages.durationMs !== undefined) input.onDuration?.(messages.durationMs);
      }
      const pixels = matrix && frame.pixels.kind === "yuv420" ? { ...frame.pixels, matrix } : frame.pixels;
      const sourceTimeMs = input.timed
        ? timeline.place(await messages.times.next(), frame.sourceTimeMs)
        : frame.sourceTimeMs;
      yield { ...frame, pixels, sourceTimeMs };
    }
  }
  yield* runFfmpeg(input, { ...options, outputArgs: (dialect) => frameArguments(input, dialect), read });
}

/**
 * What `read` makes of the output of one run of ffmpeg. Returns and throws as {@link ffmpegFrames} does; an output with
 * nothing in it is an error.
 * @param options.outputArgs the arguments after the input.
 */
export async function* runFfmpeg<T>(
  input: FfmpegInput,
  { signal, onWaiting, outputArgs, read }: RunOptions & {
    readonly outputArgs: (dialect: FfmpegDialect) => readonly string[];
    readonly read: (
      stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
      messages: FfmpegMessages,
    ) => AsyncIterable<T>;
  },
): AsyncGenerator<T> {
  const dialect = await ffmpegDialect().catch(async (error) => {
    if (!await isInterrupted(signal)) throw error;
  });
  if (!dialect || signal.aborted) return; // No abort event follows.
  const stdin = input.stdin ? "piped" : "null";
  const args = [...inputArguments(input, dialect), ...outputArgs(dialect), "pipe:1"];
  const child = startFfmpeg(args, { stdin, stdout: "piped", stderr: "piped" });
  const fed = new AbortController();
  // ffmpeg may close its input early.
  const feeding = input.stdin?.().pipeTo(child.stdin, fed).catch(() => {});
  const messages = new FfmpegMessages(child.stderr, dialect);
  const kill = () => void stop(child);
  signal.addEventListener("abort", kill);
  const stall = new StallDetector(input, messages, { onWaiting, onStall: kill });
  let isEmpty = true;
  try {
    for await (const one of read(child.stdout, messages)) {
      stall.pause();
      isEmpty = false;
      yield one;
      stall.resume();
    }
    const { success, signal: endedBy } = await child.status;
    if (signal.aborted) return;
    if (stall.error) throw stall.error;
    if (!success || isEmpty) {
      const { name, secrets, inputArgs } = input;
      throw ffmpegError({ name, secrets, url: inputArgs.at(-1)! }, await messages.complaint, endedBy);
    }
  } finally {
    stall.pause();
    signal.removeEventListener("abort", kill);
    await stop(child);
    await messages.complaint;
    fed.abort(); // Its source may have nothing to send, and then would not notice the end.
    await feeding;
  }
}

function inputArguments({ inputArgs }: FfmpegInput, dialect: FfmpegDialect): string[] {
  // ffmpeg checks them before it allocates. Without the second, texts and profiles are inflated without a limit.
  const limits = ["-max_pixels", String(MAX_FRAME_PIXELS), "-max_alloc", String(MAX_BLOCK_BYTES)];
  return [...messageArgs(dialect), "-nostdin", ...limits, ...inputArgs];
}

function frameArguments({ filters, timed, immediate }: FfmpegInput, dialect: FfmpegDialect): string[] {
  // Both pixel formats keep the camera's luma unchanged; ffmpeg chooses the one of the source's range.
  const filter = [...filters, ...(timed ? [PRINT_TIMES] : []), "format=yuv420p|yuvj420p"].join(",");
  const format = dialect.fullRangeY4m
    ? ["-strict", "-1", "-f", "yuv4mpegpipe"]
    : ["-c:v", "rawvideo", "-f", "mpjpeg"];
  const threads = immediate ? ["-threads", "1"] : [];
  return ["-map", "0:v:0", "-vf", filter, ...dialect.passthrough, ...threads, ...format];
}
