/** Cameras of JPEGs whose frames are decoded on demand: what may fail. */
import assert from "node:assert/strict";
import { FfmpegWrapper } from "../../test/servers/ffmpeg_wrapper.ts";
import { FLAT, makeJpegs, PATTERN } from "../../test/servers/jpegs.ts";
import { MjpegCamera, showing } from "../../test/servers/mjpeg_camera.ts";
import { needs } from "../../test/needs.ts";
import { Backoff } from "../async/backoff.ts";
import { delay } from "../async/delay.ts";
import { FatalError } from "../errors.ts";
import { LIVE, pictures, read } from "../testing/read_camera.ts";
import { until } from "../testing/until.ts";
import { openCamera } from "./open_camera.ts";

const part = needs("ffmpeg");

/** The JPEG with another height and width in its frame header: [0x17, 0x70, 0x1f, 0x40] is 6000 and 8000. */
function withSize(jpeg: Uint8Array<ArrayBuffer>, heightAndWidth: number[]): Uint8Array<ArrayBuffer> {
  const frameHeader = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
  const sized = jpeg.slice();
  sized.set(heightAndWidth, frameHeader + 5);
  return sized;
}

Deno.test("JPEGs that change their size give frames of the new size, and no outage", part, async () => {
  const small = await makeJpegs(PATTERN, { count: 1, size: "64x48" });
  const large = await makeJpegs(PATTERN, { count: 1, size: "96x64" });
  // A single picture of another size is damaged, or no picture of this camera.
  let jpegs = [...Array(9).fill(small[0]), large[0]];
  await using camera = new MjpegCamera({ picture: (number) => jpegs[number % jpegs.length] });
  const widths: number[] = [];
  const reports = await read(camera.url, ({ width }) => {
    widths.push(width);
    if (widths.length === 30) jpegs = large;
    return width === 96;
  });
  assert.ok(widths.slice(0, 30).every((width) => width === 64));
  assert.deepEqual(reports, { changes: [], decoders: [undefined, undefined] });
});

Deno.test("JPEGs that change their size with each packet give frames, and no outage", part, async () => {
  const sizes = ["64x48", "96x64", "112x64", "128x64"];
  const [first, ...others] = (await Promise.all(sizes.map((size) => makeJpegs(PATTERN, { count: 1, size }))))
    .flat();
  for (const count of [2, 3]) {
    let isChanging = false;
    await using camera = new MjpegCamera({
      picture: (number) => isChanging ? others[number % count] : first,
    });
    let frames = 0;
    const reports = await read(camera.url, ({ width }) => {
      isChanging ||= width === 64 && ++frames === 10;
      return width !== 64 && ++frames === 20;
    });
    assert.deepEqual(reports.changes, [], `${count} sizes`);
  }
});

Deno.test(
  "a camera that sends no readable JPEG for the time of a stall is lost and reopened",
  part,
  async () => {
    const [jpeg] = await makeJpegs(PATTERN, { count: 1, size: "64x48" });
    // No two in a row have the same size, and each is beyond the limit of frames.
    const huge = [0x40, 0x41].map((width) => withSize(jpeg, [0x17, 0x70, 0x1f, width]));
    let isHuge = false;
    let isReopened = false;
    await using camera = new MjpegCamera({
      picture: (number) => {
        isReopened ||= isHuge && number === 0;
        return isHuge && !isReopened ? huge[number % 2] : jpeg;
      },
    });
    const { changes } = await read(camera.url, () => {
      isHuge = true;
      return isReopened;
    }, { stallMs: 3_000 });
    const reason = `"${new URL(camera.url).origin}/…" sent data but no readable JPEG for 3 s`;
    assert.deepEqual(changes, [{ lost: true, reason }, { lost: false }]);
  },
);

Deno.test(
  "JPEGs that only ffmpeg can read are all decoded, by one ffmpeg, and that is reported",
  part,
  async () => {
    const jpegs = await makeJpegs(FLAT, { count: 2, size: "64x48" });
    await using camera = showing(jpegs.map((jpeg) => jpeg.subarray(2))); // Without their start.
    using ffmpeg = new FfmpegWrapper();
    const expected = await pictures(camera.url, 2, { idleRate: 0 });
    const reasons: string[] = [];
    const onEveryFrame = (reason: string) => void reasons.push(reason);
    assert.deepEqual(await pictures(camera.url, 2, { onEveryFrame }), expected);
    assert.deepEqual([ffmpeg.runs("copy").length, ffmpeg.runs("decoder"), ffmpeg.alive], [1, [], []]);
    assert.deepEqual(reasons, [
      `"${new URL(camera.url).origin}/…" sends no JPEG that can be decoded on demand`,
    ]);
  },
);

Deno.test("slow JPEGs that only ffmpeg can read are decoded after the time of a stall", part, async () => {
  const [jpeg] = await makeJpegs(FLAT, { count: 1, size: "64x48" });
  await using camera = showing([jpeg.subarray(2)], 300); // Its first 25 packets need 7 s.
  const { changes } = await read(camera.url, () => true, { stallMs: 6_000 });
  assert.deepEqual(changes, []);
});

Deno.test("a fast camera whose first JPEGs are damaged is decoded on demand", part, async () => {
  const [jpeg] = await makeJpegs(FLAT, { count: 1, size: "64x48" });
  await using camera = new MjpegCamera({ picture: (number) => number < 30 ? jpeg.subarray(2) : jpeg });
  using ffmpeg = new FfmpegWrapper();
  await read(camera.url, () => true);
  assert.deepEqual([ffmpeg.runs("copy").length, ffmpeg.runs("decoder").length], [1, 1]);
});

Deno.test(
  "a first JPEG whose header says a huge size is skipped, and the camera is not lost",
  part,
  async () => {
    const [jpeg] = await makeJpegs(PATTERN, { count: 1, size: "64x48" });
    const damaged = withSize(jpeg, [0x17, 0x70, 0x1f, 0x40]);
    await using camera = new MjpegCamera({ picture: (number) => number === 0 ? damaged : jpeg });
    const widths: number[] = [];
    const reports = await read(camera.url, ({ width }) => widths.push(width) === 3);
    assert.deepEqual([widths.slice(0, 3), reports.changes], [[64, 64, 64], []]);
  },
);

Deno.test("JPEGs that change their size again and again do not delay frames ever longer", part, async () => {
  const [small] = await makeJpegs(PATTERN, { count: 1, size: "64x48" });
  const [large] = await makeJpegs(PATTERN, { count: 1, size: "96x64" });
  let sent = small;
  await using camera = new MjpegCamera({ picture: () => sent });
  const { next } = Backoff.prototype;
  let delays = 0;
  let delaysOfChanges: number | undefined; // Without that of the end.
  Backoff.prototype.next = function (...args) {
    delays++;
    return next.apply(this, args);
  };
  try {
    let changes = 0;
    await read(camera.url, ({ width }) => {
      if (width !== (sent === small ? 64 : 96)) return false;
      sent = sent === small ? large : small;
      if (++changes < 10) return false;
      delaysOfChanges ??= delays;
      return true;
    });
  } finally {
    Backoff.prototype.next = next;
  }
  assert.equal(delaysOfChanges, 0, "only a fault delays the next decoder");
});

Deno.test(
  "a decoder that is killed is restarted and reported, and the camera is not lost",
  part,
  async () => {
    using ffmpeg = new FfmpegWrapper();
    await using camera = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
    let frames = 0;
    let isRestarted = false;
    const reports = await read(camera.url, () => {
      if (++frames === 3) Deno.kill(ffmpeg.runs("decoder")[0].pid, "SIGKILL");
      return isRestarted ||= ffmpeg.runs("decoder").length >= 2;
    });
    assert.deepEqual(reports.changes, []);
    assert.equal(reports.decoders.length, 3);
    assert.match(`${reports.decoders[1]}`, /^SIGKILL ended ffmpeg while it read "http/);
    assert.deepEqual([ffmpeg.runs("copy").length, ffmpeg.alive], [1, []]);
  },
);

Deno.test(
  "a Ctrl-C, which ends the decoder before this program, is no fault of the decoder",
  part,
  async () => {
    using ffmpeg = new FfmpegWrapper();
    await using camera = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
    const decoders: (string | undefined)[] = [];
    const stop = new AbortController();
    const onDecoder = (fault: string | undefined) => void decoders.push(fault);
    const opened = await openCamera(camera.url, { ...LIVE, onDecoder });
    let frames = 0;
    for await (const _ of opened.frames(stop)) {
      if (++frames !== 3) continue;
      Deno.kill(ffmpeg.runs("decoder")[0].pid, "SIGINT");
      // This program gets the signal a moment later.
      void delay(50).then(() => stop.abort());
    }
    assert.deepEqual([decoders, ffmpeg.alive], [[undefined], []]);
  },
);

Deno.test(
  "a decoder that hangs is killed after the time of a stall, and the camera is not lost",
  part,
  async () => {
    using ffmpeg = new FfmpegWrapper();
    await using camera = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
    let frames = 0;
    const reports = await read(camera.url, () => {
      if (++frames === 3) Deno.kill(ffmpeg.runs("decoder")[0].pid, "SIGSTOP");
      return ffmpeg.runs("decoder").length >= 2;
    }, { stallMs: 3_000 });
    assert.deepEqual(reports.changes, []);
    assert.deepEqual(reports.decoders, [undefined, "it gave no frame", undefined]);
    assert.deepEqual(ffmpeg.alive, []);
  },
);

Deno.test("a caller that takes no frame for longer than a stall loses no decoder", part, async () => {
  using ffmpeg = new FfmpegWrapper();
  let sent = 0;
  const [jpeg] = await makeJpegs(PATTERN, { count: 1, size: "64x48" });
  await using camera = new MjpegCamera({ picture: () => (sent++, jpeg) });
  const stop = new AbortController();
  const decoders: (string | undefined)[] = [];
  const onDecoder = (fault: string | undefined) => void decoders.push(fault);
  const opened = await openCamera(camera.url, { ...LIVE, stallMs: 3_000, onDecoder });
  let frames = 0;
  let continued: Promise<void> | undefined;
  for await (const _ of opened.frames(stop)) {
    const begun = sent;
    if (++frames === 20) stop.abort();
    if (frames !== 10) continue;
    // Its next frame comes some packets after the caller asks for it.
    const { pid } = ffmpeg.runs("decoder")[0];
    Deno.kill(pid, "SIGSTOP");
    await until(() => sent > begun + 250, "pictures for 5 s");
    const asked = sent;
    continued = until(() => sent > asked + 10, "further pictures").then(() => Deno.kill(pid, "SIGCONT"));
  }
  await continued;
  assert.deepEqual([decoders, ffmpeg.runs("decoder").length], [[undefined], 1]);
});

Deno.test("a camera whose pictures nothing decodes is lost after the time of a stall", part, async () => {
  using _ = new FfmpegWrapper({ decoder: "exit 1" });
  await using camera = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
  await assert.rejects(read(camera.url, () => {}, { stallMs: 3_000 }), (error: FatalError) => {
    assert.ok(error instanceof FatalError);
    assert.match(error.message, /sent data but ffmpeg decoded no picture for 3 s: /);
    assert.match(error.hint!, /--idle-rate 0/);
    return true;
  });
});

Deno.test(
  "a camera is lost and reopened when the ffmpeg that reads it ends, and when it hangs",
  part,
  async () => {
    for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
      using ffmpeg = new FfmpegWrapper();
      await using camera = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
      let frames = 0;
      const reports = await read(camera.url, () => {
        if (++frames === 3) Deno.kill(ffmpeg.runs("copy")[0].pid, signal);
        return ffmpeg.runs("copy").length >= 2;
      }, { stallMs: 3_000 });
      assert.deepEqual(reports.changes.map(({ lost }) => lost), [true, false], signal);
      const [{ reason }] = reports.changes as { reason: string }[];
      assert.match(
        reason,
        signal === "SIGKILL" ? /^SIGKILL ended ffmpeg while it read "http/ : /gave no frame for 3 s/,
      );
      assert.deepEqual(ffmpeg.alive, [], signal);
    }
  },
);

Deno.test("a stream that sends no JPEG, and an aborted camera, leave no process", part, async () => {
  using ffmpeg = new FfmpegWrapper();
  await using camera = showing([Uint8Array.from({ length: 5_000 }, (_, index) => index * 7 % 251)]);
  await assert.rejects(read(camera.url, () => {}, { stallMs: 3_000 }), FatalError);
  await using good = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
  const opened = await openCamera(good.url, LIVE);
  for await (const _ of opened.frames({ signal: new AbortController().signal })) break;
  assert.ok(ffmpeg.runs("copy").length >= 2);
  assert.deepEqual(ffmpeg.alive, []);
});
