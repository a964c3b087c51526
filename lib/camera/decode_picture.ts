/** Decodes a picture: PNG here, bit for bit, other formats with ffmpeg. */
import { ConfigError, FatalError, messageOf, RejectedMessageError } from "../errors.ts";
import { type Frame, FRAME_LIMIT, MAX_FRAME_PIXELS } from "../image/frame.ts";
import { checkPixels, checkPng, decodePng, readPng } from "../image/png.ts";
import { ffmpegFrames } from "./ffmpeg_process.ts";
import { ffmpegDialect } from "./ffmpeg_version.ts";
import { type FileKind, fileKind, HEAD_BYTES, pictureCodec } from "./file_kind.ts";

/** Timeout of ffmpeg for one picture. */
export const PICTURE_LIMIT_MS = 30_000;

/**
 * Decodes one picture. Throws a FatalError when the bytes are no picture. ffmpeg gets them on its standard input, with the
 * codec, so that no file name, pattern or protocol can make it read another file.
 * @param name the picture's name, for messages.
 * @param options.filters ffmpeg's filters for the picture.
 */
export async function decodePicture(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  { signal, filters = [] }: { signal: AbortSignal; filters?: readonly string[] },
): Promise<Frame> {
  const kind = fileKind(bytes.subarray(0, HEAD_BYTES));
  const codec = pictureCodec(kind);
  if (!codec) throw notAPicture(name, whyNot(kind));
  if (codec === "png") {
    await checkPngFor(name, bytes, filters.length === 0 ? "us" : "ffmpeg");
    if (filters.length === 0) return pngFrame(name, bytes);
  }
  const inputArgs = ["-f", "image2pipe", "-frame_size", String(bytes.length), "-c:v", codec, "-i", "pipe:0"];
  const input = {
    name,
    inputArgs,
    filters,
    stallMs: PICTURE_LIMIT_MS,
    stdin: () => ReadableStream.from([bytes]),
  };
  await ffmpegDialect(); // Throws when there is no ffmpeg at all.
  try {
    for await (const frame of ffmpegFrames(input, { signal })) return frame;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The options are our own, so ffmpeg lacks the codec.
    throw new FatalError(
      `this ffmpeg cannot decode "${name}" (${codec})`,
      "convert the picture to JPEG or PNG",
    );
  }
  throw notAPicture(name);
}

/**
 * Throws a FatalError when a PNG has too many pixels, or inflates to more bytes than its decoder should allocate.
 * @param decoder our own, which reads only the pixels, or ffmpeg, which also inflates texts and profiles.
 */
export async function checkPngFor(name: string, bytes: Uint8Array, decoder: "us" | "ffmpeg"): Promise<void> {
  try {
    const { width, height } = readPng(bytes);
    if (width * height > MAX_FRAME_PIXELS) {
      throw new FatalError(
        `the picture "${name}" of ${width}x${height} is too large: the limit is ${FRAME_LIMIT}`,
        "give a smaller picture",
      );
    }
    await (decoder === "us" ? checkPixels(bytes) : checkPng(bytes));
  } catch (error) {
    throw pngFailure(name, error);
  }
}

function pngFrame(name: string, bytes: Uint8Array): Frame {
  try {
    const { width, height, rgb } = decodePng(bytes);
    return { width, height, pixels: { kind: "rgb24", rgb }, capturedMs: Date.now(), sourceTimeMs: 0 };
  } catch (error) {
    throw pngFailure(name, error);
  }
}

function pngFailure(name: string, error: unknown): unknown {
  if (!(error instanceof RejectedMessageError || error instanceof RangeError)) return error;
  const reason = messageOf(error);
  const hint = /more than \d+ pixels/.test(reason)
    ? "give a smaller picture"
    : "save the picture again as PNG or JPEG";
  return new FatalError(`"${name}" is no picture: ${reason}`, hint);
}

function whyNot(kind: FileKind): string {
  if (kind.kind === "none") return kind.reason;
  return kind.kind === "clip" && (kind.isKnown || kind.demuxer)
    ? "it is a clip"
    : "its bytes are those of no picture format";
}

function notAPicture(name: string, reason?: string): FatalError {
  return new FatalError(
    `"${name}" is no picture${reason ? `: ${reason}` : ""}`,
    "give a PNG, JPEG, WebP, GIF, BMP or TIFF file",
  );
}
