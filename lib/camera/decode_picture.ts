/** Decodes a picture: PNG here, bit for bit, other formats with ffmpeg. */
import { ConfigError, FatalError, messageOf, RejectedMessageError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { ffmpegFrames } from "./ffmpeg_process.ts";
import { ffmpegDialect } from "./ffmpeg_version.ts";
import { fileKind, HEAD_BYTES, pictureCodec } from "./file_kind.ts";

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
  if (!codec) throw notAPicture(name, kind.kind === "none" ? kind.reason : "it is a clip");
  if (codec === "png" && filters.length === 0) return pngFrame(name, bytes);
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

function pngFrame(name: string, bytes: Uint8Array): Frame {
  try {
    const { width, height, rgb } = decodePng(bytes);
    return { width, height, pixels: { kind: "rgb24", rgb }, capturedMs: Date.now(), sourceTimeMs: 0 };
  } catch (error) {
    if (!(error instanceof RejectedMessageError || error instanceof RangeError)) throw error;
    throw new FatalError(
      `"${name}" is no picture: ${messageOf(error)}`,
      "save the picture again as PNG or JPEG",
    );
  }
}

function notAPicture(name: string, reason?: string): FatalError {
  return new FatalError(
    `"${name}" is no picture${reason ? `: ${reason}` : ""}`,
    "give a PNG, JPEG, WebP, GIF, BMP or TIFF file",
  );
}
