/** Frames in YUV4MPEG2 and bare I420. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { parseHeader, readFrames } from "./frame_reader.ts";
import { readI420 } from "./planar_frames.ts";

const HEADER = "YUV4MPEG2 W3 H3 F30:1 Ip A1:1 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=LIMITED\n";
const LUMA = 9;
const CHROMA = 4; // 2x2: odd sizes round up.

const ascii = (text: string) => [...new TextEncoder().encode(text)];

/** A frame whose bytes count up from `first`; they include an LF. */
function frame(first: number, mark = "FRAME\n"): number[] {
  return [...ascii(mark), ...Array.from({ length: LUMA + 2 * CHROMA }, (_, index) => first + index)];
}

/** Reads the frames of a stream in chunks of `size` bytes. */
async function read(bytes: number[], size = bytes.length): Promise<Frame[]> {
  const chunks = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, index) => Uint8Array.from(bytes.slice(index * size, (index + 1) * size)),
  );
  return await Array.fromAsync(readFrames(byteStream(chunks)));
}

/** A byte stream, as the output of a process. */
function byteStream(chunks: Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) return controller.enqueue(chunk);
      controller.close();
      controller.byobRequest?.respond(0); // Ends a pending read.
    },
  });
}

Deno.test("frames are complete, wherever the stream is split into chunks", async () => {
  const bytes = [...ascii(HEADER), ...frame(0), ...frame(100, "FRAME Ixyz\n")];
  for (const size of [1, 2, 3, 7, 16, 17, 50, 1_000]) {
    const frames = await read(bytes, size);
    assert.equal(frames.length, 2, `chunks of ${size} bytes`);
    const { width, height, pixels } = frames[1];
    assert.ok(pixels.kind === "yuv420");
    assert.deepEqual([width, height, pixels.fullRange], [3, 3, false]);
    assert.deepEqual([...pixels.y], [100, 101, 102, 103, 104, 105, 106, 107, 108]);
    assert.deepEqual([...pixels.u, ...pixels.v], [109, 110, 111, 112, 113, 114, 115, 116]);
    assert.ok(frames[0].pixels.kind === "yuv420" && frames[0].pixels.y[0] === 0, "frames share no memory");
  }
});

Deno.test("the planes of a frame are aligned to 8 bytes", async () => {
  const [first, second] = await read([...ascii(HEADER), ...frame(0), ...frame(50)]);
  for (const { pixels } of [first, second]) {
    assert.ok(pixels.kind === "yuv420");
    assert.equal(pixels.y.byteOffset % 8, 0);
  }
});

Deno.test("only the memory of a released frame is reused", async () => {
  const bytes = [...ascii(HEADER), ...frame(0), ...frame(50), ...frame(100)];
  const lumas: Uint8Array[] = [];
  for await (const { pixels, release } of readFrames(byteStream([Uint8Array.from(bytes)]))) {
    assert.ok(pixels.kind === "yuv420");
    if (lumas.push(pixels.y) === 1) release!();
  }
  assert.deepEqual(lumas.map(({ length }) => length), [0, LUMA, LUMA]); // A transferred array has no elements.
  assert.deepEqual(lumas.map((luma) => luma[8]), [undefined, 58, 108]);
});

Deno.test("an incomplete last frame is dropped, and an empty stream has no frames", async () => {
  const bytes = [...ascii(HEADER), ...frame(0), ...frame(100)];
  for (let length = 0; length < bytes.length; length++) {
    const expected = length < HEADER.length + 6 + 17 ? 0 : 1;
    assert.equal((await read(bytes.slice(0, length))).length, expected, `${length} bytes`);
  }
});

Deno.test("other bytes before a frame are an error, not a frame of noise", async () => {
  const slipped = [...ascii(HEADER), ...frame(0), 7, ...frame(100)];
  await assert.rejects(read(slipped), /expected a frame, found/);
  // The limit of a line holds although a pixel may be an LF.
  const endless = [...ascii(HEADER.replace("W3 H3", "W64 H64")), ...ascii(`FRAME ${"x".repeat(1_500)}\n`)];
  await assert.rejects(read([...endless, ...new Array(6_144).fill(0)]), /expected a frame, found/);
});

Deno.test("text before the header and before a frame goes to onText, and is an error without it", async () => {
  const words = "GST_ARGUS: Creating output stream\nCONSUMER: Waiting until producer is connected...\n";
  const large = (first: number) => [...ascii("FRAME\n"), ...new Array(64 * 64 * 1.5).fill(first)];
  const header = HEADER.replace("W3 H3", "W64 H64");
  const bytes = [words, header].flatMap(ascii).concat(large(1), ascii(words), large(2), large(3));
  const texts: string[] = [];
  const onText = (text: string) => void texts.push(...text.split("\n").filter(Boolean));
  const stream = () => byteStream([Uint8Array.from(bytes)]);
  const frames = await Array.fromAsync(readFrames(stream(), { onText }));
  const lumas = frames.map(({ pixels }) => pixels.kind === "yuv420" && [pixels.y[0], pixels.v.at(-1)]);
  assert.deepEqual(lumas, [[1, 1], [2, 2], [3, 3]]);
  assert.deepEqual(texts, [...words.trim().split("\n"), ...words.trim().split("\n")]);
  await assert.rejects(Array.fromAsync(readFrames(stream())), /not a 4:2:0 video stream: "GST_ARGUS/);
});

Deno.test("text within a frame damages only that frame, and its pixels are not reported as text", async () => {
  const pixels = new Array(64 * 64 * 1.5 - 1_000);
  const spoilt = [
    ...ascii("FRAME\n"),
    ...new Array(1_000).fill(200),
    ...ascii("GST_ARGUS: x\n"),
    ...pixels.fill(200),
  ];
  const whole = [...ascii("FRAME\n"), ...new Array(64 * 64 * 1.5).fill(7)];
  const bytes = [...ascii(HEADER.replace("W3 H3", "W64 H64")), ...spoilt, ...whole, ...whole];
  const texts: string[] = [];
  const frames = readFrames(byteStream([Uint8Array.from(bytes)]), {
    onText: (text) => void texts.push(text),
  });
  const last = (await Array.fromAsync(frames)).slice(1);
  assert.equal(last.length, 2);
  for (const { pixels } of last) assert.ok(pixels.kind === "yuv420" && pixels.y.every((luma) => luma === 7));
  assert.deepEqual(texts, []);
});

Deno.test("parseHeader() reads the header of GStreamer's y4menc", () => {
  const header = "YUV4MPEG2 C420 W1280 H960 Ip F30:1 A1:1";
  assert.deepEqual(parseHeader(header), { width: 1280, height: 960, fullRange: false, frameMs: 1000 / 30 });
  assert.equal(parseHeader(header.replace("F30:1", "F0:1")).frameMs, 40);
});

Deno.test("readI420() splits bare frames by their size", async () => {
  const format = { width: 3, height: 3, fullRange: true, frameMs: 0 };
  const bytes = Uint8Array.from({ length: 2 * 17 + 5 }, (_, index) => index);
  const chunks = [bytes.slice(0, 3), bytes.slice(3, 30), bytes.slice(30)];
  const frames = await Array.fromAsync(readI420(byteStream(chunks), format));
  assert.equal(frames.length, 2, "an incomplete last frame is dropped");
  const { width, height, pixels } = frames[1];
  assert.deepEqual([width, height, pixels.fullRange], [3, 3, true]);
  assert.deepEqual([...pixels.y], [17, 18, 19, 20, 21, 22, 23, 24, 25]);
  assert.deepEqual([...pixels.u, ...pixels.v], [26, 27, 28, 29, 30, 31, 32, 33]);
});

Deno.test("a stream of another format is an error", async () => {
  await assert.rejects(read(ascii("<html>\nnot found\n")), /not a 4:2:0 video stream: "<html>"/);
  await assert.rejects(read(new Array(5_000).fill(65), 100), /a line of more than 1024 bytes/);
});

Deno.test("the stream is cancelled when the caller stops early", async () => {
  let cancelled = false;
  const endless = new ReadableStream({
    type: "bytes",
    start: (controller) => controller.enqueue(Uint8Array.from([...ascii(HEADER), ...frame(0)])),
    cancel: () => void (cancelled = true),
  });
  for await (const _ of readFrames(endless)) break;
  assert.ok(cancelled);
});

Deno.test("parseHeader() reads size and range, and rejects other formats", () => {
  assert.deepEqual(parseHeader("YUV4MPEG2 W640 H480 C420jpeg XCOLORRANGE=FULL"), {
    width: 640,
    height: 480,
    fullRange: true,
    frameMs: 40,
  });
  assert.equal(parseHeader("YUV4MPEG2 W640 H480 F30000:1001 C420").frameMs, 1001 / 30);
  const wrong = ["", "W1 H1 C420", "YUV4MPEG2 W640 C420", "YUV4MPEG2 W640 H480", "YUV4MPEG2 W0 H480 C420"];
  const kinds = ["C422", "C420p10", "Cmono", "C444"].map((kind) => `YUV4MPEG2 W64 H48 ${kind}`);
  const sizes = ["W1.5 H2", "W-4 H-4", "Wx H2"].map((size) => `YUV4MPEG2 ${size} C420`);
  for (const line of [...wrong, ...kinds, ...sizes]) {
    assert.throws(() => parseHeader(line), /not a 4:2:0 video stream/, line);
  }
  assert.throws(() => parseHeader("YUV4MPEG2 W100000 H100000 C420"), /too large/);
});
