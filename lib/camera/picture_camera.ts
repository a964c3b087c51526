/** Pictures as a camera: one file, or those of a folder in the order of their names. */
import { join } from "node:path";
import { diskMessage } from "../durable_file.ts";
import { FatalError, messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { printable } from "../printable.ts";
import { delay } from "../async/delay.ts";
import { readKind, readPictureFile } from "./bounded_file.ts";
import type { Camera, Extent } from "./camera.ts";
import { decodePicture, PICTURE_LIMIT_MS } from "./decode_picture.ts";
import { ffmpegFrames } from "./ffmpeg_process.ts";
import { isPicture } from "./file_kind.ts";

/** In a folder, an unreadable file with such a name is reported; other files that are no pictures are skipped silently. */
const PICTURE_NAME = /\.(png|jpe?g|jfif|bmp|webp|tiff?|gif|heic|avif)$/i;
const FOLDER_HINT = "give a folder with PNG, JPEG, WebP, GIF, BMP or TIFF files";

/** Whether a file's name is that of a picture. */
export function isPictureName(name: string): boolean {
  return PICTURE_NAME.test(name);
}

/** Speed and order of pictures. */
export interface PictureOptions {
  /** Interval between pictures; 0: as fast as the caller takes them. */
  readonly intervalMs: number;
  /** Restart after the last picture. */
  readonly repeat: boolean;
  /** Called once for each unreadable file of a folder, which is skipped. */
  readonly onUnreadable?: (name: string, reason: string) => void;
}

/**
 * A camera of the pictures at `path`. Its frames throw a FatalError when a single picture is unreadable, or when a folder
 * has no readable picture.
 */
export function pictureCamera(path: string, { intervalMs, repeat, onUnreadable }: PictureOptions): Camera {
  let extent: Extent | undefined;
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    const unreadable = new Set<string>();
    let shown: boolean;
    do {
      shown = false;
      const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
      const names = isFolder ? await namesIn(path) : [path];
      extent = { frames: names.filter((name) => !isFolder || isPictureName(name)).length };
      for (const name of names) {
        if (signal.aborted) return;
        try {
          if (isFolder && !await isShown(name)) continue;
          yield await readPicture(name, { signal });
          shown = true;
        } catch (error) {
          if (signal.aborted) return;
          if (!isFolder || !(error instanceof FatalError)) throw error;
          if (!unreadable.has(name)) onUnreadable?.(name, messageOf(error));
          unreadable.add(name);
        }
        await delay(intervalMs, { signal });
      }
      if (!shown && !signal.aborted) {
        const kind = unreadable.size > 0 ? "readable picture" : "pictures";
        throw new FatalError(`no ${kind} in the folder "${printable(path)}"`, FOLDER_HINT);
      }
    } while (repeat && !signal.aborted);
  }
  return { name: printable(path), live: intervalMs > 0, stills: true, extent: () => extent, frames };
}

/** The paths of a folder's files, sorted. Without hidden files, such as `._door.jpg` and `.DS_Store`. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ isDirectory, name }) => !isDirectory && !name.startsWith("."))
      .map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    throw new FatalError(
      `cannot read the folder "${printable(folder)}": ${diskMessage(error)}`,
      error instanceof Deno.errors.PermissionDenied
        ? `let this user read the folder: chmod a+rx "${printable(folder)}"`
        : "give another folder",
    );
  }
}

/** Whether a file of a folder is a picture by its bytes. Throws a FatalError for an unreadable file with a picture's name. */
async function isShown(path: string): Promise<boolean> {
  const expected = isPictureName(path);
  try {
    return expected || isPicture(await readKind(path));
  } catch (error) {
    if (expected || !(error instanceof FatalError)) throw error;
    return false;
  }
}

/** Decodes the picture in a file. Throws a FatalError when there is none. */
async function readPicture(path: string, { signal }: { signal: AbortSignal }): Promise<Frame> {
  const kind = await readKind(path);
  const name = printable(path);
  if (kind.kind !== "clip" || !kind.still) {
    return await decodePicture(name, await readPictureFile(path), { signal });
  }
  const inputArgs = ["-f", "mov", "-i", `file:${path}`];
  for await (
    const frame of ffmpegFrames({ name, inputArgs, filters: [], stallMs: PICTURE_LIMIT_MS }, { signal })
  ) {
    return frame;
  }
  throw new FatalError(`"${name}" is a picture that this ffmpeg cannot read`, "convert it to JPEG");
}
