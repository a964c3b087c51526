/** A camera that does not stream: its address answers one picture for each request, and is asked again and again. */
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { delay } from "../async/delay.ts";
import type { Camera } from "./camera.ts";
import { decodePicture } from "./decode_picture.ts";
import { fileKind, isPicture } from "./file_kind.ts";
import { HttpPictures } from "./http_picture.ts";
import type { ReopenableSource } from "./live_camera.ts";

const PICTURES_PER_SECOND = 1;
/** Longer than this nobody waits to learn what an address is. */
const LOOK_LIMIT_MS = 5_000;
/** A slower answer is given up. */
const ANSWER_LIMIT_MS = 10_000;
/** Without `--stall` errors are reported after this long. */
const DEFAULT_STALL_MS = 15_000;
/** Types of streams, which do not end. */
const STREAM_TYPE = /^\s*(multipart|video|audio)\//i;

/** Which pictures are asked for, and how often. */
export interface SnapshotOptions {
  /** The address without passwords, for messages. */
  readonly name: string;
  /** Pictures a second; 1 without it. */
  readonly rate?: number;
  /** ffmpeg's filters for each picture. */
  readonly filters: readonly string[];
  /** Answers that are no pictures are passed over for this long, then the camera is lost. */
  readonly stallMs: number;
}

/** Whether an address answers with one picture. False when it does not answer, which ffmpeg then explains. */
export async function isSnapshot(address: string, name: string): Promise<boolean> {
  try {
    const isWanted = (type: string, head: Uint8Array) => !STREAM_TYPE.test(type) && isPicture(fileKind(head));
    const { signal } = new AbortController();
    return await new HttpPictures(address, name).next({ signal, limitMs: LOOK_LIMIT_MS, isWanted }) !==
      undefined;
  } catch {
    return false;
  }
}

/** What a live camera reads; it is lost when no picture came for `stallMs`, with the reason of the last request. */
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

/** The picture that an address answers now, once. */
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
