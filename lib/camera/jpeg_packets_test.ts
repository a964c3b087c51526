/** Reads JPEGs from ffmpeg's multipart format. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import { type JpegPacket, jpegPackets, MAX_JPEG_BYTES } from "./jpeg_packets.ts";

const ASCII = new TextEncoder();

/** A JPEG as far as its frame header: 2 pixels high, `width` wide. */
function jpeg(width: number, rest = 0): Uint8Array<ArrayBuffer> {
  const frame = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 2, 0, width, 1, 1, 0x11, 0];
  return Uint8Array.from([...frame, ...new Uint8Array(rest), 0xff, 0xd9]);
}

const part = (bytes: Uint8Array, boundary = "ffmpeg") => [
  ...ASCII.encode(`Content-type: image/jpeg\r\nContent-length: ${bytes.length}\r\n\r\n`),
  ...bytes,
  ...ASCII.encode(`\r\n--${boundary}\r\n`),
];

/** The packets of a stream of bytes, as the output of a process. */
async function packetsOf(chunks: Uint8Array<ArrayBuffer>[]) {
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) return controller.enqueue(chunk);
      controller.close();
      controller.byobRequest?.respond(0); // Ends a pending read.
    },
  });
  return await Array.fromAsync(jpegPackets(stream));
}

/** The packets of a stream that comes in chunks of some size. */
async function packets(bytes: readonly number[], chunkBytes = 7) {
  const count = Math.ceil(bytes.length / chunkBytes);
  const at = (index: number) => bytes.slice(index * chunkBytes, (index + 1) * chunkBytes);
  return await packetsOf(Array.from({ length: count }, (_, index) => Uint8Array.from(at(index))));
}

Deno.test("jpegPackets() gives the bytes and the size of each JPEG, with either boundary", async () => {
  for (const boundary of ["ffmpeg", "ffserver"]) {
    const jpegs = [jpeg(3), jpeg(4, 1_000), jpeg(5)];
    const bytes = [...ASCII.encode(`--${boundary}\r\n`), ...jpegs.flatMap((one) => part(one, boundary))];
    const found = await packets(bytes);
    assert.deepEqual(found.map((packet) => packet?.jpeg), jpegs);
    assert.deepEqual(found.map((packet) => packet?.size.width), [3, 4, 5]);
    const again = await packets(bytes, 100_000);
    assert.deepEqual(again.map((packet) => packet?.jpeg), jpegs);
  }
});

Deno.test("packets that are no JPEG, that have no size or that are too large are undefined", async () => {
  const bad = [new Uint8Array(0), new Uint8Array(500), jpeg(4).slice(0, 6), jpeg(0)];
  const bytes = [...ASCII.encode("--ffmpeg\r\n"), ...[...bad, jpeg(7)].flatMap((one) => part(one))];
  const widths = (found: (JpegPacket | undefined)[]) => found.map((packet) => packet?.size.width);
  assert.deepEqual(widths(await packets(bytes)), [...bad.map(() => undefined), 7]);
  const large = new Uint8Array(MAX_JPEG_BYTES + 1);
  const head = ASCII.encode(
    `--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${large.length}\r\n\r\n`,
  );
  const rest = Uint8Array.from([...ASCII.encode("\r\n--ffmpeg\r\n"), ...part(jpeg(8))]);
  assert.deepEqual(widths(await packetsOf([head, large, rest])), [undefined, 8]);
});

Deno.test("a stream that ends in a packet ends; any other format is a FatalError with a hint", async () => {
  const begun = [...ASCII.encode("--ffmpeg\r\n"), ...part(jpeg(3)), ...part(jpeg(4, 300)).slice(0, 200)];
  assert.equal((await packets(begun)).length, 1);
  assert.deepEqual(await packets([]), []);
  const wrong = [
    "FRAME\n",
    `--ffmpeg\r\nContent-type: image/png\r\nContent-length: 10\r\n\r\n${" ".repeat(90)}`,
    `--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: none\r\n\r\n${" ".repeat(90)}`,
    `--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: 20\r\n\r\n${" ".repeat(90)}`,
    `--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: 999999999\r\n\r\n${" ".repeat(90)}`,
  ];
  for (const text of wrong) {
    await assert.rejects(packets([...ASCII.encode(text)]), (error) => error instanceof FatalError, text);
  }
});
