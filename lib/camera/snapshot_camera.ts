/** A camera without a stream: its address returns one picture for each request and is polled. */
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { delay } from "../async/delay.ts";
import type { Camera } from "./camera.ts";
import { decodePicture } from "./decode_picture.ts";
import { fileKind, isPicture } from "./file_kind.ts";
import { HttpPictures, RefusedError } from "./http_picture.ts";
import type { ReopenableSource } from "./live_camera.ts";

const PICTURES_PER_SECOND = 1;
/** Timeout of the request that decides whether an address is a snapshot. */
const PROBE_LIMIT_MS = 5_000;
/** Timeout of one picture. */
const ANSWER_LIMIT_MS = 10_000;
/** Used for `stallMs` 0. */
const DEFAULT_STALL_MS = 15_000;
/** Content types of streams, which never end. */
const STREAM_TYPE = /^\s*(multipart|video|audio)\//i;
/** That of a camera's stream of JPEGs. */
const JPEGS_TYPE = /^\s*multipart\/x-mixed-replace\b/i;

/** How to poll an address. */
export interface SnapshotOptions {
  /** The address without passwords, for messages. */
  readonly name: string;
  /** Pictures per second; 1 by default. */
  readonly rate?: number;
  /** ffmpeg's filters for each picture. */
  readonly filters: readonly string[];
  /** The camera is lost after this long without a picture; shorter failures are ignored. */
  readonly stallMs: number;
}

/**
 * What an address returns: one picture, a stream of JPEGs, or something else; refused without the right password, and
 * unknown when the request fails otherwise.
 */
export type HttpKind = "picture" | "jpegs" | "other" | "refused" | "unknown";

/** Requests an address, and says what it returns. A camera may send the head of a stream long before its first picture. */
export async function httpKind(
  pictures: HttpPictures,
  { signal = new AbortController().signal }: { signal?: AbortSignal } = {},
): Promise<HttpKind> {
  let kind: HttpKind = "other";
  const isWantedType = (type: string) => {
    if (JPEGS_TYPE.test(type)) kind = "jpegs";
    return !STREAM_TYPE.test(type);
  };
  const isWanted = (head: Uint8Array) => isPicture(fileKind(head));
  try {
    const picture = await pictures.next({ signal, limitMs: PROBE_LIMIT_MS, isWantedType, isWanted });
    return picture ? "picture" : kind;
  } catch (error) {
    return error instanceof RefusedError ? "refused" : "unknown";
  }
}

/** The source of a live camera. Its frames throw the error of the last request after `stallMs` without a picture. */
export function snapshotSource(address: string, options: SnapshotOptions): ReopenableSource {
  const { name, rate = PICTURES_PER_SECOND, filters, stallMs } = options;
  const pictures = new HttpPictures(address, name);
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    let seenMs = performance.now();
    while (!signal.aborted) {
      const beganMs = performance.now();
      try {
        yield await nextFrame(pictures, { name, filters, signal });
        seenMs = performance.now();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof FatalError)) throw error;
        if (performance.now() - seenMs >= (stallMs || DEFAULT_STALL_MS)) throw error;
      }
      await delay(Math.max(0, beganMs + 1000 / rate - performance.now()), { signal });
    }
  }
  return { name, frames };
}

/** A camera of one frame: the picture that the address returns now. */
export function snapshotCamera(address: string, { name, filters }: SnapshotOptions): Camera {
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    yield await nextFrame(new HttpPictures(address, name), { name, filters, signal });
  }
  return { name, live: false, stills: true, frames };
}

async function nextFrame(
  pictures: HttpPictures,
  { name, filters, signal }: {
    readonly name: string;
    readonly filters: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<Frame> {
  const answer = await pictures.next({ signal, limitMs: ANSWER_LIMIT_MS });
  const capturedMs = Date.now();
  return { ...await decodePicture(name, answer!, { signal, filters }), capturedMs };
}
