/** A V4L2 device, such as a USB camera, that ffmpeg reads in the cheapest format that the device offers. */
import type { Frame } from "../image/frame.ts";
import { printable } from "../printable.ts";
import { deviceFormats } from "./device_formats.ts";
import { filters } from "./ffmpeg_camera.ts";
import { secretOptions } from "./ffmpeg_error.ts";
import type { FfmpegInput } from "./ffmpeg_process.ts";
import { chooseFormat } from "./format_choice.ts";
import { jpegSource, type JpegSourceOptions } from "./jpeg_source.ts";
import { arrivingFrames, type ReopenableSource, type SourceFrameOptions } from "./live_camera.ts";

/** What to request from a device. */
export interface DeviceOptions extends Omit<JpegSourceOptions, "isJpegs"> {
  readonly inputFormat?: string;
  readonly stallMs: number;
  readonly onFormat?: (text: string) => void;
}

/** A device as a source. Each opening chooses the format again: another camera may have taken its name. */
export function deviceSource(device: string, options: DeviceOptions): ReopenableSource {
  let reported: string | undefined;
  const sourceOf = (inputFormat: string | undefined) =>
    jpegSource(inputOf(device, { ...options, inputFormat }), {
      ...options,
      isJpegs: inputFormat === "mjpeg",
      size: undefined, // The device gives size and rate.
      rate: undefined,
    });
  async function* frames(opened: SourceFrameOptions): AsyncGenerator<Frame> {
    const { signal } = opened;
    const choice = await chosenFormat(device, options, { signal });
    if (signal.aborted) return;
    if (choice && choice.text !== reported) options.onFormat?.(reported = choice.text);
    yield* arrivingFrames(sourceOf(choice?.inputFormat ?? options.inputFormat), opened);
  }
  // The device's choice is not known yet: at sizes that are worth it, most offer MJPEG only.
  const { mayReduce } = sourceOf(options.inputFormat ?? "mjpeg");
  return { name: device, hasArrivalTimes: true, mayReduce, frames };
}

/** The choice; undefined where the user has made it, or where the device's list is not known. Options may concern a format. */
async function chosenFormat(
  device: string,
  { size, rate, inputFormat, ffmpegOptions }: DeviceOptions,
  { signal }: { signal: AbortSignal },
) {
  if (inputFormat !== undefined || ffmpegOptions.length > 0) return undefined;
  const offered = await deviceFormats(device, { signal });
  return offered && chooseFormat(printable(device), offered, { size, rate });
}

function inputOf(
  device: string,
  { size, rate, inputFormat, ffmpegOptions, stallMs, rotate }: DeviceOptions,
): FfmpegInput {
  const requested = [
    ...(inputFormat ? ["-input_format", inputFormat] : []),
    ...(rate ? ["-framerate", String(rate)] : []),
    ...(size ? ["-video_size", `${size.width}x${size.height}`] : []),
  ];
  return {
    name: device,
    inputArgs: ["-f", "v4l2", ...requested, ...ffmpegOptions, "-i", device],
    secrets: secretOptions(ffmpegOptions),
    filters: filters({ rotate }),
    stallMs,
  };
}
