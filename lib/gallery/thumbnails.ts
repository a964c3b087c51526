/**
 * Small pictures of faces for cards. A picture that is small is its own thumbnail; a larger PNG is scaled down and becomes
 * a JPEG, once. Both are cached, so that a page asks the store for a picture once.
 */
import { createHash } from "node:crypto";
import { RejectedMessageError } from "../errors.ts";
import { encodeJpeg } from "../image/jpeg_encoder.ts";
import { planesOfPicture } from "../image/jpeg_planes.ts";
import { decodePng, isPng, readPng } from "../image/png.ts";
import { scaleDown } from "../image/scale.ts";
import type { ByteCache } from "./memory_cache.ts";
import { SharedWork } from "./shared_work.ts";
import type { ListedFace } from "./shown_face.ts";

/** Longest side of a thumbnail in pixels: a card on a screen with two pixels for each of CSS. */
export const MAX_SIDE_PX = 384;
/** 1 to 100. At 82 a face shows no blocks at twice its size. */
const QUALITY = 82;
/** A picture of this size in bytes is its own thumbnail, whatever its size in pixels. */
const SMALL_BYTES = 64 * 1024;
/** A larger picture is not decoded, and is its own thumbnail: decoding takes 6 bytes of memory for each pixel. */
const MAX_PIXELS = 4_000_000;
/** Thumbnails are made one after the other: each takes some 50 ms of the thread that also responds. */
const MAX_CONCURRENT = 1;

/** Which object a thumbnail is of. Another object under the same key has another thumbnail. */
export type PictureVersion = Pick<ListedFace, "key" | "bytes" | "writtenMs">;

/** What thumbnails need. */
export interface ThumbnailOptions {
  readonly cache: ByteCache;
  /** The picture of a key; undefined when there is none. */
  readonly picture: (key: string) => Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** The object of a key as the last listing has shown it; undefined when none has. */
  readonly find: (key: string) => PictureVersion | undefined;
}

/** Makes and keeps thumbnails. */
export class Thumbnails {
  readonly #work = new SharedWork<Uint8Array<ArrayBuffer>>({ maxConcurrent: MAX_CONCURRENT });

  constructor(private readonly options: ThumbnailOptions) {}

  /** The thumbnail of a face; undefined when the face does not exist. Throws what `picture` throws. */
  async thumbnail(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { cache, find, picture } = this.options;
    const version = find(key);
    const name = version && nameOf(version);
    const kept = name === undefined ? undefined : await cache.read(name);
    if (kept) return kept;
    const bytes = await picture(key);
    if (!bytes) return undefined;
    if (bytes.length <= SMALL_BYTES || !isPng(bytes)) {
      if (name !== undefined && bytes.length <= SMALL_BYTES) await cache.write(name, bytes);
      return bytes;
    }
    return await this.#work.do(name ?? key, async () => {
      const known = name === undefined ? undefined : await cache.read(name);
      if (known) return known;
      const small = smaller(bytes);
      if (name !== undefined && small !== bytes) await cache.write(name, small);
      return small;
    });
  }

  /** Forgets the thumbnail of an object that the store no longer has. */
  forget(version: PictureVersion): Promise<void> {
    return this.options.cache.remove(nameOf(version));
  }
}

/** The picture as a JPEG of at most MAX_SIDE_PX; itself when it is too large to be decoded, or damaged. */
function smaller(png: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  try {
    const { width, height } = readPng(png);
    if (width * height > MAX_PIXELS) return png;
    const scale = Math.min(1, MAX_SIDE_PX / Math.max(width, height));
    const to = { width: sideOf(width, scale), height: sideOf(height, scale) };
    return encodeJpeg(planesOfPicture(scaleDown(decodePng(png), to)), QUALITY);
  } catch (error) {
    // A browser shows as much of a damaged picture as it can.
    if (error instanceof RejectedMessageError) return png;
    throw error;
  }
}

function sideOf(px: number, scale: number): number {
  return Math.max(1, Math.round(px * scale));
}

function nameOf({ key, bytes, writtenMs }: PictureVersion): string {
  return createHash("sha256").update(`${bytes} ${writtenMs} ${key}`).digest("hex").slice(0, 40);
}
