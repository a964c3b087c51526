/** Opens the camera that the setting `--source` names. */
import { fileURLToPath } from "node:url";
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import { printable } from "../printable.ts";
import { ENCODE_HINT, NOT_SHOWN, quoted, safeAddress } from "../safe_address.ts";
import type { Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";
import { addressSource, kindOf } from "./address_camera.ts";
import type { Camera, CameraChange } from "./camera.ts";
import { csiCamera, isCsi } from "./csi_camera.ts";
import { deviceSource } from "./device_camera.ts";
import { clipCamera, filters, streamCamera } from "./ffmpeg_camera.ts";
import { secretOptions } from "./ffmpeg_error.ts";
import { fileCamera } from "./file_camera.ts";
import type { FfmpegInput } from "./ffmpeg_process.ts";
import { liveCamera } from "./live_camera.ts";
import { snapshotCamera, snapshotSource } from "./snapshot_camera.ts";
import { sampleCamera } from "./sample_camera.ts";
import { SCENE_FRAMES_PER_SECOND, SCENE_NAMES, sceneCamera } from "./sample_scene.ts";

/** The user's settings of a source. */
export interface SourceOptions {
  /** Frame size to request from a device, or to scale to; before the rotation. */
  readonly size?: Size;
  /** Frames per second to request from a device, or to reduce to. */
  readonly rate?: number;
  /** Rotation of the picture, clockwise, in degrees. */
  readonly rotate?: Rotation;
  /** Format to request from a device, such as `mjpeg`; by default the cheapest that it offers. */
  readonly inputFormat?: string;
  /** Options of ffmpeg's input. */
  readonly ffmpegOptions: readonly string[];
  /** Whether a clip or pictures keep their own speed, instead of running as fast as the caller takes frames. */
  readonly realtime: boolean;
  /** Whether a clip or pictures restart at their end, and a live camera is reopened when it is lost. */
  readonly repeat: boolean;
  /** Frames per second to decode of a live camera of JPEGs while not every frame is needed; 0, and by default: every frame. */
  readonly idleRate?: number;
  /** A live camera is reopened after this long without a frame; 0: never. */
  readonly stallMs: number;
  readonly onChange: (change: CameraChange) => void;
  /** Called with the formats that a device offers, and with the choice among them, at first and when they change. */
  readonly onFormat?: (text: string) => void;
  /** Called with the reason when a decoder has ended and is restarted, and with undefined when one gives frames again. */
  readonly onDecoder?: (fault: string | undefined) => void;
  /** Called with the reason when every frame of an opening is decoded although `idleRate` is set. */
  readonly onEveryFrame?: (reason: string) => void;
  /** Called once for each unreadable picture of a folder. */
  readonly onUnreadable: (name: string, reason: string) => void;
}

/** Protocols of ffmpeg that read files, data or its own input, or that only write. The path of a file needs none. */
const NO_CAMERA =
  /^(android_content|async|bluray|cache|concatf?|crypto|data|fd|icecast|md5|pipe|prompeg|subfile|tee)(?:\+\w+)?:/i;

const PICTURES_PER_SECOND = 1;
const SAMPLE_FRAMES_PER_SECOND = 4;

/**
 * Opens `sample`, a scene (`sample:front`), a CSI camera (`csi`, `csi:1`), a device (`/dev/…`), a URL, a clip, a picture or
 * a folder of pictures.
 * Throws a ConfigError for a missing file, a malformed address and settings that the source lacks, and a FatalError for a
 * missing device and an unreadable file.
 */
export async function openCamera(source: string, options: SourceOptions): Promise<Camera> {
  const { realtime, repeat, rate } = options;
  const intervalMs = (normal: number) => realtime ? 1000 / (rate ?? normal) : 0;
  if (source === "sample") return sampleCamera({ intervalMs: intervalMs(SAMPLE_FRAMES_PER_SECOND), repeat });
  if (source.startsWith("sample:")) return openScene(source, options);
  if (isCsi(source)) return csiCamera(source, options);
  if (/^file:\/\//i.test(source)) return await openCamera(pathOf(source), options);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) {
    const [, scheme] = NO_CAMERA.exec(source) ?? [];
    if (scheme) {
      throw new ConfigError(
        `--source ${quoted(source)}: "${scheme}" is not the protocol of a camera`,
        "give the address of a camera or clip, such as rtsp://HOST/PATH, or the path of a file",
      );
    }
    const ask = kindOf(source, options);
    const asked = await ask();
    if (asked === "picture") return polledCamera(source, options);
    const input = streamInput(source, options);
    if (repeat) return liveCamera(addressSource(source, input, { ...options, ask, asked }), options);
    // A stream that is read once ends at its end. Only a file at a web address can be read at any speed.
    return /^https?:/i.test(source) && !realtime
      ? clipCamera({ ...input, timed: true }, { live: false })
      : streamCamera(input);
  }
  if (await isDevice(source)) {
    if (!await exists(source)) {
      throw new FatalError(
        `no camera at "${printable(source)}"`,
        "run ls /dev/v4l/by-id/ to see the cameras that are plugged in",
      );
    }
    return liveCamera(deviceSource(source, options), options);
  }
  return await fileCamera(source, options, intervalMs(PICTURES_PER_SECOND));
}

function openScene(
  source: string,
  { realtime, repeat, rate = SCENE_FRAMES_PER_SECOND }: SourceOptions,
): Camera {
  const name = source.slice("sample:".length);
  if (!SCENE_NAMES.includes(name)) {
    throw new ConfigError(
      `--source ${quoted(source)}: no such scene`,
      `set --source ${SCENE_NAMES.map((known) => `sample:${known}`).join(" or --source ")}`,
    );
  }
  return sceneCamera(name, { frameMs: 1000 / rate, realtime, repeat });
}

function pathOf(fileUrl: string): string {
  try {
    return fileURLToPath(fileUrl);
  } catch (error) {
    throw new ConfigError(`--source "${fileUrl}": ${messageOf(error)}`, "give the path of the file instead");
  }
}

function polledCamera(source: string, options: SourceOptions): Camera {
  const { size, rotate, repeat, realtime } = options;
  const polled = { ...options, name: safeAddress(source), filters: filters({ size, rotate }) };
  if (!repeat && !realtime) return snapshotCamera(source, polled);
  return liveCamera(snapshotSource(source, polled), options);
}

/** Whether this has the form of the address of a network camera. */
export function isStreamAddress(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source) && !/^file:/i.test(source) && !NO_CAMERA.test(source);
}

/** The input of a stream. Throws a ConfigError for an address of another form. */
export function streamInput(
  source: string,
  options: Pick<SourceOptions, "size" | "rate" | "rotate" | "ffmpegOptions" | "stallMs">,
): FfmpegInput {
  const transport = /^rtsps?:/i.test(source) ? ["-rtsp_transport", "tcp"] : [];
  const inputArgs = [...transport, ...options.ffmpegOptions, "-i", source];
  const name = safeAddress(source);
  if (name === NOT_SHOWN && !/^file:/i.test(source)) {
    throw new ConfigError(
      `--source ${NOT_SHOWN}: should be SCHEME://[USER:PASSWORD@]HOST[:PORT][/PATH]`,
      ENCODE_HINT,
    );
  }
  const secrets = [source, ...secretOptions(options.ffmpegOptions)];
  return { name, secrets, inputArgs, filters: filters(options), stallMs: options.stallMs };
}

/** Whether a path is a device or a link to one. */
async function isDevice(path: string): Promise<boolean> {
  return path.startsWith("/dev/") || (await Deno.realPath(path).catch(() => "")).startsWith("/dev/");
}

async function exists(path: string): Promise<boolean> {
  // Deno 2.9 refuses to stat most devices; only ffmpeg must open them.
  return await Deno.stat(path).then(() => true, (error) => !(error instanceof Deno.errors.NotFound));
}
