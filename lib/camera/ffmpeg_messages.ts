/** Reads what ffmpeg prints on its standard error: descriptions of its input and output, frame times, complaints. */
import type { YuvMatrix } from "../image/frame.ts";
import { readLines } from "./camera_process.ts";
import type { FfmpegDialect } from "./ffmpeg_version.ts";
import { FrameTimes } from "./frame_times.ts";
import { DEFAULT_FRAME_MS, type StreamFormat } from "./planar_frames.ts";

/**
 * Options with which ffmpeg describes its input, starts each line with its level where it supports that, and repeats equal
 * lines instead of counting them, since two frames may have the same time.
 */
export function messageArgs({ saysLevels }: FfmpegDialect): string[] {
  return ["-v", saysLevels ? "repeat+level+info" : "repeat+info", "-hide_banner", "-nostats"];
}

/** A decoder's messages about data without a decodable frame, such as before the first key frame. */
const UNDECODED =
  /non-existing PPS|no frame!|PPS id out of range|Could not find ref|decode_slice_header|missing picture|error while decoding|sps_id \d+ out of range|Keyframe missing/i;

/** Of a longer complaint only the end is kept. */
const MAX_COMPLAINT_CHARACTERS = 4_096;
/** Lines that are no complaint. */
const HARMLESS = /\[(trace|debug|verbose|info|warning)\]|^\s*Last message repeated/;
const LEVEL = /\[(error|fatal|panic)\] /;
/** Without levels: the lines of a run without faults. Descriptions are indented. */
const HARMLESS_WITHOUT_LEVEL =
  /^\s|^(Input #|Output #|Stream mapping:|Press \[q\]|frame=|video:|$)|deprecated pixel format used/;

/** Reads the standard error of one ffmpeg to its end. */
export class FfmpegMessages {
  /** Resolves with the matrix of the input's first video stream; undefined when ffmpeg ends without describing one. */
  readonly matrix: Promise<YuvMatrix | undefined>;
  /** Resolves with the format of the output frames; undefined when ffmpeg ends without describing them. */
  readonly output: Promise<StreamFormat | undefined>;
  /** Resolves at the end of ffmpeg with the end of its warnings and errors, at most 4,096 characters. */
  readonly complaint: Promise<string>;
  /** The times of the frames, where the filter PRINT_TIMES prints them. */
  readonly times = new FrameTimes();
  /** The duration that the input's container states; undefined before its description, and for a stream. */
  durationMs: number | undefined;

  readonly #matrix = Promise.withResolvers<YuvMatrix | undefined>();
  readonly #output = Promise.withResolvers<StreamFormat | undefined>();
  readonly #harmless: RegExp;
  #undecoded = 0;
  #describesOutput = false;

  constructor(stderr: ReadableStream<Uint8Array>, { saysLevels }: Pick<FfmpegDialect, "saysLevels">) {
    this.#harmless = saysLevels ? HARMLESS : HARMLESS_WITHOUT_LEVEL;
    this.matrix = this.#matrix.promise;
    this.output = this.#output.promise;
    this.complaint = this.#collect(stderr).finally(() => {
      this.#matrix.resolve(undefined);
      this.#output.resolve(undefined);
      this.times.end();
    });
  }

  /** Number of messages so far about data without a decodable frame. */
  get undecoded(): number {
    return this.#undecoded;
  }

  async #collect(stderr: ReadableStream<Uint8Array>): Promise<string> {
    let complaint = "";
    const take = (line: string) => {
      if (this.times.add(line)) return;
      if (UNDECODED.test(line)) this.#undecoded++;
      this.#describe(line);
      if (!this.#harmless.test(line)) complaint += `${line.replace(LEVEL, "")}\n`;
      complaint = complaint.slice(-MAX_COMPLAINT_CHARACTERS);
    };
    await readLines(stderr, take);
    return complaint.trim();
  }

  /** ffmpeg describes the input before the output; the first video stream of each counts. */
  #describe(line: string): void {
    this.#describesOutput ||= /^(\[info\] )?Output #/.test(line);
    if (this.#describesOutput) {
      const format = streamFormatOf(line);
      if (format) this.#output.resolve(format);
    } else {
      this.durationMs ??= durationOf(line);
      const matrix = matrixOf(line);
      if (matrix) this.#matrix.resolve(matrix);
    }
  }
}

/** The duration in a line such as `  Duration: 00:01:40.04, start: 0.000000, bitrate: 901 kb/s`, in milliseconds. */
export function durationOf(line: string): number | undefined {
  const [, hours, minutes, seconds] = /^(?:\[info\] )? *Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(line) ?? [];
  return hours === undefined
    ? undefined
    : Math.round(((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000);
}

/** A line such as `Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 1280x720, 30 fps, …`. */
const VIDEO_STREAM = /Stream #\S+ Video: (\w+)[^,]*, (\w+)(?:\(([^)]*)\))?, (\d+)x(\d+)/;

/** Names of FFmpeg's AVColorSpace; BT.601 has two, for its two television systems. */
const MATRICES: Readonly<Record<string, YuvMatrix>> = {
  bt470bg: "bt601",
  smpte170m: "bt601",
  bt709: "bt709",
  bt2020nc: "bt2020",
};

/** From this height on, video without a stated matrix counts as BT.709, as in players and in ffmpeg. */
const HD_HEIGHT = 720;
/** Codecs with BT.601 at any size: JPEG by JFIF, raw Y'CbCr by the default of the USB video class. */
const ALWAYS_BT601 = ["mjpeg", "rawvideo"];
/** Pixel formats without a matrix: ffmpeg converts them to Y'CbCr itself, by BT.601. */
const NO_YUV = /rgb|bgr|gbr|pal8|gray|mono|^ya/;

/**
 * The colour matrix of a video stream: the stated one, else the usual one of its codec and size. For different matrix,
 * primaries and transfer ffmpeg prints `bt470bg/unknown/unknown`. Undefined for a line without a video stream.
 */
export function matrixOf(line: string): YuvMatrix | undefined {
  const stream = VIDEO_STREAM.exec(line);
  if (!stream) return undefined;
  const [, codec, format, tags = "", , height] = stream;
  if (NO_YUV.test(format)) return "bt601";
  const stated = tags.split(", ").map((tag) => MATRICES[tag.split("/")[0]]).find((matrix) => matrix);
  const isHd = Number(height) >= HD_HEIGHT && !ALWAYS_BT601.includes(codec);
  return stated ?? (isHd ? "bt709" : "bt601");
}

/** The format of a video stream of 4:2:0 frames; undefined for any other line. */
function streamFormatOf(line: string): StreamFormat | undefined {
  const [, , format, , width, height] = VIDEO_STREAM.exec(line) ?? [];
  if (format !== "yuv420p" && format !== "yuvj420p") return undefined;
  const rate = Number(/, ([\d.]+) fps\b/.exec(line)?.[1]);
  return {
    width: Number(width),
    height: Number(height),
    fullRange: format === "yuvj420p",
    frameMs: rate > 0 ? 1000 / rate : DEFAULT_FRAME_MS,
  };
}
