/** A live camera at a network address, which is asked whether it sends JPEGs, or one picture for each request. */
import type { Frame } from "../image/frame.ts";
import { safeAddress } from "../safe_address.ts";
import { filters } from "./ffmpeg_camera.ts";
import type { FfmpegInput } from "./ffmpeg_process.ts";
import { HttpPictures } from "./http_picture.ts";
import { jpegSource, type JpegSourceOptions } from "./jpeg_source.ts";
import { arrivingFrames, type ReopenableSource, type SourceFrameOptions } from "./live_camera.ts";
import { type HttpKind, httpKind, snapshotSource } from "./snapshot_camera.ts";

/** Asks an address what it returns. */
export type AskKind = (options?: { readonly signal?: AbortSignal }) => Promise<HttpKind>;

/** Asks one address. With options of ffmpeg, ffmpeg reads it, and so it does with other protocols. */
export function kindOf(
  address: string,
  { ffmpegOptions }: { readonly ffmpegOptions: readonly string[] },
): AskKind {
  if (!/^https?:/i.test(address) || ffmpegOptions.length > 0 || !URL.canParse(address)) {
    return () => Promise.resolve("other");
  }
  const pictures = new HttpPictures(address, safeAddress(address));
  return (options) => httpKind(pictures, options);
}

/** How an address is read. */
export interface AddressOptions extends Omit<JpegSourceOptions, "isJpegs"> {
  readonly ask: AskKind;
  /** Its answer of before. */
  readonly asked: HttpKind;
  readonly stallMs: number;
}

/**
 * An address as a source. Each opening asks again until the address has answered: it may be busy or switched off. An
 * answer is kept, since each request is a login, and may take the only place of a camera. So is a refusal, unless frames
 * come nevertheless.
 */
export function addressSource(
  address: string,
  input: FfmpegInput,
  options: AddressOptions,
): ReopenableSource {
  const { ask, asked, size, rate, rotate, idleRate, stallMs, onEveryFrame } = options;
  const { name } = input;
  let known = asked;
  const sourceOf = (kind: HttpKind) =>
    kind === "picture"
      ? snapshotSource(address, { name, rate, stallMs, filters: filters({ size, rotate }) })
      : jpegSource(input, { ...options, isJpegs: kind === "jpegs" });
  async function* frames(opened: SourceFrameOptions): AsyncGenerator<Frame> {
    const { signal } = opened;
    if (known === "unknown") known = await ask({ signal });
    if (signal.aborted) return;
    const kind = known;
    let isReported = (kind !== "unknown" && kind !== "refused") || !idleRate;
    for await (const frame of arrivingFrames(sourceOf(kind), opened)) {
      if (kind === "refused") known = "unknown";
      if (!isReported) onEveryFrame?.(`"${name}" did not answer what it sends`);
      isReported = true;
      yield frame;
    }
  }
  const { mayReduce } = sourceOf(asked === "unknown" ? "jpegs" : asked);
  return { name, hasArrivalTimes: true, mayReduce, frames };
}
