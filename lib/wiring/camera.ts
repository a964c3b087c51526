/** The settings of a camera, and the camera they describe. */
import type { Camera } from "../camera/camera.ts";
import { readFfmpegOptions } from "../camera/ffmpeg_options.ts";
import { openCamera, type SourceOptions } from "../camera/open_camera.ts";
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { ENCODE_HINT, quoted, safeParts } from "../safe_address.ts";
import type { Component, Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { choice, flag, grouped, number, type Setting, text, type Values } from "../settings/declare.ts";

/** The settings of the camera. */
export const SOURCE_SETTINGS = grouped("camera", {
  source: text({
    help: "camera (/dev/video0, csi, csi:1), URL, clip, picture, picture folder or sample",
    placeholder: "SOURCE",
    fallback: "/dev/video0",
    check: wrongSource,
  }),
  size: text({
    help: "frame size to request from the camera, or to scale to",
    placeholder: "WxH",
    check: (given) => /^[1-9]\d{1,4}x[1-9]\d{1,4}$/.test(given) ? undefined : "should be like 640x480",
  }),
  rate: number({
    help: "frames per second to request from the camera, or to reduce to",
    min: 0.01,
    max: 240,
    fraction: true,
    unit: "fps",
  }),
  rotate: choice(["0", "90", "180", "270"], {
    help: "degrees to rotate the picture of a camera or clip by, clockwise",
    fallback: "0",
  }),
  inputFormat: text({
    help: "format to request from the camera, such as mjpeg or yuyv422",
    placeholder: "FORMAT",
  }),
  ffmpegOptions: {
    help: "input options of ffmpeg, split into words as a shell does",
    placeholder: "'-a \"b c\"'",
    parse: readFfmpegOptions,
  } as Setting<readonly string[] | undefined>,
  once: flag({
    help: "exit at the end of the input, once the outbox is empty",
    details: "Without it, clips and pictures start again.",
  }),
  realtime: flag({ help: "with --once: play a clip at its own speed, not as fast as possible" }),
  stall: number({
    help: "reopen the camera after this long without a frame; 0: never",
    min: 0,
    max: 3600,
    unit: "seconds",
    fallback: "15",
  }),
});

/** Everything with a scheme is an address; what else it is shows when it is opened. */
function wrongSource(given: string): string | undefined {
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(given) || /^file:/i.test(given) || safeParts(given)
    ? undefined
    : `should be SCHEME://[USER:PASSWORD@]HOST[:PORT][/PATH]; ${ENCODE_HINT}`;
}

/** A frame that came is searched, and its faces are handed over, within this long. */
const SEARCH_LIMIT_MS = 20_000;

/**
 * The camera as a part of the program, which works with each frame that was searched. What opens a frozen camera anew
 * goes first; only when that does not help the program counts as stuck.
 */
export function cameraPart(settings: Values<typeof SOURCE_SETTINGS>, health: Health): Component {
  const limitMs = stallMs(settings);
  return health.component("camera", { withinMs: limitMs > 0 ? limitMs + SEARCH_LIMIT_MS : Infinity });
}

/** A camera that is asked for a frame a minute is not frozen for the rest of it. */
function stallMs({ stall, rate }: Values<typeof SOURCE_SETTINGS>): number {
  return stall && 1000 * Math.max(stall, rate ? 3 / rate : 0);
}

/** Opens the camera that the settings describe; what becomes of it is logged, and told to its part. */
export async function openSource(
  settings: Values<typeof SOURCE_SETTINGS>,
  log: Log,
  part?: Component,
): Promise<Camera> {
  const outage = new Outage({
    down: (reason, lastedMs) => log.warn(reason, sinceMinutes(lastedMs)),
    up: () => log.info("the camera is back"),
  });
  const [width, height] = settings.size?.split("x").map(Number) ?? [];
  const camera = await openCamera(settings.source, {
    size: settings.size ? { width, height } : undefined,
    rate: settings.rate,
    rotate: Number(settings.rotate) as SourceOptions["rotate"],
    inputFormat: settings.inputFormat,
    ffmpegOptions: settings.ffmpegOptions ?? [],
    realtime: settings.realtime || !settings.once,
    repeat: !settings.once,
    stallMs: stallMs(settings),
    onChange: (change) => {
      if (!change.lost) {
        part?.started();
        outage.worked();
        return;
      }
      const { reason, waiting } = change;
      part?.waiting(reason);
      outage.failed(
        waiting ? `waiting for the camera: ${reason}` : `the camera is lost: ${reason}; trying again`,
      );
    },
    onUnreadable: (name, reason) => log.warn(`passed over ${quoted(name)}: ${reason}`),
  });
  return withoutStackTraces(camera, log);
}

/** A camera whose every error is a message: what nobody foresaw, such as a lack of memory, is one too. */
export function withoutStackTraces(camera: Camera, log: Pick<Log, "debug">): Camera {
  async function* frames(options: { signal: AbortSignal }): AsyncGenerator<Frame> {
    try {
      yield* camera.frames(options);
    } catch (error) {
      if (error instanceof FatalError || error instanceof ConfigError) throw error;
      log.debug("unexpected error of the camera", { stack: (error as Error).stack });
      throw new FatalError(
        `cannot read "${camera.name}": ${messageOf(error)}`,
        "set --log-level debug to see where it fails, and report it",
      );
    }
  }
  return { ...camera, frames };
}
