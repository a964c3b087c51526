/** A stream that is copied, and of which single pictures are decoded. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { LiveStream } from "../../test/servers/live_stream.ts";
import type { Frame } from "../image/frame.ts";
import { run } from "../testing/command.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { until } from "../testing/until.ts";
import { CopiedStream } from "./copied_stream.ts";

const FRAME_MS = 50;
const SIGNAL = new AbortController().signal;

/** A clip of 10 s whose brightness is the number of its frame, from 0 on. */
async function makeClip(folder: TempFolder, codec: readonly string[]): Promise<string> {
  const clip = `${folder.path}/numbers.mkv`;
  const picture = `color=black:s=64x48:r=${1000 / FRAME_MS}:d=10,format=yuv420p,geq=lum=16+N:cb=128:cr=128`;
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", picture, ...codec, clip]);
  return clip;
}

const NUMBERS = 10_000 / FRAME_MS;
const numberOf = ({ pixels }: Frame) => pixels.kind === "yuv420" ? pixels.y[0] - 16 : NaN;

/** How many frames one is behind another; the clip is repeated. */
function framesBetween(one: Frame, other: Frame): number {
  const ahead = (numberOf(other) - numberOf(one) + NUMBERS) % NUMBERS;
  return ahead < NUMBERS / 2 ? ahead : ahead - NUMBERS;
}

/**
 * How long the machine stood still since a time, by the packets: they come every 50 ms. The times of the packets say that
 * much less.
 */
function stoodStillMs(packetsMs: readonly number[], sinceMs: number): number {
  const gaps = packetsMs.map((ms, nth) => nth > 0 && ms > sinceMs ? ms - packetsMs[nth - 1] : 0);
  return gaps.filter((gapMs) => gapMs > 2 * FRAME_MS).reduce((sum, gapMs) => sum + gapMs, 0);
}

/** Copies a live stream while `use` runs. @param use.packetsMs when each of the packets so far was read */
async function copying(
  url: string,
  use: (stream: CopiedStream, packetsMs: readonly number[]) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const stream = new CopiedStream({
    input: { name: "main", inputArgs: ["-analyzeduration", "1200000", "-i", url], filters: [], stallMs: 0 },
  });
  const packetsMs: number[] = [];
  const reading = stream.read({
    signal: stop.signal,
    onPacket: () => packetsMs.push(performance.now()),
  });
  reading.catch(() => {}); // It is awaited below.
  try {
    await use(stream, packetsMs);
  } finally {
    stop.abort();
    await reading;
  }
}

const H264 = ["-c:v", "libx264", "-qp", "1", "-sc_threshold", "0"];

for (
  // With B frames a packet comes up to two frames after those that are shown later.
  const [name, apart, least, codec] of [
    ["", 2, 1, [...H264, "-bf", "0", "-g", "20"]],
    [", also with B frames", 4, 1, [...H264, "-bf", "2", "-g", "20"]],
    [", also where each is a key frame", 2, 4, [...H264, "-g", "1"]],
  ] as const
) {
  Deno.test(
    `the picture of a time is decoded, and its neighbours follow${name}`,
    needs("ffmpeg"),
    async () => {
      using folder = new TempFolder();
      await using server = new LiveStream(await makeClip(folder, codec), { output: ["-c", "copy"] });
      await copying(server.url, async (stream, packetsMs) => {
        // ffmpeg examines a stream before it passes on the first packets.
        await until(() => packetsMs.length > 60, "packets at their own pace");
        const wantedMs = performance.now() - 200;
        const held = stream.hold(wantedMs);
        const later = stream.hold(performance.now());
        const [nearest, ...others] = await held.decode({ signal: SIGNAL });
        const [last] = await later.decode({ signal: SIGNAL });
        const unknownMs = stoodStillMs(packetsMs, wantedMs - 1_000);
        assert.equal(nearest.width, 64);
        assert.ok(
          Math.abs(nearest.sourceTimeMs - wantedMs) <= apart * FRAME_MS + unknownMs,
          `${nearest.sourceTimeMs - wantedMs}`,
        );
        // Each picture has the time of its own packet.
        assert.ok((others.length >= least || unknownMs > 0) && others.length <= 4);
        for (const other of [...others, last]) {
          const frames = (other.sourceTimeMs - nearest.sourceTimeMs) / FRAME_MS;
          assert.ok(
            Math.abs(frames - framesBetween(nearest, other)) <= apart + 1 + unknownMs / FRAME_MS,
            `${frames}`,
          );
        }
        held.release();
        later.release();
      });
    },
  );
}

Deno.test("a picture is still there when its group has left the memory", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const codec = ["-c:v", "libx264", "-bf", "0", "-g", "10", "-sc_threshold", "0"];
  await using server = new LiveStream(await makeClip(folder, codec), { output: ["-c", "copy"] });
  await copying(server.url, async (stream, packetsMs) => {
    await until(() => packetsMs.length > 30, "packets");
    const held = stream.hold(performance.now());
    const missing = stream.hold(performance.now() - 5_000);
    await until(() => packetsMs.length > 80, "two more groups");
    assert.equal((await held.decode({ signal: SIGNAL }))[0].width, 64);
    await assert.rejects(missing.decode({ signal: SIGNAL }), /no picture of that time/);
  });
});

Deno.test(
  "an aborted decoding ends at once, and a stream that ended keeps its pictures",
  needs("ffmpeg"),
  async () => {
    using folder = new TempFolder();
    const codec = ["-c:v", "libx264", "-bf", "0", "-g", "20", "-sc_threshold", "0"];
    await using server = new LiveStream(await makeClip(folder, codec), { output: ["-c", "copy"] });
    await copying(server.url, async (stream, packetsMs) => {
      await until(() => packetsMs.length > 30, "packets");
      const held = stream.hold(performance.now());
      const aborted = new AbortController();
      aborted.abort();
      await assert.rejects(held.decode({ signal: aborted.signal }), /the program ends/);
      server.unplug();
      assert.equal((await held.decode({ signal: SIGNAL }))[0].width, 64);
    });
  },
);
