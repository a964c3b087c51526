/**
 * Reads the packets of a stream that ffmpeg copies into Matroska (RFC 9559), one packet to a cluster:
 *
 *     head      EBML header, Segment of unknown size, Info, Tracks, …: codec and size
 *     cluster   1F 43 B6 75, size, Timestamp E7, SimpleBlock A3: track, relative time (16 bits), flags, packet
 *     cluster   …
 *
 * Head and clusters are kept as bytes. The head and the clusters from a key frame on are a stream that ffmpeg decodes.
 */
import { readBoth } from "../async/two_clocks.ts";
import { FatalError } from "../errors.ts";
import { joined } from "../image/png_chunks.ts";
import { ByteReader } from "./byte_reader.ts";
import { ID, KEY_FLAG } from "./matroska_ids.ts";

/** A packet of a camera that is not decoded yet; several, if they arrived within a millisecond. */
export interface CopiedPacket {
  /** What precedes the clusters of its stream; the same array for all of them. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** The cluster that holds it. */
  readonly cluster: Uint8Array<ArrayBuffer>;
  /** Whether decoding can begin with it. */
  readonly isKey: boolean;
  /** Its time in the stream, milliseconds: when ffmpeg received it. */
  readonly timeMs: number;
  /** When it arrived, by a monotonic clock, milliseconds, as far as that is known now: see ArrivalClock. */
  readonly arrivedMs: number;
}

/** The options of ffmpeg's input that make the time of arrival the time of a packet. Cameras may send none. */
export const ARRIVAL_TIMES: readonly string[] = ["-use_wallclock_as_timestamps", "1"];

/** The options of ffmpeg's output. The muxer ends a cluster when the next packet comes, and then writes it. */
export const MATROSKA_COPY: readonly string[] = [
  ...["-map", "0:v:0", "-c", "copy"],
  ...["-cluster_time_limit", "0", "-flush_packets", "1", "-f", "matroska"],
];

/**
 * A wall clock that is set by more than this, milliseconds, ends the stream: behind an earlier time ffmpeg gives all packets
 * that time, and times that are 30 hours later it replaces by its own.
 */
const MAX_STEP_MS = 1_000;

/** Limits of the head and of one packet; a stream that exceeds them is no camera's. */
const MAX_HEAD_BYTES = 2 ** 20;
const MAX_PACKET_BYTES = 16 * 2 ** 20;

/**
 * Reads packets until the stream ends. Throws a FatalError for any other format, beyond the limits, and when the wall clock
 * is set.
 */
export async function* matroskaPackets(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { nowMs = () => performance.now(), wallMs = Date.now }: { nowMs?: () => number; wallMs?: () => number } =
    {},
): AsyncGenerator<CopiedPacket> {
  const bytes = new ByteReader(stream);
  let head: Uint8Array<ArrayBuffer> = new Uint8Array();
  const clock = new ArrivalClock();
  const read = () => readBoth({ wallMs, runMs: nowMs });
  const began = read();
  let offsetMs = began.wallMs - began.runMs;
  try {
    for (;;) {
      const element = await nextElement(bytes, { isFirst: head.length === 0 });
      if (!element) return;
      const { id, whole, bodyAt } = element;
      if (id !== ID.cluster) {
        head = joined([head, whole]);
        if (head.length > MAX_HEAD_BYTES) throw new FatalError("the head of the stream is too long");
        continue;
      }
      const packet = packetIn(whole.subarray(bodyAt));
      if (!packet) continue;
      const now = read();
      const stepMs = now.wallMs - now.runMs - offsetMs;
      if (Math.abs(stepMs) > MAX_STEP_MS) throw new FatalError("the clock of this machine was set");
      offsetMs += stepMs;
      clock.read(packet.timeMs, now.runMs);
      yield {
        head,
        cluster: whole,
        ...packet,
        get arrivedMs() {
          return this.timeMs + clock.delayMs;
        },
      };
    }
  } finally {
    await bytes.close();
  }
}

/** Time over which the shortest delay is looked for, milliseconds. */
const WINDOW_MS = 10_000;

/**
 * From the wall clock of ffmpeg, which may be set, to the monotonic clock of this program. A packet is read some time
 * after its arrival: one packet later, and at the start of a stream, which ffmpeg first examines, by seconds. The
 * shortest delay of the last 10 to 20 s counts, that of a packet that is read when the next one has come.
 */
export class ArrivalClock {
  #beganMs = -Infinity;
  #shortestMs = Infinity;
  #beforeMs = Infinity;
  #lastMs: number | undefined;

  /** A packet was read. @param timeMs its own time. @param readMs now. */
  read(timeMs: number, readMs: number): void {
    if (readMs - this.#beganMs > WINDOW_MS) {
      this.#beganMs = readMs;
      this.#beforeMs = this.#shortestMs;
      this.#shortestMs = Infinity;
    }
    // The cluster before this one was complete when this packet came.
    this.#shortestMs = Math.min(this.#shortestMs, (this.#lastMs ?? readMs) - timeMs);
    this.#lastMs = readMs;
  }

  /** From the time of a packet to its arrival. */
  get delayMs(): number {
    return Math.min(this.#shortestMs, this.#beforeMs);
  }
}

interface Element {
  readonly id: number;
  /** The element with its id and size; of a segment only these. */
  readonly whole: Uint8Array<ArrayBuffer>;
  /** Index of its first byte after id and size. */
  readonly bodyAt: number;
}

/** The next element of the segment; undefined at the end. */
async function nextElement(
  bytes: ByteReader,
  { isFirst }: { isFirst: boolean },
): Promise<Element | undefined> {
  const id = await nextVint(bytes);
  if (!id) return undefined;
  const number = unsigned(id);
  if (isFirst && number !== ID.ebml) throw new FatalError("not a stream of packets: it is no Matroska");
  const size = await nextVint(bytes);
  if (!size) return undefined;
  const start = joined([id, size]);
  if (number === ID.segment) return { id: number, whole: start, bodyAt: start.length };
  const length = sizeIn(size);
  if (length === undefined || length > MAX_PACKET_BYTES) {
    throw new FatalError(`not a stream of packets: an element of ${length ?? "unknown"} bytes`);
  }
  const body = length === 0 ? new Uint8Array() : await bytes.exactly(new Uint8Array(length));
  return body && { id: number, whole: joined([start, body]), bodyAt: start.length };
}

/** The bytes of a number of variable length: the zeros before its first bit count its further bytes. */
async function nextVint(bytes: ByteReader): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const first = await bytes.exactly(new Uint8Array(1));
  if (!first) return undefined;
  const more = Math.clz32(first[0]) - 24;
  if (more > 7) throw new FatalError("not a stream of packets: it is no Matroska");
  if (more === 0) return first;
  const rest = await bytes.exactly(new Uint8Array(more));
  return rest && joined([first, rest]);
}

/** The bytes as one number, such as an identifier with its mark; the most significant first. */
function unsigned(bytes: Iterable<number>): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** A size without the mark of its length; undefined for an unknown size. */
function sizeIn([first, ...rest]: Uint8Array): number | undefined {
  const mark = 0x80 >> rest.length;
  const isUnknown = first === 2 * mark - 1 && rest.every((byte) => byte === 0xff);
  return isUnknown ? undefined : unsigned([first & (mark - 1), ...rest]);
}

/** Time and kind of the first block in the body of a cluster; undefined without one. */
function packetIn(body: Uint8Array): Pick<CopiedPacket, "isKey" | "timeMs"> | undefined {
  let clusterMs = 0;
  for (const { id, content } of children(body)) {
    if (id === ID.timestamp) clusterMs = unsigned(content);
    if (id === ID.simpleBlock) return { timeMs: clusterMs + relativeMs(content), isKey: isKeyBlock(content) };
    if (id !== ID.blockGroup) continue;
    const parts = Array.from(children(content));
    const block = parts.find((part) => part.id === ID.block);
    const isKey = !parts.some((part) => part.id === ID.referenceBlock);
    if (block) return { timeMs: clusterMs + relativeMs(block.content), isKey };
  }
  return undefined;
}

function* children(body: Uint8Array): Generator<{ readonly id: number; readonly content: Uint8Array }> {
  for (let at = 0; at < body.length;) {
    const id = vintAt(body, at);
    const size = vintAt(body, at + id.length);
    if (id.length === 0 || size.length === 0) return;
    const length = sizeIn(size);
    if (length === undefined) return;
    const contentAt = at + id.length + size.length;
    yield { id: unsigned(id), content: body.subarray(contentAt, contentAt + length) };
    at = contentAt + length;
  }
}

function vintAt(body: Uint8Array, at: number): Uint8Array {
  const length = at < body.length ? Math.clz32(body[at]) - 23 : 0;
  return body.subarray(at, at + (length > 8 ? 0 : length));
}

/** After the track's number, of one byte here, a signed time of 16 bits. */
function relativeMs(block: Uint8Array): number {
  return (block[1] << 24 | block[2] << 16) >> 16;
}

function isKeyBlock(block: Uint8Array): boolean {
  return (block[3] & KEY_FLAG) !== 0;
}
