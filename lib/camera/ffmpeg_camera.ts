/** Cameras that ffmpeg reads, and its filters for them. */
import type { Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";
import type { Camera, Extent } from "./camera.ts";
import { ffmpegFrames, type FfmpegInput } from "./ffmpeg_process.ts";
import { atArrivalTime, type ReopenableSource } from "./live_camera.ts";

/** A clip: its frames once, in order. @param options.live whether frames that are not taken in time are lost. */
export function clipCamera(input: FfmpegInput, { live }: { live: boolean }): Camera {
  let extent: Extent | undefined;
  const onDuration = (durationMs: number) => extent = { durationMs };
  return {
    name: input.name,
    live,
    extent: () => extent,
    frames: ({ signal }) => ffmpegFrames({ ...input, onDuration }, { signal }),
  };
}

/** A live stream that is read once, to its end. */
export function streamCamera(input: FfmpegInput): Camera {
  return {
    name: input.name,
    live: true,
    frames: ({ signal }) => atArrivalTime(ffmpegFrames(input, { signal })),
  };
}

/** The source of a live camera, which can be reopened. */
export function ffmpegSource(input: FfmpegInput): ReopenableSource {
  return { name: input.name, frames: (options) => ffmpegFrames(input, options) };
}

/** Filters for a rotation clockwise, in degrees. */
const ROTATIONS = { 0: [], 90: ["transpose=clock"], 180: ["hflip", "vflip"], 270: ["transpose=cclock"] };

/** The video filters that scale, thin out or fill up, and rotate frames. Size: before the rotation; rate: per second. */
export function filters({ size, rate, rotate = 0 }: {
  readonly size?: Size;
  readonly rate?: number;
  readonly rotate?: Rotation;
}): string[] {
  return [
    ...(rate ? [`fps=${rate}`] : []),
    ...(size ? [`scale=${size.width}:${size.height}`] : []),
    ...ROTATIONS[rotate],
  ];
}
