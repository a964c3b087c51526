/** Clips and streams that ffmpeg reads. */
import type { Camera } from "./camera.ts";
import { ffmpegFrames, type FfmpegInput } from "./ffmpeg_process.ts";
import { atArrivalTime, type ReopenableSource } from "./live_camera.ts";

/** A clip: its frames once, in order. */
export function clipCamera(input: FfmpegInput, { live }: { live: boolean }): Camera {
  return { name: input.name, live, frames: ({ signal }) => ffmpegFrames(input, { signal }) };
}

/** A live stream that is read to its end and not waited for. */
export function streamCamera(input: FfmpegInput): Camera {
  return {
    name: input.name,
    live: true,
    frames: ({ signal }) => atArrivalTime(ffmpegFrames(input, { signal })),
  };
}

/** What a live camera opens again whenever it is lost. */
export function ffmpegSource(input: FfmpegInput): ReopenableSource {
  return { name: input.name, frames: (options) => ffmpegFrames(input, options) };
}
