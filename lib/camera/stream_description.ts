/**
 * What ffmpeg says of a video stream, in lines such as
 * `Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 1280x720, 30 fps, …`.
 */
import type { YuvMatrix } from "../image/frame.ts";
import type { StreamFormat } from "./planar_frames.ts";

const VIDEO_STREAM = /Stream #\S+ Video: (\w+)[^,]*, (\w+)(?:\(([^)]*)\))?, (\d+)x(\d+)/;

/** The names of FFmpeg's AVColorSpace; BT.601 has two, for its two television systems. */
const MATRICES: Readonly<Record<string, YuvMatrix>> = {
  bt470bg: "bt601",
  smpte170m: "bt601",
  bt709: "bt709",
  bt2020nc: "bt2020",
};

/** From this height on, video whose matrix is not said is BT.709, as in players and in ffmpeg's own. */
const HD_HEIGHT = 720;
/** What cameras send frame by frame is BT.601 at any size: JPEG by JFIF, raw Y'CbCr by the USB video class's default. */
const FRAME_BY_FRAME = ["mjpeg", "rawvideo"];
/** Pixel formats without a matrix: of these ffmpeg makes Y'CbCr itself, in BT.601. */
const NO_YUV = /rgb|bgr|gbr|pal8|gray|mono|^ya/;

/** From one frame to the next where ffmpeg says no rate. */
const DEFAULT_FRAME_MS = 40;

/**
 * The matrix of a stream's colours: what ffmpeg says, and the custom where it says nothing. Of a matrix, primaries and
 * transfer that are not all the same it says `bt470bg/unknown/unknown`. Nothing when the line describes no video stream.
 */
export function matrixOf(line: string): YuvMatrix | undefined {
  const stream = VIDEO_STREAM.exec(line);
  if (!stream) return undefined;
  const [, codec, format, tags = "", , height] = stream;
  if (NO_YUV.test(format)) return "bt601";
  const said = tags.split(", ").map((tag) => MATRICES[tag.split("/")[0]]).find((matrix) => matrix);
  const isHd = Number(height) >= HD_HEIGHT && !FRAME_BY_FRAME.includes(codec);
  return said ?? (isHd ? "bt709" : "bt601");
}

/** The format of a stream of 4:2:0 frames; nothing when the line describes no such stream. */
export function streamFormatOf(line: string): StreamFormat | undefined {
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
