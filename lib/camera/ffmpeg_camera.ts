import { Failure, messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { Backoff, sleep } from "../retry.ts";
import type { Camera, CameraChange } from "./camera.ts";
import { ffmpegFrames, type FfmpegInput } from "./ffmpeg_process.ts";

/** Long enough for the Ctrl-C that also ended ffmpeg to reach us. */
const STOP_NOTICE_MS = 200;

/** A clip: its frames once, in order. */
export function clipCamera(input: FfmpegInput, { live }: { live: boolean }): Camera {
  return { name: input.name, live, frames: ({ signal }) => ffmpegFrames(input, { signal }) };
}

/** A live stream that is read to its end and not waited for. */
export function streamCamera(input: FfmpegInput): Camera {
  return {
    name: input.name,
    live: true,
    frames: ({ signal }) => asTheyCome(ffmpegFrames(input, { signal })),
  };
}

/** A device or a stream: once it has given a frame it is waited for whenever it is lost. */
export function liveCamera(
  input: FfmpegInput,
  { onChange = () => {}, backoff = new Backoff({ firstMs: 500, maxMs: 15_000 }) }: {
    onChange?: (change: CameraChange) => void;
    backoff?: Backoff;
  } = {},
): Camera {
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    let seen = false;
    let lost = false;
    while (!signal.aborted) {
      let reason = "the stream ended";
      try {
        for await (const frame of asTheyCome(ffmpegFrames(input, { signal }))) {
          if (lost) onChange({ lost: false });
          lost = false;
          seen = true;
          yield frame;
        }
      } catch (error) {
        if (!seen) throw error;
        reason = messageOf(error);
      }
      await sleep(STOP_NOTICE_MS, { signal });
      if (signal.aborted) return;
      if (!seen) throw new Failure(`"${input.name}" ended without a frame`);
      if (!lost) onChange({ lost: true, reason });
      lost = true;
      await sleep(backoff.next(), { signal });
    }
  }
  return { name: input.name, live: true, frames };
}

/** A stream counts its frames anew each time it is opened, and may say nothing true of their rate. */
async function* asTheyCome(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  for await (const frame of frames) yield { ...frame, atMs: performance.now() };
}
