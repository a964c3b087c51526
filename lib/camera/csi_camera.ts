/** `--source csi`: a camera on the board's CSI connector. Its video device gives raw sensor data, so a program reads it. */
import { ConfigError } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import type { Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";
import type { Camera, CameraChange } from "./camera.ts";
import { csiFrames } from "./csi_process.ts";
import { liveCamera } from "./live_camera.ts";
import { FRAME_LIMIT, MAX_FRAME_PIXELS } from "../image/frame.ts";

/** Without `--size`. A Camera Module 2 crops its picture at 640x480; from this size on it has the whole field of view. */
const DEFAULT_SIZE: Size = { width: 1280, height: 960 };

/** Whether a source is a CSI camera, with or without a number. */
export function isCsi(source: string): boolean {
  return /^csi(:|$)/.test(source);
}

/**
 * The camera `csi` or `csi:NUMBER`. Throws a ConfigError for a wrong number, for settings of ffmpeg and for a size over
 * the limit.
 * @param options.stallMs reopen the camera after this long without a frame; 0: never.
 */
export function csiCamera(
  source: string,
  { size = DEFAULT_SIZE, rate, rotate = 0, inputFormat, ffmpegOptions, stallMs, onChange }: {
    readonly size?: Size;
    readonly rate?: number;
    readonly rotate?: Rotation;
    readonly inputFormat?: string;
    readonly ffmpegOptions: readonly string[];
    readonly stallMs: number;
    readonly onChange?: (change: CameraChange) => void;
  },
): Camera {
  const number = /^csi(?::(\d{1,2}))?$/.exec(source);
  if (!number) {
    throw new ConfigError(
      `--source ${quoted(source)}: the camera's number is wrong`,
      "set --source csi for the first camera of the board, csi:1 for the second",
    );
  }
  for (const [flag, isSet] of [["input-format", inputFormat], ["ffmpeg-options", ffmpegOptions.length > 0]]) {
    if (!isSet) continue;
    throw new ConfigError(
      `--${flag} applies to sources that ffmpeg reads, "${source}" is none`,
      `omit --${flag}; --size, --rate and --rotate apply to a CSI camera`,
    );
  }
  if (size.width * size.height > MAX_FRAME_PIXELS) {
    throw new ConfigError(
      `--size "${size.width}x${size.height}": more than ${FRAME_LIMIT}`,
      "set a smaller --size",
    );
  }
  const request = { name: source, camera: Number(number[1] ?? 0), size, rate, rotate };
  return liveCamera(
    { name: source, frames: ({ signal }) => csiFrames(request, { signal, stallMs }) },
    { onChange },
  );
}
