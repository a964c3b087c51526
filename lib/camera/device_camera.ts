/** A V4L2 device, such as a USB camera, that ffmpeg reads in the cheapest format that the device offers. */
import { messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { printable } from "../printable.ts";
import { deviceFormats } from "./device_formats.ts";
import { filters } from "./ffmpeg_camera.ts";
import { FormatError, secretOptions } from "./ffmpeg_error.ts";
import type { FfmpegInput } from "./ffmpeg_process.ts";
import { chooseFormat, offerText } from "./format_choice.ts";
import type { DeviceFormats } from "./format_lists.ts";
import { jpegSource, type JpegSourceOptions } from "./jpeg_source.ts";
import { arrivingFrames, type ReopenableSource, type SourceFrameOptions } from "./live_camera.ts";

/** What to request from a device. */
export interface DeviceOptions extends Omit<JpegSourceOptions, "isJpegs"> {
  readonly inputFormat?: string;
  readonly stallMs: number;
  readonly onFormat?: (text: string) => void;
}

/**
 * A device as a source. Each opening chooses the format again: another camera may have taken its name, and the bus may have
 * more bandwidth.
 */
export function deviceSource(device: string, options: DeviceOptions): ReopenableSource {
  const report = changesTo(options.onFormat);
  const sourceOf = (inputFormat: string | undefined) =>
    jpegSource(inputOf(device, { ...options, inputFormat }), {
      ...options,
      isJpegs: inputFormat === "mjpeg",
      size: undefined, // The device gives size and rate.
      rate: undefined,
    });
  async function* frames(opened: SourceFrameOptions): AsyncGenerator<Frame> {
    const { signal } = opened;
    const offered = await offeredFormats(device, options, { signal });
    const name = printable(device);
    const say = report();
    if (offered) say(offerText(name, offered));
    const refused = new Set<string>();
    const choose = () => offered && chooseFormat(name, offered, options, { refused });
    let choice = choose();
    let first: FormatError | undefined;
    while (!signal.aborted) {
      if (choice) say(choice.text);
      let isEmpty = true;
      try {
        for await (
          const frame of arrivingFrames(sourceOf(choice?.inputFormat ?? options.inputFormat), opened)
        ) {
          isEmpty = false;
          yield frame;
        }
        return;
      } catch (error) {
        if (!choice?.inputFormat || !isEmpty || !(error instanceof FormatError)) throw error;
        first ??= error;
        const { inputFormat } = choice;
        refused.add(inputFormat);
        choice = choose();
        const next = choice ? "; choosing another" : "";
        say(`cannot read format ${inputFormat} of ${name}: ${messageOf(error)}${next}`);
        if (!choice) throw first;
      }
    }
  }
  // The device's choice is not known yet: at sizes that are worth it, most offer MJPEG only.
  const { mayReduce } = sourceOf(options.inputFormat ?? "mjpeg");
  return { name: device, hasArrivalTimes: true, mayReduce, frames };
}

/** Reports the texts of each opening that the last one with any did not have. The result is called at each opening. */
function changesTo(report: (text: string) => void = () => {}): () => (text: string) => void {
  let last = new Set<string>();
  return () => {
    const before = last;
    const said = new Set<string>();
    return (text) => {
      last = said.add(text);
      if (!before.has(text)) report(text);
    };
  };
}

/** The device's list; undefined where the user has chosen the format, or options may concern it, and where it is not known. */
async function offeredFormats(
  device: string,
  { inputFormat, ffmpegOptions }: DeviceOptions,
  { signal }: { signal: AbortSignal },
): Promise<DeviceFormats | undefined> {
  if (inputFormat !== undefined || ffmpegOptions.length > 0) return undefined;
  return await deviceFormats(device, { signal });
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
