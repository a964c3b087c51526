/** Pictures as a camera: one file, or all of a folder in the order of their names. */
import { join } from "node:path";
import { Failure, messageOf, Refusal, UsageError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { decodePng, isPng } from "../image/png.ts";
import { sleep } from "../retry.ts";
import type { Camera } from "./camera.ts";
import { ffmpegFrames } from "./ffmpeg_process.ts";

const PICTURE = /\.(png|jpe?g|bmp|webp)$/i;

/** Whether a file's name is that of a picture. */
export function isPictureName(name: string): boolean {
  return PICTURE.test(name);
}

/** How pictures are shown. */
export interface PictureOptions {
  /** From one picture to the next; 0: as fast as they are taken. */
  readonly intervalMs: number;
  /** Start again after the last one. */
  readonly repeat: boolean;
  /** Told of each file of a folder that is passed over because it cannot be read. */
  readonly onUnreadable?: (name: string, reason: string) => void;
}

/** A camera that shows the pictures at `path`. PNG files are read here, bit for bit; others through ffmpeg. */
export function pictureCamera(path: string, { intervalMs, repeat, onUnreadable }: PictureOptions): Camera {
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    let seen = false;
    do {
      const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
      const names = isFolder ? await pictureNames(path) : [path];
      if (names.length === 0) {
        throw new Failure(`no pictures in the folder "${path}"`, "files named *.png or *.jpg");
      }
      for (const name of names) {
        if (signal.aborted) return;
        try {
          yield await readPicture(name, { signal });
          seen = true;
        } catch (error) {
          if (signal.aborted) return;
          if (!isFolder || error instanceof UsageError) throw error;
          onUnreadable?.(name, messageOf(error));
        }
        await sleep(intervalMs, { signal });
      }
      if (!seen && !signal.aborted) {
        throw new Failure(`no readable picture in the folder "${path}"`, "files named *.png or *.jpg");
      }
    } while (repeat && !signal.aborted);
  }
  return { name: path, live: intervalMs > 0, stills: true, frames };
}

async function pictureNames(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ isDirectory, name }) => !isDirectory && isPictureName(name)).map(({ name }) =>
    join(folder, name)
  ).sort();
}

async function readPicture(path: string, { signal }: { signal: AbortSignal }): Promise<Frame> {
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new Failure(`cannot read "${path}": ${messageOf(error).split(": ")[0]}`);
  });
  if (isPng(bytes)) {
    try {
      const { width, height, rgb } = decodePng(bytes);
      return { width, height, pixels: { kind: "rgb24", rgb }, capturedMs: Date.now(), atMs: 0 };
    } catch (error) {
      if (error instanceof Refusal) throw new Failure(`"${path}" is no picture: ${messageOf(error)}`);
      throw error;
    }
  }
  for await (
    const frame of ffmpegFrames({ name: path, inputArgs: ["-i", path], filters: [], stallMs: 0 }, { signal })
  ) {
    return frame;
  }
  throw new Failure(`"${path}" is no picture`, "a PNG or JPEG file");
}
