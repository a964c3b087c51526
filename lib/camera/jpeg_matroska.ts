/**
 * Writes JPEGs as Matroska (RFC 9559), the container in which ffmpeg reads each with its own time and without waiting for
 * the next one. A stream has one track, and each packet is one cluster:
 *
 *     EBML header │ Segment of unknown size │ Info: ticks of 1 ms │ Tracks: one of V_MJPEG
 *     Cluster │ Timestamp: the packet's number │ SimpleBlock: track 1, at 0, a key frame │ the JPEG
 *
 * An element is its identifier, the length of its data in bytes, and the data.
 */
import type { Size } from "../image/frame.ts";
import type { FfmpegInput } from "./ffmpeg_process.ts";
import { ID, KEY_FLAG } from "./matroska_ids.ts";

const NANOSECONDS_PER_TICK = 1_000_000;
const VIDEO = 1;
const TRACK = 1;

/** A length that is not known: the element ends with the stream. */
const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** Track 1 as a variable-length number, a time of 0 relative to the cluster, and the flag of a key frame. */
const BLOCK_HEAD = [0x80 | TRACK, 0, 0, KEY_FLAG];

/**
 * The stream as the input of an ffmpeg that decodes each packet when it comes. Without a small probe ffmpeg waits for
 * seconds of packets, with `-fflags nobuffer` it drops the first frame, and with several threads each frame is late by one.
 * @param options.decoderArgs further options of the decoder.
 */
export function matroskaInput(
  stdin: () => ReadableStream<Uint8Array>,
  { decoderArgs = [] }: { readonly decoderArgs?: readonly string[] } = {},
) {
  const inputArgs = ["-probesize", "32", "-threads", "1", ...decoderArgs, "-f", "matroska", "-i", "pipe:0"];
  return { inputArgs, stdin, timed: true, immediate: true, stallMs: 0 } as const satisfies Partial<
    FfmpegInput
  >;
}

/** The stream before its first packet. @param size of the JPEGs, in pixels. */
export function matroskaHead({ width, height }: Size): Uint8Array<ArrayBuffer> {
  const track = element(ID.trackEntry, [
    ...element(ID.trackNumber, [TRACK]),
    ...element(ID.trackUid, [TRACK]),
    ...element(ID.trackType, [VIDEO]),
    ...element(ID.codec, text("V_MJPEG")),
    ...element(ID.video, [...element(ID.width, unsigned(width)), ...element(ID.height, unsigned(height))]),
  ]);
  return Uint8Array.from([
    ...element(ID.ebml, element(ID.docType, text("matroska"))),
    ...[...idOf(ID.segment), ...UNKNOWN],
    ...element(ID.info, element(ID.timestampScale, unsigned(NANOSECONDS_PER_TICK))),
    ...element(ID.tracks, track),
  ]);
}

/** A packet of the stream, in one piece: each write to ffmpeg costs more than the copy. @param number its time, in milliseconds. */
export function matroskaPacket(number: number, jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const timestamp = element(ID.timestamp, unsigned(number));
  const block = [...idOf(ID.simpleBlock), ...lengthOf(BLOCK_HEAD.length + jpeg.length), ...BLOCK_HEAD];
  const length = lengthOf(timestamp.length + block.length + jpeg.length);
  const head = [...idOf(ID.cluster), ...length, ...timestamp, ...block];
  const packet = new Uint8Array(head.length + jpeg.length);
  packet.set(head);
  packet.set(jpeg, head.length);
  return packet;
}

function element(id: number, data: readonly number[]): number[] {
  return [...idOf(id), ...lengthOf(data.length), ...data];
}

/** An identifier in as few bytes as it has. */
function idOf(id: number): number[] {
  const bytes = unsigned(id);
  return bytes.slice(bytes.findIndex((byte) => byte > 0));
}

/** A length below 2^28 in four bytes, whose first four bits are 0001. */
function lengthOf(bytes: number): number[] {
  const [first, ...rest] = unsigned(bytes).slice(-4);
  return [0x10 | first, ...rest];
}

/** A number below 2^53 in eight bytes, the most significant first. */
function unsigned(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(value));
  return Array.from(new Uint8Array(view.buffer));
}

const text = (ascii: string) => Array.from(new TextEncoder().encode(ascii));
