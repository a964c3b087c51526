/** A V4L2 device, such as a USB camera, that ffmpeg reads in the cheapest format that the device offers. */
import type { Frame, Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";
import { printable } from "../printable.ts";
import { deviceFormats } from "./device_formats.ts";
import { filters } from "./ffmpeg_camera.ts";
import { secretOptions } from "./ffmpeg_error.ts";
import { ffmpegFrames, type FfmpegInput } from "./ffmpeg_process.ts";
import { chooseFormat } from "./format_choice.ts";
import type { ReopenableSource } from "./live_camera.ts";

/** What to request from a device. */
export interface DeviceOptions {
  readonly size?: Size;
  readonly rate?: number;
  readonly rotate?: Rotation;
  readonly inputFormat?: string;
  readonly ffmpegOptions: readonly string[];
  readonly stallMs: number;
  readonly onFormat?: (text: string) => void;
}

/** A device as a source. Each opening chooses the format again: another camera may have taken its name. */
export function deviceSource(device: string, options: DeviceOptions): ReopenableSource {
  let reported: string | undefined;
  async function* frames(
    { signal, onWaiting }: { signal: AbortSignal; onWaiting?: (reason: string) => void },
  ): AsyncGenerator<Frame> {
    const choice = await chosenFormat(device, options, { signal });
    if (signal.aborted) return;
    if (choice && choice.text !== reported) options.onFormat?.(reported = choice.text);
    const inputFormat = choice?.inputFormat ?? options.inputFormat;
    yield* ffmpegFrames(inputOf(device, { ...options, inputFormat }), { signal, onWaiting });
  }
  return { name: device, frames };
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
