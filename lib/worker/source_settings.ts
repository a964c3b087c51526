/** The settings of a camera, and the camera they describe. */
import type { Camera } from "../camera/camera.ts";
import { openCamera, type SourceOptions } from "../camera/open_camera.ts";
import type { Log } from "./log.ts";
import { choice, flag, number, text, type Values } from "./settings.ts";

/** How to get frames. */
export const SOURCE_SETTINGS = {
  source: text({
    help:
      "a camera (/dev/video0, /dev/v4l/by-id/...), a URL (rtsp, http), a clip, a picture, a folder of pictures, or sample",
    placeholder: "SOURCE",
    fallback: "/dev/video0",
  }),
  size: text({
    help: "frame size to ask of the camera, or to scale to",
    placeholder: "WxH",
    check: (given) => /^[1-9]\d{1,4}x[1-9]\d{1,4}$/.test(given) ? undefined : "should be like 640x480",
  }),
  rate: number({
    help: "frames a second to ask of the camera, or to thin out to",
    min: 0.01,
    max: 240,
    fraction: true,
    unit: "fps",
  }),
  rotate: choice(["0", "90", "180", "270"], {
    help: "degrees clockwise to turn the picture of a camera or clip by",
    fallback: "0",
  }),
  inputFormat: text({ help: "what the camera is to send, such as mjpeg or yuyv422", placeholder: "FORMAT" }),
  ffmpegOptions: text({ help: "more options for ffmpeg, in front of its input", placeholder: '"-a b"' }),
  once: flag({
    help: "end with the input, when every face is accounted for; otherwise clips and pictures start again",
  }),
  realtime: flag({ help: "with --once: show a clip at its own speed instead of as fast as possible" }),
  stall: number({
    help: "a camera without a frame for so long is opened anew; 0: never",
    min: 0,
    max: 3600,
    unit: "seconds",
    fallback: "15",
  }),
};

/** Opens the camera that the settings describe; what becomes of it is logged. */
export function openSource(settings: Values<typeof SOURCE_SETTINGS>, log: Log): Promise<Camera> {
  const [width, height] = settings.size?.split("x").map(Number) ?? [];
  return openCamera(settings.source, {
    size: settings.size ? { width, height } : undefined,
    rate: settings.rate,
    rotate: Number(settings.rotate) as SourceOptions["rotate"],
    inputFormat: settings.inputFormat,
    ffmpegOptions: settings.ffmpegOptions?.split(/\s+/).filter(Boolean) ?? [],
    realtime: settings.realtime || !settings.once,
    repeat: !settings.once,
    // A camera that is asked for a frame a minute is not frozen for the rest of it.
    stallMs: settings.stall && 1000 * Math.max(settings.stall, settings.rate ? 3 / settings.rate : 0),
    onChange: (change) => {
      if (change.lost) log.warn(`the camera is lost: ${change.reason}; trying again`);
      else log.info("the camera is back");
    },
    onUnreadable: (name, reason) => log.warn(`passed over "${name}": ${reason}`),
  });
}
