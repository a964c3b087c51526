/**
 * A camera of JPEGs whose frames are decoded on demand. Decoding is most of the cost of a frame, and most frames of a
 * quiet scene need not be searched.
 *
 *     ffmpeg ──packets──▶ gate ──Matroska──▶ ffmpeg ──frames──▶ caller
 *     copies              leaves out          decodes
 *
 * The time of a packet in the Matroska stream is its number; the decoder prints it beside the frame, so that frames find
 * their packets although damaged packets give no frame. A decoder that ends or hangs is started again, with backoff. The
 * camera is lost when the first ffmpeg ends, or when a decoder gives no frame for the time of a stall.
 */
import { Backoff } from "../async/backoff.ts";
import { delay } from "../async/delay.ts";
import { either } from "../async/either.ts";
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import type { Frame, Reduction, Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";
import { Demand } from "./demand.ts";
import { isInterrupted } from "./camera_process.ts";
import { ffmpegFrames, type FfmpegInput, runFfmpeg } from "./ffmpeg_process.ts";
import { jpegPackets } from "./jpeg_packets.ts";
import { matroskaHead, matroskaInput, matroskaPacket } from "./jpeg_matroska.ts";
import type { ReopenableSource, SourceFrameOptions } from "./live_camera.ts";
import { PacketGate } from "./packet_gate.ts";
import { PictureDecoder } from "./picture_decoder.ts";
import { PictureSize } from "./picture_size.ts";
import { checkSize } from "./planar_frames.ts";
import { hasSizeOf, lowres, wholePicture } from "./whole_picture.ts";

/** Used for `stallMs` 0: time after which a decoder without an answer hangs. */
const DEFAULT_STALL_MS = 15_000;
/** Writes each packet when it comes; ffmpeg's own default depends on its version. */
const COPY = ["-map", "0:v:0", "-c", "copy", "-flush_packets", "1", "-f", "mpjpeg"];

/** After this many packets and this time without a JPEG from the start on it gives up: the first ones may be damaged. */
const UNREAD_MAX = 25;
const UNREAD_MS = 3_000;

/** The camera sends packets, and their headers have no size. An ffmpeg that decodes every packet may read them. */
export class NoJpegsError extends FatalError {
  constructor(name: string) {
    super(`"${name}" sends no JPEG that can be decoded on demand`, "set --idle-rate 0 to decode every frame");
  }
}

/** What is read, and how much of it is decoded. */
export interface OnDemandOptions extends Omit<FfmpegInput, "stdin" | "timed" | "onDuration" | "immediate"> {
  /** Whether the filters scale frames; then the decoder does not make them smaller. */
  readonly isScaled?: boolean;
  /** By which the filters rotate frames. */
  readonly rotate?: Rotation;
  /** Frames per second while not every frame is needed. */
  readonly idleRate: number;
  /** Maximum frames per second; the camera's own by default. */
  readonly rate?: number;
  /** Called with the reason when a decoder has ended, and with undefined when one gives frames again. */
  readonly onDecoder?: (fault: string | undefined) => void;
}

/** The source of a live camera that sends JPEGs. Its frames have the time at which their packet arrived. */
export function onDemandSource(options: OnDemandOptions): ReopenableSource {
  return {
    name: options.name,
    hasArrivalTimes: true,
    mayReduce: !options.isScaled,
    frames: ({ signal, onWaiting, demand = new Demand() }) =>
      new OnDemandRun(options, demand).frames({ signal, onWaiting }),
  };
}

/** One opening of the camera. */
class OnDemandRun {
  readonly #gate: PacketGate;
  /** How much smaller the decoder makes the frames. */
  #reduction: Reduction;
  /** Of the pictures that are decoded. */
  readonly #size = new PictureSize();
  /** Whether a decoder has given a frame of the right size. */
  #isDecoded = false;
  /** Aborted when the camera gives no more packets, with the reason where that is a failure. */
  readonly #over = new AbortController();
  #failure: unknown;
  /** Resolved, and replaced, when a packet comes or may be taken, and at the end. */
  #changed = Promise.withResolvers<void>();
  /** Ends the decoder. */
  #kill = (_fault: string) => {};
  /** When the last frame came, or the caller asked for the next one; infinite while it has one. */
  #waitsMs = performance.now();

  constructor(private readonly options: OnDemandOptions, demand: Demand) {
    const { idleRate, rate, isScaled } = options;
    this.#reduction = isScaled ? 1 : demand.reduction;
    this.#gate = new PacketGate({
      demand,
      idleMs: 1000 / idleRate,
      minIntervalMs: rate ? 1000 / rate : 0,
      nowMs: () => performance.now(),
    });
    demand.onMore(() => this.#notify());
  }

  async *frames({ signal, onWaiting }: SourceFrameOptions): AsyncGenerator<Frame> {
    const stopped = new AbortController();
    await using pictures = new PictureDecoder(this.options);
    const copying = this.#copy({ signal: either(signal, stopped.signal), onWaiting });
    const backoff = new Backoff({ firstMs: 250, maxMs: 5_000, healthyMs: 10_000 });
    try {
      while (!this.#size.current && !this.#over.signal.aborted) await this.#changed.promise;
      this.#waitsMs = performance.now();
      while (!this.#over.signal.aborted) {
        const mayRepeat = yield* this.#decode(this.#size.current!, pictures);
        if (!mayRepeat) await delay(backoff.next(), this.#over);
      }
      if (this.#failure) throw this.#failure;
    } finally {
      stopped.abort();
      await copying;
    }
  }

  /** Reads the packets until the camera is lost or the signal is aborted. Never rejects. */
  async #copy(options: SourceFrameOptions): Promise<void> {
    try {
      const packets = runFfmpeg({ ...this.options, filters: [] }, {
        ...options,
        outputArgs: () => COPY,
        read: jpegPackets,
      });
      let acceptedMs: number | undefined;
      let unread = 0;
      for await (const packet of packets) {
        if (packet && this.#size.accept(packet.size)) {
          acceptedMs = performance.now();
          this.#gate.offer(packet);
        } else this.#checkAccepted(acceptedMs ??= performance.now(), ++unread);
        const unansweredMs = Math.min(this.#gate.unansweredMs, performance.now() - this.#waitsMs);
        if (unansweredMs > (this.options.stallMs || DEFAULT_STALL_MS)) this.#kill("it gave no frame");
        this.#notify();
      }
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#over.abort();
      this.#notify();
    }
  }

  /**
   * Throws a FatalError when no packet has been accepted for the time of a stall; each one feeds the watchdog of the copy. A
   * NoJpegsError when none ever was, after that time or the limits of unread packets.
   */
  #checkAccepted(acceptedMs: number, unread: number): void {
    const { name, stallMs } = this.options;
    const waitedMs = performance.now() - acceptedMs;
    const isStalled = stallMs > 0 && waitedMs >= stallMs;
    if (!this.#size.current && (isStalled || (unread >= UNREAD_MAX && waitedMs >= UNREAD_MS))) {
      throw new NoJpegsError(name);
    }
    if (!isStalled) return;
    throw new FatalError(
      `"${name}" sent data but no readable JPEG for ${stallMs / 1000} s`,
      "restart the camera, or set --idle-rate 0 to decode every frame",
    );
  }

  /**
   * The frames of one decoder, until it ends, the pictures change or the camera is lost. Returns whether the next one may
   * begin at once: where frames changed, or were to be smaller, the decoder has no fault.
   */
  async *#decode(size: Size, pictures: PictureDecoder): AsyncGenerator<Frame, boolean> {
    checkSize(size);
    const { name, filters, rotate } = this.options;
    const stopped = new AbortController();
    let fault: string | undefined;
    this.#kill = (why) => {
      fault ??= why;
      stopped.abort();
    };
    this.#gate.restart();
    const signal = either(this.#over.signal, stopped.signal);
    const input = matroskaInput(() => this.#packetsOf(size, signal), {
      decoderArgs: lowres(this.#reduction),
    });
    let frames = 0;
    let isSizeKept = true;
    try {
      for await (const frame of ffmpegFrames({ ...input, name, filters }, { signal })) {
        this.#waitsMs = performance.now();
        if (frames++ === 0) this.options.onDecoder?.(undefined);
        isSizeKept = hasSizeOf(size, frame, { rotate, reduction: this.#reduction });
        if (!isSizeKept) {
          frame.release?.();
          break;
        }
        this.#isDecoded = true;
        yield* this.#answered(frame, pictures);
      }
    } catch (error) {
      if (error instanceof ConfigError && this.#reduction === 1) throw error;
      fault ??= messageOf(error);
    } finally {
      stopped.abort();
    }
    if (!isSizeKept) this.#reduction = 1; // Such as a picture that ffmpeg rotates by its EXIF data.
    if (!isSizeKept || (this.#size.current !== size && !this.#isOverdue(frames))) return frames > 0;
    if (await isInterrupted(this.#over.signal)) return false;
    fault ??= "it ended";
    // An ffmpeg without this option of its decoder, or JPEGs that it decodes only at their full size, such as lossless ones.
    const isTooSmall = this.#reduction > 1 && !this.#isDecoded;
    if (!isTooSmall) this.#checkOverdue(fault, frames);
    this.options.onDecoder?.(fault);
    if (isTooSmall) this.#reduction = 1;
    return isTooSmall;
  }

  /** The frame with the times of its packet. */
  async *#answered(frame: Frame, pictures: PictureDecoder): AsyncGenerator<Frame> {
    const packet = this.#gate.answer(frame.sourceTimeMs);
    this.#notify();
    if (!packet) return frame.release?.();
    const whole = wholePicture(packet, frame, {
      rotate: this.options.rotate,
      reduction: this.#reduction,
      pictures,
    });
    const times = { capturedMs: packet.capturedMs, sourceTimeMs: packet.arrivedMs };
    this.#waitsMs = Infinity;
    yield { ...frame, ...times, ...whole && { whole } };
    this.#waitsMs = performance.now();
  }

  /** Throws a FatalError when no decoder has given a frame for the time of a stall. */
  #checkOverdue(fault: string, frames: number): void {
    const { name, stallMs } = this.options;
    if (!this.#isOverdue(frames)) return;
    throw new FatalError(
      `"${name}" sent data but ffmpeg decoded no picture for ${stallMs / 1000} s: ${fault}`,
      "set --idle-rate 0 to decode without a second ffmpeg",
    );
  }

  /** Whether no decoder has given a frame for the time of a stall. @param frames those of the last one. */
  #isOverdue(frames: number): boolean {
    const { stallMs } = this.options;
    return frames === 0 && stallMs > 0 && performance.now() - this.#waitsMs >= stallMs;
  }

  /** The packets of one size, as Matroska. Ends when the size changes. */
  #packetsOf(size: Size, signal: AbortSignal): ReadableStream<Uint8Array> {
    let isBegun = false;
    return new ReadableStream({
      pull: async (controller) => {
        if (!isBegun) {
          isBegun = true;
          return controller.enqueue(matroskaHead(size));
        }
        while (!signal.aborted && this.#size.current === size) {
          const packet = this.#gate.take();
          if (packet) return controller.enqueue(matroskaPacket(packet.number, packet.jpeg));
          await this.#changed.promise;
        }
        controller.close();
      },
    }, { highWaterMark: 0 });
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
