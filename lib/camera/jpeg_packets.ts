/**
 * Reads JPEGs from ffmpeg's `mpjpeg` format, which a run with `-c copy` writes: the first line is the boundary, and each
 * packet is
 *
 *     Content-type: image/jpeg CR LF
 *     Content-length: N CR LF CR LF
 *     N bytes
 *     CR LF boundary CR LF
 */
import { FatalError } from "../errors.ts";
import type { Size } from "../image/frame.ts";
import { ByteReader } from "./byte_reader.ts";
import { cameraJpeg } from "./camera_jpeg.ts";
import { isBoundary } from "./multipart_frames.ts";

/** A picture of a camera that is not decoded yet. */
export interface JpegPacket {
  /** From its start on. */
  readonly jpeg: Uint8Array<ArrayBuffer>;
  /** By its header. */
  readonly size: Size;
  /** When it arrived: by the wall clock, milliseconds since 1970, and by a monotonic clock. */
  readonly capturedMs: number;
  readonly arrivedMs: number;
}

/** Limit of a JPEG; a larger one is skipped. One of 33 million pixels at high quality is smaller. */
export const MAX_JPEG_BYTES = 16 * 2 ** 20;
/** Limit of a skipped packet. A larger one is no packet of a camera, and ends the stream. */
const MAX_SKIPPED_BYTES = 256 * 2 ** 20;
const SKIP_BYTES = 2 ** 20;

const HEADER = "Content-type: image/jpeg\r\nContent-length: ";
/** Digits of the length, both line ends and perhaps first bytes of the packet: no more than the shortest packet has. */
const LENGTH_BYTES = 13;
const LENGTH = /^(\d{1,9})\r\n\r\n/;

/** Reads JPEGs until the stream ends; undefined for any other packet. Throws a FatalError for any other format. */
export async function* jpegPackets(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<JpegPacket | undefined> {
  const bytes = new ByteReader(stream);
  try {
    const boundary = await bytes.line();
    if (boundary === undefined) return;
    if (!isBoundary(boundary)) throw expected("a boundary", boundary);
    const mark = new TextEncoder().encode(`\r\n${boundary}\n`);
    for (;;) {
      const body = await nextBody(bytes, mark);
      if (!body) return;
      yield body === "skipped" ? undefined : packetOf(body);
    }
  } finally {
    await bytes.close();
  }
}

/** The bytes of the next packet; undefined at the end. */
async function nextBody(
  bytes: ByteReader,
  mark: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | "skipped" | undefined> {
  const head = await bytes.exactly(new Uint8Array(HEADER.length + LENGTH_BYTES));
  if (!head) return undefined;
  const text = new TextDecoder("latin1").decode(head);
  const [digits, length] = LENGTH.exec(text.slice(HEADER.length)) ?? [];
  if (!text.startsWith(HEADER) || digits === undefined) throw expected("a packet", text);
  const begun = head.subarray(HEADER.length + digits.length);
  const total = Number(length) + mark.length;
  if (Number(length) > MAX_JPEG_BYTES) return await skip(bytes, total - begun.length);
  const memory = new Uint8Array(total);
  memory.set(begun);
  const rest = await bytes.exactly(memory.subarray(begun.length));
  if (!rest) return undefined;
  const body = new Uint8Array(rest.buffer, 0, Number(length));
  const end = new Uint8Array(rest.buffer, Number(length));
  if (!mark.every((byte, index) => byte === end[index])) {
    throw expected("a boundary", new TextDecoder("latin1").decode(end));
  }
  return body;
}

async function skip(bytes: ByteReader, count: number): Promise<"skipped" | undefined> {
  if (count > MAX_SKIPPED_BYTES) throw new FatalError(`a packet of ${count} bytes is no picture`);
  for (let left = count; left > 0; left -= SKIP_BYTES) {
    if (!await bytes.exactly(new Uint8Array(Math.min(left, SKIP_BYTES)))) return undefined;
  }
  return "skipped";
}

/** Undefined for bytes that are no JPEG, or whose header gives no size. */
function packetOf(body: Uint8Array<ArrayBuffer>): JpegPacket | undefined {
  const found = cameraJpeg(body);
  return found && { ...found, capturedMs: Date.now(), arrivedMs: performance.now() };
}

function expected(what: string, found: string): FatalError {
  return new FatalError(
    `expected ${what}, found ${JSON.stringify(found.slice(0, 80))}`,
    "set --idle-rate 0 to decode every frame",
  );
}
