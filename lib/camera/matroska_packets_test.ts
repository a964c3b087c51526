/** Packets that ffmpeg copies into Matroska. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { FatalError } from "../errors.ts";
import { joined } from "../image/png_chunks.ts";
import { ArrivalClock, type CopiedPacket, MATROSKA_COPY, matroskaPackets } from "./matroska_packets.ts";

const FRAMES = 25;
const KEY_INTERVAL = 10;
const FRAME_MS = 40;

/** A short clip, copied from the codec that these options choose. */
async function copied(codec: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const clip = await ffmpeg([
    ...["-f", "lavfi", "-i", `testsrc=s=64x48:r=${1000 / FRAME_MS}`, "-frames:v", `${FRAMES}`],
    ...["-g", `${KEY_INTERVAL}`, ...codec, "-f", "matroska", "pipe:1"],
  ]);
  return await ffmpeg(["-i", "pipe:0", ...MATROSKA_COPY, "pipe:1"], clip);
}

async function ffmpeg(args: readonly string[], input?: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stdin = input ? "piped" : "null";
  const child = new Deno.Command("ffmpeg", { args: ["-v", "error", ...args], stdin, stdout: "piped" })
    .spawn();
  const feeding = input && ReadableStream.from([input]).pipeTo(child.stdin);
  const { stdout } = await child.output();
  await feeding;
  return stdout as Uint8Array<ArrayBuffer>;
}

/** The packets of these bytes, which come in pieces of `pieceBytes`. */
async function packetsOf(
  bytes: Uint8Array<ArrayBuffer>,
  { pieceBytes = 1_000, ...clocks }: {
    pieceBytes?: number;
    nowMs?: () => number;
    wallMs?: () => number;
  } = {},
): Promise<CopiedPacket[]> {
  let at = 0;
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (at >= bytes.length) {
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      controller.enqueue(bytes.slice(at, at += pieceBytes));
    },
  });
  return await Array.fromAsync(matroskaPackets(stream, clocks));
}

const CODECS: Readonly<Record<string, readonly string[]>> = {
  "H.264": ["-c:v", "libx264", "-bf", "0", "-sc_threshold", "0", "-pix_fmt", "yuv420p"],
  "MPEG-4": ["-c:v", "mpeg4", "-sc_threshold", "1000000000"],
  "MJPEG": ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"],
};

for (const [name, codec] of Object.entries(CODECS)) {
  Deno.test(
    `each packet of ${name} is found, with its time and whether it is a key`,
    needs("ffmpeg"),
    async () => {
      const packets = await packetsOf(await copied(codec));
      assert.equal(packets.length, FRAMES);
      const times = packets.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
      assert.deepEqual(times.map((timeMs) => timeMs - times[0]), times.map((_, nth) => nth * FRAME_MS));
      const keys = packets.flatMap(({ isKey }, index) => isKey ? [index] : []);
      assert.deepEqual(keys.length, name === "MJPEG" ? FRAMES : Math.ceil(FRAMES / KEY_INTERVAL));
      assert.equal(keys[0], 0);
    },
  );
}

Deno.test(
  "the head and the packets from a key on are a stream that ffmpeg decodes",
  needs("ffmpeg"),
  async () => {
    const packets = await packetsOf(await copied(CODECS["H.264"]), { pieceBytes: 7 });
    const from = packets.findLastIndex(({ isKey }) => isKey);
    const stream = joined([packets[from].head, ...packets.slice(from).map(({ cluster }) => cluster)]);
    const pixels = await ffmpeg(["-f", "matroska", "-i", "pipe:0", "-f", "rawvideo", "pipe:1"], stream);
    assert.equal(pixels.length, (FRAMES - from) * 64 * 48 * 1.5);
  },
);

Deno.test("a packet has arrived when the one before it was read, however long ffmpeg held them", () => {
  const clock = new ArrivalClock();
  const read = (readMs: number, ...timesMs: number[]) => {
    for (const timeMs of timesMs) clock.read(timeMs, readMs);
    return clock.delayMs;
  };
  assert.equal(read(3_000, 0, 100, 200, 300), 2_700, "held at the start");
  // Each is read when the next one has come.
  assert.equal(read(5_100, 2_900), 100);
  for (const timeMs of [3_000, 3_100, 3_200]) assert.equal(read(timeMs + 2_200, timeMs), 100);
  assert.equal(read(7_000, 3_300, 3_400), 100, "held again");
});

Deno.test("the clock of arrivals follows a wall clock that is set", () => {
  const clock = new ArrivalClock();
  const delayAfter = (beginMs: number, setMs: number) => {
    for (let ms = beginMs; ms <= beginMs + 30_000; ms += 100) clock.read(ms + setMs, ms + 100);
    return clock.delayMs + setMs;
  };
  assert.equal(delayAfter(0, 0), 0);
  assert.equal(delayAfter(30_100, 3_600_000), 0);
  assert.equal(delayAfter(60_200, -7_200_000), 0);
});

Deno.test(
  "a wall clock that is set ends the packets, one that is corrected slowly does not",
  needs("ffmpeg"),
  async () => {
    const bytes = await copied(CODECS["H.264"]);
    const withWall = (wallMs: (call: number) => number) => {
      let calls = 0;
      return packetsOf(bytes, { nowMs: () => 0, wallMs: () => wallMs(calls++) });
    };
    for (const setMs of [-3_600_000, 200_000_000]) {
      await assert.rejects(withWall((call) => call > 10 ? setMs : 0), /the clock of this machine was set/);
    }
    const slow = await withWall((call) => call * 900);
    assert.equal(slow.length, FRAMES);
  },
);

Deno.test(
  "other bytes are an error, and an end within a packet ends the packets",
  needs("ffmpeg"),
  async () => {
    const text = new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".repeat(50));
    await assert.rejects(packetsOf(text), FatalError);
    await assert.rejects(packetsOf(new Uint8Array(100)), FatalError);
    const bytes = await copied(CODECS["H.264"]);
    const packets = await packetsOf(bytes.slice(0, bytes.length - 20));
    assert.equal(packets.length, FRAMES - 1);
  },
);
