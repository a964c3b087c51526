/** A file or folder as a camera: what it is, its bytes decide. */
import { diskMessage } from "../durable_file.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import { fileStream, readKind } from "./bounded_file.ts";
import type { Camera } from "./camera.ts";
import { clipCamera, filters, streamCamera } from "./ffmpeg_camera.ts";
import { secretOptions } from "./ffmpeg_error.ts";
import type { SourceOptions } from "./open_camera.ts";
import { isPictureName, pictureCamera } from "./picture_camera.ts";

/**
 * Opens a clip, a picture or a folder of pictures. Throws a ConfigError when there is no such file, and a FatalError when it
 * cannot be read or can have no pictures.
 * @param intervalMs from one picture to the next.
 */
export async function fileCamera(
  source: string,
  options: SourceOptions,
  intervalMs: number,
): Promise<Camera> {
  const { isDirectory, isFile } = await statOf(source);
  if (isDirectory) return pictureCamera(source, { ...options, intervalMs });
  if (!isFile && isPictureName(source)) {
    throw new FatalError(`cannot read "${source}": it is no regular file`, "give the picture as a file");
  }
  // A FIFO: whoever writes to it is waited for as a camera is.
  if (!isFile) return streamCamera({ ...clip(source, { byName: true }, options), stallMs: options.stallMs });
  const kind = await readKind(source);
  if (kind.kind === "none") {
    throw new FatalError(
      `"${source}" is neither a video nor a picture: ${kind.reason}`,
      "give a video file, a picture or a folder of pictures",
    );
  }
  if (kind.kind === "picture" || kind.still) return pictureCamera(source, { ...options, intervalMs });
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
    throw new FatalError(
      `cannot read "${source}": ${diskMessage(error)}`,
      "let this user read the file and search its folders",
    );
  }
}

/**
 * Names that ffmpeg does not take for a picture's, nor for a pattern of many pictures' names. A file of another name,
 * whose bytes do not say which demuxer reads it, goes to ffmpeg as nothing but its bytes.
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
  // With `file:` in front ffmpeg cannot take the path for an option or a protocol.
  const input = isNamed ? `file:${source}` : "pipe:0";
  return {
    name: source,
    inputArgs: [...loop, ...pace, ...format, ...options.ffmpegOptions, "-i", input],
    secrets: secretOptions(options.ffmpegOptions),
    filters: filters(options),
    timed: true,
    stallMs: 0,
    ...(!isNamed && { stdin: () => fileStream(source, options) }),
  };
}
