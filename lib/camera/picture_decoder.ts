/**
 * Decodes single JPEGs of a camera at their full size. Most of the cost of one picture is the start of ffmpeg, so ffmpeg
 * stays for some seconds after each picture: a busy door, and both faces of a visit, need one start.
 */
import { startLimit } from "../async/limit.ts";
import type { Frame, Size } from "../image/frame.ts";
import { decodePicture } from "./decode_picture.ts";
import { ffmpegFrames } from "./ffmpeg_process.ts";
import { matroskaHead, matroskaInput, matroskaPacket } from "./jpeg_matroska.ts";
import type { JpegPacket } from "./jpeg_packets.ts";

/** Time until ffmpeg ends after a picture. */
const KEEP_MS = 10_000;

type Packet = Pick<JpegPacket, "jpeg" | "size">;

/** How pictures are decoded. */
export interface PictureDecoderOptions {
  /** The source without passwords, for messages. */
  readonly name: string;
  /** ffmpeg's filters for each picture. */
  readonly filters: readonly string[];
  readonly keepMs?: number;
}

/** The decoder of one opening of a camera. */
export class PictureDecoder implements AsyncDisposable {
  /** Resolved when no picture is being decoded. */
  #last: Promise<unknown> = Promise.resolve();
  #run: DecoderRun | undefined;
  #stopKeeping = () => {};
  /** Resolved when no earlier run has to end. */
  #ended: Promise<unknown> = Promise.resolve();
  #isDecoding = false;
  #isClosed = false;

  constructor(private readonly options: PictureDecoderOptions) {}

  /** Decodes one picture, after those before it. Undefined when that fails, or the signal is aborted. */
  async decode(packet: Packet, { signal }: { readonly signal: AbortSignal }): Promise<Frame | undefined> {
    const decoded = this.#last.then(() => this.#next(packet, signal)).catch(() => undefined);
    this.#last = decoded;
    return await decoded;
  }

  /**
   * Ends ffmpeg; one that is decoding a picture ends after it, without being waited for, since a face needs that picture.
   * Pictures that are decoded later get an ffmpeg of their own.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    if (!this.#isDecoding) await this.#end();
  }

  async #next(packet: Packet, signal: AbortSignal): Promise<Frame | undefined> {
    if (this.#isClosed) {
      return await decodePicture(this.options.name, packet.jpeg, { ...this.options, signal });
    }
    this.#stopKeeping();
    this.#isDecoding = true;
    if (!this.#run?.fits(packet)) await this.#end();
    this.#run ??= new DecoderRun(this.options, packet.size);
    const frame = await this.#run.decode(packet, signal);
    this.#isDecoding = false;
    if (!frame || this.#isClosed) await this.#end();
    else this.#stopKeeping = startLimit(this.options.keepMs ?? KEEP_MS, () => void this.#end());
    return frame;
  }

  async #end(): Promise<void> {
    this.#stopKeeping();
    const run = this.#run;
    this.#run = undefined;
    this.#ended = Promise.all([this.#ended, run?.end()]);
    await this.#ended;
  }
}

/** One ffmpeg, which decodes pictures of one size. */
class DecoderRun {
  readonly #ended = new AbortController();
  readonly #packets = new TransformStream<Uint8Array, Uint8Array>();
  readonly #writer = this.#packets.writable.getWriter();
  readonly #frames: AsyncGenerator<Frame>;
  #number = 0;

  constructor({ name, filters }: PictureDecoderOptions, private readonly size: Size) {
    const input = matroskaInput(() => this.#packets.readable);
    this.#frames = ffmpegFrames({ ...input, name, filters }, { signal: this.#ended.signal });
    this.#write(matroskaHead(size));
  }

  fits({ size }: Packet): boolean {
    return size.width === this.size.width && size.height === this.size.height;
  }

  /** The picture; undefined when ffmpeg gives another one, or ends, or the signal is aborted. Then the run is over. */
  async decode({ jpeg }: Packet, signal: AbortSignal): Promise<Frame | undefined> {
    if (signal.aborted) return undefined;
    const number = this.#number++;
    this.#write(matroskaPacket(number, jpeg));
    const kill = () => this.#ended.abort();
    signal.addEventListener("abort", kill);
    try {
      const { value } = await this.#frames.next();
      return value?.sourceTimeMs === number ? value : undefined;
    } catch {
      return undefined;
    } finally {
      signal.removeEventListener("abort", kill);
    }
  }

  async end(): Promise<void> {
    this.#writer.close().catch(() => {}); // While ffmpeg waits for input, it ends only at the end of the input.
    this.#ended.abort();
    await this.#frames.return(undefined).catch(() => {});
  }

  /** A write fails only when ffmpeg has ended, and then there is no frame. */
  #write(bytes: Uint8Array): void {
    this.#writer.write(bytes).catch(() => {});
  }
}
