/** One run of ffmpeg. */
import { FatalError } from "../errors.ts";
import { type Frame, MAX_FRAME_PIXELS, type YuvMatrix } from "../image/frame.ts";
import { atMost } from "../async/delay.ts";
import { isInterrupted, stop, Watchdog } from "./camera_process.ts";
import { ffmpegError } from "./ffmpeg_error.ts";
import { FfmpegMessages, messageArgs } from "./ffmpeg_messages.ts";
import { type FfmpegDialect, ffmpegDialect, startFfmpeg } from "./ffmpeg_version.ts";
import { PRINT_TIMES, Timeline } from "./frame_times.ts";
import { readFrames } from "./frame_reader.ts";

/** Limit for ffmpeg's description of its input, which it prints before the first frame. */
const DESCRIPTION_MS = 500;

/** Limit for a first key frame while data arrive: cameras send one at least about every minute. */
const KEY_FRAME_MS = 120_000;

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
}

/**
 * The frames of one run. Returns when ffmpeg ends without an error, or after an abort. Throws the FatalError that explains
 * its failure, and a ConfigError when ffmpeg is missing, too old or lacks an option, decoder or protocol. ffmpeg has ended
 * when the generator returns.
 * @param options.onWaiting called when data arrive without a key frame for `stallMs`.
 */
export async function* ffmpegFrames(
  input: FfmpegInput,
  { signal, onWaiting }: { signal: AbortSignal; onWaiting?: (reason: string) => void },
): AsyncGenerator<Frame> {
  const dialect = await ffmpegDialect().catch(async (error) => {
    if (!await isInterrupted(signal)) throw error;
  });
  if (!dialect || signal.aborted) return; // No abort event follows.
  const stdin = input.stdin ? "piped" : "null";
  const child = startFfmpeg(argumentsOf(input, dialect), { stdin, stdout: "piped", stderr: "piped" });
  // ffmpeg may close its input early.
  const feeding = input.stdin?.().pipeTo(child.stdin).catch(() => {});
  const messages = new FfmpegMessages(child.stderr, dialect);
  const kill = () => void stop(child);
  signal.addEventListener("abort", kill);
  const stall = new StallDetector(input, messages, { onWaiting, onStall: kill });
  let matrix: YuvMatrix | undefined;
  const described = messages.matrix.then((said) => matrix = said); // Later than the limit it applies to later frames.
  const timeline = new Timeline();
  let frames = 0;
  try {
    for await (const frame of readFrames(child.stdout, { described: messages.output })) {
      stall.pause();
      if (frames++ === 0) {
        await atMost(DESCRIPTION_MS, described);
        if (messages.durationMs !== undefined) input.onDuration?.(messages.durationMs);
      }
      const pixels = matrix && frame.pixels.kind === "yuv420" ? { ...frame.pixels, matrix } : frame.pixels;
      const sourceTimeMs = input.timed
        ? timeline.place(await messages.times.next(), frame.sourceTimeMs)
        : frame.sourceTimeMs;
      yield { ...frame, pixels, sourceTimeMs };
      stall.resume();
    }
    const { success } = await child.status;
    if (signal.aborted) return;
    if (stall.error) throw stall.error;
    if (!success || frames === 0) {
      const { name, secrets, inputArgs } = input;
      throw ffmpegError({ name, secrets, url: inputArgs.at(-1)! }, await messages.complaint);
    }
  } finally {
    stall.pause();
    signal.removeEventListener("abort", kill);
    await stop(child);
    await messages.complaint;
    await feeding;
  }
}

/** Detects that no frame arrives. While data arrive without a key frame, it waits up to KEY_FRAME_MS. */
class StallDetector {
  /** Why no frame arrived; undefined before `onStall`. */
  error: FatalError | undefined;
  readonly #input: FfmpegInput;
  readonly #messages: FfmpegMessages;
  readonly #watchdog: Watchdog;
  #undecoded = 0;
  #waitedMs = 0;

  /** Starts at once. @param options.onStall called once, with `error` set. */
  constructor(
    input: FfmpegInput,
    messages: FfmpegMessages,
    { onWaiting, onStall }: { onWaiting?: (reason: string) => void; onStall: () => void },
  ) {
    this.#input = input;
    this.#messages = messages;
    this.#watchdog = new Watchdog(input.stallMs, () => {
      this.#waitedMs += input.stallMs;
      const hasData = messages.undecoded > this.#undecoded;
      this.#undecoded = messages.undecoded;
      if (hasData && this.#waitedMs < KEY_FRAME_MS) {
        onWaiting?.(`"${input.name}" sends data but no key frame yet`);
        return this.#watchdog.feed();
      }
      this.error = this.#errorOf(hasData);
      onStall();
    });
  }

  /** A frame has arrived; the time until `resume()` does not count. */
  pause(): void {
    this.#watchdog.end();
    this.#waitedMs = 0;
    this.#undecoded = this.#messages.undecoded;
  }

  /** Waits for the next frame. */
  resume(): void {
    this.#watchdog.feed();
  }

  #errorOf(hasData: boolean): FatalError {
    const { name } = this.#input;
    const waited = `${this.#waitedMs / 1000} s`;
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
}

function argumentsOf({ inputArgs, filters, timed }: FfmpegInput, dialect: FfmpegDialect): string[] {
  // Both pixel formats keep the camera's luma unchanged; ffmpeg chooses the one of the source's range.
  const filter = [...filters, ...(timed ? [PRINT_TIMES] : []), "format=yuv420p|yuvj420p"].join(",");
  const output = ["-map", "0:v:0", "-vf", filter, ...dialect.passthrough];
  const format = dialect.fullRangeY4m
    ? ["-strict", "-1", "-f", "yuv4mpegpipe"]
    : ["-c:v", "rawvideo", "-f", "mpjpeg"];
  // ffmpeg checks them before it allocates. Without the second, texts and profiles are inflated without a limit.
  const limits = ["-max_pixels", String(MAX_FRAME_PIXELS), "-max_alloc", String(MAX_BLOCK_BYTES)];
  return [...messageArgs(dialect), "-nostdin", ...limits, ...inputArgs, ...output, ...format, "pipe:1"];
}
