/** The settings of a camera, the camera that they describe, and the reports of its outages. */
import type { Camera } from "../camera/camera.ts";
import { readFfmpegOptions } from "../camera/ffmpeg_options.ts";
import { isStreamAddress, openCamera, type SourceOptions } from "../camera/open_camera.ts";
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { Outage, retrying, sinceMinutes } from "../async/outage.ts";
import { printable } from "../printable.ts";
import { wrongSource } from "../safe_address.ts";
import type { Component, Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { choice, flag, grouped, number, type Setting, text, type Values } from "../settings/declare.ts";

/** The settings of the camera. */
export const SOURCE_SETTINGS = grouped("camera", {
  source: text({
    help: "camera (/dev/video0, csi, csi:1), URL, clip, picture, picture folder or sample",
    details: "sample shows one portrait; sample:front and sample:yard show two people walking past.",
    placeholder: "SOURCE",
    fallback: "/dev/video0",
    check: wrongSource,
  }),
  detectSource: text({
    help: "sub stream of a network camera to search; faces are cut from --source",
    details:
      "The main stream is decoded only for the picture of a face, so a high resolution costs little. " +
      "--source is the address of the main stream or of a snapshot. --size, --rate, --min-size, --max-size " +
      "and --ignore apply to the sub stream.",
    placeholder: "URL",
    check: (given) => isStreamAddress(given) ? wrongSource(given) : "should be like rtsp://HOST/PATH",
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
    help: "clockwise rotation of a camera or clip, in degrees",
    fallback: "0",
  }),
  inputFormat: text({
    help: "format to request from the camera, such as mjpeg or yuyv422",
    details: "Without it, the cheapest format of the camera that has --size and reaches --rate.",
    placeholder: "FORMAT",
  }),
  ffmpegOptions: {
    help: "input options of ffmpeg, split into words as a shell does",
    placeholder: "'-a \"b c\"'",
    hidden: true, // It may hold headers, cookies and keys.
    parse: readFfmpegOptions,
  } as Setting<readonly string[] | undefined>,
  once: flag({
    help: "exit at the end of the input, once the outbox is empty",
    details: "Without it, clips and pictures start again.",
  }),
  realtime: flag({ help: "with --once: play a clip at its own speed, not as fast as possible" }),
  idleRate: number({
    help: "with MJPEG: frames per second to decode while nothing moves; 0: every frame",
    details: "For a USB camera that is read as MJPEG, or an HTTP stream of JPEGs. " +
      "At 5 a person is noticed up to 0.2 s later, and an empty scene costs a fraction. " +
      "With --motion off or --faces every, every frame is decoded.",
    min: 0,
    max: 240,
    fraction: true,
    unit: "fps",
    fallback: "5",
  }),
  stall: number({
    help: "reopen the camera after this long without a frame; 0: never",
    min: 0,
    max: 3600,
    unit: "seconds",
    fallback: "15",
  }),
});

/** Maximum time from the arrival of a frame to the delivery of its faces. */
const SEARCH_LIMIT_MS = 20_000;

/**
 * The camera as a component of the program; a searched frame is its sign of life. A sign is overdue only after --stall
 * has reopened a frozen camera without success.
 */
export function cameraComponent(settings: Values<typeof SOURCE_SETTINGS>, health: Health): Component {
  const limitMs = stallMs(settings);
  return health.component("camera", { withinMs: limitMs > 0 ? limitMs + SEARCH_LIMIT_MS : Infinity });
}

/** A camera with a low rate, such as a frame per minute, is not frozen between two frames. */
function stallMs({ stall, rate, idleRate }: Values<typeof SOURCE_SETTINGS>): number {
  return stall && 1000 * Math.max(stall, rate ? 3 / rate : 0, idleRate ? 3 / idleRate : 0);
}

/** Longer lists of formats than this, in characters, are logged at level debug: some cameras offer 60 of them. */
const MAX_INFO = 400;

/** Opens the camera that the settings describe. Its outages go to the log and to the component. */
export async function openSource(
  settings: Values<typeof SOURCE_SETTINGS>,
  log: Log,
  component?: Component,
): Promise<Camera> {
  const outage = new Outage({
    down: (reason, lastedMs) => log.warn(reason, sinceMinutes(lastedMs)),
    up: () => log.info("the camera is back"),
  });
  const decoderOutage = new Outage({
    down: (reason, lastedMs) =>
      log.warn(`the decoder ended: ${reason}; restarting it`, sinceMinutes(lastedMs)),
    up: () => log.info("the decoder works again"),
  });
  let reportedReason: string | undefined;
  const camera = await openCamera(settings.detectSource ?? settings.source, {
    ...sourceOptions(settings),
    onChange: (change) => {
      if (!change.lost) {
        component?.started();
        outage.worked();
        return;
      }
      const { reason, waiting } = change;
      component?.waiting(reason);
      outage.failed(
        waiting ? `waiting for the camera: ${reason}` : `the camera is lost: ${retrying(reason)}`,
      );
    },
    onFormat: (text) => text.length > MAX_INFO ? log.debug(text) : log.info(text),
    onDecoder: (fault) => fault === undefined ? decoderOutage.worked() : decoderOutage.failed(fault),
    onEveryFrame: (reason) => {
      if (reason !== reportedReason) log.warn(`every frame is decoded: ${reason}`);
      reportedReason = reason;
    },
    onUnreadable: (name, reason) => log.warn(`skipped "${printable(name)}": ${reason}`),
  });
  return withFatalErrors(camera, log);
}

/** What the settings say about reading a source. */
export function sourceOptions(
  settings: Values<typeof SOURCE_SETTINGS>,
): Omit<SourceOptions, "onChange" | "onUnreadable"> {
  const [width, height] = settings.size?.split("x").map(Number) ?? [];
  return {
    size: settings.size ? { width, height } : undefined,
    rate: settings.rate,
    rotate: Number(settings.rotate) as SourceOptions["rotate"],
    inputFormat: settings.inputFormat,
    ffmpegOptions: settings.ffmpegOptions ?? [],
    realtime: settings.realtime || !settings.once,
    repeat: !settings.once,
    idleRate: settings.idleRate,
    stallMs: stallMs(settings),
  };
}

/** The same camera, whose unexpected errors, such as a lack of memory, are FatalErrors. */
export function withFatalErrors(camera: Camera, log: Pick<Log, "debug">): Camera {
  async function* frames(options: { signal: AbortSignal }): AsyncGenerator<Frame> {
    try {
      yield* camera.frames(options);
    } catch (error) {
      if (error instanceof FatalError || error instanceof ConfigError) throw error;
      log.debug("unexpected error of the camera", { stack: (error as Error).stack });
      throw new FatalError(
        `cannot read "${camera.name}": ${messageOf(error)}`,
        "set --log-level debug to log the stack, and report it",
      );
    }
  }
  return { ...camera, frames };
}
