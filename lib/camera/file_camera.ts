/** A file or a folder as a camera. The bytes of a file decide its kind. */
import { ConfigError, FatalError } from "../errors.ts";
import { printable } from "../printable.ts";
import { quoted } from "../safe_address.ts";
import { fileStream, notReadable, readKind, readPictureFile } from "./bounded_file.ts";
import type { Camera } from "./camera.ts";
import { checkPngFor } from "./decode_picture.ts";
import { clipCamera, filters, streamCamera } from "./ffmpeg_camera.ts";
import { secretOptions } from "./ffmpeg_error.ts";
import type { SourceOptions } from "./open_camera.ts";
import { isPictureName, pictureCamera } from "./picture_camera.ts";

/**
 * Opens a clip, a picture or a folder of pictures. Throws a ConfigError for a missing file, and a FatalError for a file that
 * cannot be read or contains no pictures.
 * @param intervalMs interval between pictures; 0: as fast as the caller takes them.
 */
export async function fileCamera(
  source: string,
  options: SourceOptions,
  intervalMs: number,
): Promise<Camera> {
  const { isDirectory, isFile, isSocket } = await statOf(source);
  const name = printable(source);
  if (isDirectory) return pictureCamera(source, { ...options, intervalMs });
  if (!isFile && (isPictureName(source) || isSocket)) {
    throw new FatalError(`cannot read "${name}": it is not a regular file`, "give a file");
  }
  // A FIFO is a live stream: it waits for its writer.
  if (!isFile) return streamCamera({ ...clip(source, { byName: true }, options), stallMs: options.stallMs });
  const kind = await readKind(source);
  if (kind.kind === "none") {
    throw new FatalError(
      `"${name}" is neither a video nor a picture: ${kind.reason}`,
      "give a video file, a picture or a folder of pictures",
    );
  }
  if (kind.kind === "picture" || kind.still) return pictureCamera(source, { ...options, intervalMs });
  if (kind.demuxer === "apng") await checkPngFor(name, await readPictureFile(source), "ffmpeg");
  return clipCamera(clip(source, kind, options), { live: options.realtime });
}

async function statOf(source: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(source);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory || !source) {
      throw new ConfigError(
        `--source ${quoted(source)}: no such file`,
        "give a device such as /dev/video0, csi, a URL, a clip, a picture, a folder of pictures, or sample",
      );
    }
    throw notReadable(source, error);
  }
}

/**
 * Names that ffmpeg does not mistake for a picture or for a pattern of picture names. A file with another name and without
 * a known demuxer is piped to ffmpeg, which then never sees the name.
 */
const CLIP_NAME =
  /\.(mp4|m4v|mov|qt|3gp|mkv|webm|avi|ts|mts|m2ts|mpe?g|m[12]v|vob|flv|wmv|asf|og[gv]|h?26[45]|hevc|mjpe?g|ivf|obu|y4m|dv|mxf|rm|rmvb|nut|dav|m3u8|mpd|sdp)$/i;

function clip(
  source: string,
  { demuxer, byName }: { readonly demuxer?: string; readonly byName?: boolean },
  options: SourceOptions,
) {
  const isNamed = byName || demuxer !== undefined || CLIP_NAME.test(source);
  const format = demuxer ? ["-f", demuxer] : [];
  const loop = options.repeat && isNamed ? ["-stream_loop", "-1"] : [];
  const pace = options.realtime ? ["-re"] : [];
  // The prefix `file:` keeps ffmpeg from reading the path as an option or a protocol.
  const input = isNamed ? `file:${source}` : "pipe:0";
  return {
    name: printable(source),
    inputArgs: [...loop, ...pace, ...format, ...options.ffmpegOptions, "-i", input],
    secrets: secretOptions(options.ffmpegOptions),
    filters: filters(options),
    timed: true,
    stallMs: 0,
    ...(!isNamed && { stdin: () => fileStream(source, options) }),
  };
}
