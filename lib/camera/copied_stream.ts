/**
 * The stream of a camera that is copied and not decoded. The last groups of pictures are in memory; a second ffmpeg
 * decodes those around a time, from a key frame to the last wanted picture, when a face is cut.
 */
import { delay } from "../async/delay.ts";
import { FatalError } from "../errors.ts";
import type { Frame, HeldPicture } from "../image/frame.ts";
import { isInterrupted } from "./camera_process.ts";
import { ffmpegFrames, type FfmpegInput, runFfmpeg } from "./ffmpeg_process.ts";
import { ARRIVAL_TIMES, type CopiedPacket, MATROSKA_COPY, matroskaPackets } from "./matroska_packets.ts";
import { PictureGroups } from "./picture_groups.ts";
import type { PictureSpan } from "./picture_span.ts";
import { HeldPictures } from "./main_pictures.ts";
import { AROUND_MS, wantedPackets } from "./wanted_pictures.ts";

/** ffmpeg is ended after this long without a decoded picture. */
const DECODE_LIMIT_MS = 15_000;
/** Half of the resolution of times in the stream. */
const HALF_MS = 0.5;

/** How a stream is copied. */
export interface CopiedStreamOptions {
  /** The camera's input; its filters are applied to each decoded picture. */
  readonly input: Omit<FfmpegInput, "stdin" | "timed" | "onDuration" | "immediate">;
  readonly held?: HeldPictures;
}

/** The packets of one stream in memory. */
export class CopiedStream {
  readonly #groups = new PictureGroups();
  readonly #held: HeldPictures;

  constructor(private readonly options: CopiedStreamOptions) {
    this.#held = options.held ?? new HeldPictures();
  }

  /**
   * Reads the stream until it ends or the signal is aborted. Throws the FatalError or ConfigError that explains a
   * failure.
   * @param options.onPacket called for each packet.
   */
  async read({ signal, onPacket }: { signal: AbortSignal; onPacket?: () => void }): Promise<void> {
    const inputArgs = [...ARRIVAL_TIMES, ...this.options.input.inputArgs];
    const packets = runFfmpeg({ ...this.options.input, inputArgs, filters: [] }, {
      signal,
      outputArgs: () => MATROSKA_COPY,
      read: (stdout) => matroskaPackets(stdout),
    });
    try {
      for await (const packet of packets) {
        this.#groups.add(packet);
        if (packet.isKey) this.#held.check();
        onPacket?.();
      }
    } finally {
      this.#groups.end();
    }
  }

  /** Keeps the picture of a time. */
  hold(arrivedMs: number): HeldPicture {
    const span = this.#groups.around(arrivedMs);
    const held = new HeldSpan(span, span ? "" : this.#groups.fault);
    if (span) this.#held.add(held);
    return {
      decode: async ({ signal }) => {
        await delay(Math.max(0, arrivedMs + AROUND_MS - performance.now()), { signal });
        return await this.#decode(held.take().packets, { arrivedMs, signal }).catch(async (error) => {
          throw await isInterrupted(signal) ? new FatalError("the program ends") : error;
        });
      },
      release: () => {
        held.drop();
        this.#held.delete(held);
      },
    };
  }

  async #decode(
    packets: readonly CopiedPacket[],
    { arrivedMs, signal }: { arrivedMs: number; signal: AbortSignal },
  ): Promise<readonly Frame[]> {
    const { name, filters } = this.options.input;
    const wanted = wantedPackets(packets, arrivedMs);
    const nearest = wanted[0];
    if (!nearest) throw new FatalError(`"${name}" has no picture of that time`);
    const { head } = packets[0];
    const last = packets.findLastIndex((packet) => wanted.includes(packet));
    const input: FfmpegInput = {
      name,
      // Otherwise ffmpeg counts times from the first packet, or not, depending on their number.
      inputArgs: ["-copyts", "-f", "matroska", "-i", "pipe:0"],
      filters: [selectTimes(wanted.map(({ timeMs }) => timeMs)), ...filters],
      stdin: () => ReadableStream.from([head, ...packets.slice(0, last + 1).map((one) => one.cluster)]),
      timed: true,
      stallMs: DECODE_LIMIT_MS,
    };
    const found: { readonly frame: Frame; readonly order: number }[] = [];
    for await (const frame of ffmpegFrames(input, { signal })) {
      const order = wanted.findIndex(({ timeMs }) => Math.abs(timeMs - frame.sourceTimeMs) <= HALF_MS);
      if (order < 0 || found.some((other) => other.order === order)) continue;
      found.push({ frame: { ...frame, sourceTimeMs: wanted[order].arrivedMs }, order });
    }
    if (found.length === 0) throw new FatalError(`no picture of "${name}" could be decoded`);
    return found.sort((a, b) => a.order - b.order).map(({ frame }) => frame);
  }
}

/** A held span, until it is dropped. */
class HeldSpan {
  constructor(private span: PictureSpan | undefined, private reason: string) {}

  memory(): readonly (readonly [object, number])[] {
    return this.span?.groups.map((group) => [group, group.bytes] as const) ?? [];
  }

  drop(): void {
    this.span = undefined;
    this.reason = "too many pictures were held";
  }

  take(): PictureSpan {
    if (!this.span) throw new FatalError(this.reason);
    return this.span;
  }
}

/** A filter that keeps the frames of these times only, in milliseconds. */
function selectTimes(timesMs: readonly number[]): string {
  const between = timesMs.map((ms) => `between(t,${(ms - HALF_MS) / 1000},${(ms + HALF_MS) / 1000})`);
  return `select='${between.join("+")}'`;
}
