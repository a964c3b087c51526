/** The main stream of a camera: it is opened in the background, and again whenever it is lost. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { LiveStream } from "../../test/servers/live_stream.ts";
import { ConfigError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { run } from "../testing/command.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { until } from "../testing/until.ts";
import { type MainStreamOptions, openMainStream } from "./main_stream.ts";

const SIGNAL = new AbortController().signal;

/** Opens a main stream, with the reports that it makes. */
function open(address: string, options: Partial<MainStreamOptions> = {}) {
  const reports: (string | undefined)[] = [];
  const source = openMainStream(address, {
    ffmpegOptions: [],
    stallMs: 0,
    signal: SIGNAL,
    onChange: (fault) => reports.push(fault?.message),
    ...options,
  });
  const sizeNow = async () => {
    const held = source.at(performance.now()).hold();
    const [{ width, height }] = await held.decode({ signal: SIGNAL });
    held.release();
    return `${width}x${height}`;
  };
  return { source, reports, sizeNow };
}

async function makeClip(folder: TempFolder): Promise<string> {
  const clip = `${folder.path}/clip.mkv`;
  const codec = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "10"];
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc=s=96x64:r=20:d=10", ...codec, clip]);
  return clip;
}

Deno.test("a stream gives pictures, none while it is lost, and then again", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  await using server = new LiveStream(await makeClip(folder), { output: ["-c", "copy"] });
  const options = { ffmpegOptions: ["-analyzeduration", "1000000"], rotate: 90 } as const;
  const { source, reports, sizeNow } = open(server.url, options);
  await using _ = source;
  assert.equal(source.name, server.url.replace("live.ts", "…"));
  await assert.rejects(sizeNow(), /no picture yet/);
  await until(() => reports.length > 0, "a stream that works");
  assert.equal(await sizeNow(), "64x96", "rotated");
  server.unplug();
  await until(() => reports.length > 1, "a lost stream");
  assert.match(reports[1]!, /ended|503/);
  server.plugIn();
  await until(() => reports.at(-1) === undefined, "a stream that is back");
  assert.equal(await sizeNow(), "64x96");
});

Deno.test("a snapshot address gives pictures on demand", needs("ffmpeg"), async () => {
  let requests = 0;
  const png = encodePng({ width: 8, height: 4, rgb: new Uint8Array(96) });
  const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(place, () => {
    requests++;
    return new Response(png as Uint8Array<ArrayBuffer>, { headers: { "Content-Type": "image/png" } });
  });
  const { source, reports, sizeNow } = open(`http://127.0.0.1:${server.addr.port}/snapshot.png`);
  await using _ = source;
  await until(() => reports.length === 1, "a known address");
  assert.equal(requests, 1, "to find out what it is");
  assert.equal(await sizeNow(), "8x4");
  assert.equal(requests, 2);
});

Deno.test(
  "an address that does not answer is tried again, and its fault is reported",
  needs("ffmpeg"),
  async () => {
    const delaysMs: number[] = [];
    const aborted = new AbortController();
    const { source, reports, sizeNow } = open("http://user:hidden@127.0.0.1:9/live", {
      signal: aborted.signal,
      wait: (ms) => {
        if (delaysMs.push(ms) > 6) aborted.abort();
        return Promise.resolve();
      },
    });
    await until(() => aborted.signal.aborted, "several attempts");
    await source[Symbol.asyncDispose]();
    assert.ok(
      reports.length >= 2 && reports.every((fault) => /refused|nothing listens/i.test(fault!)),
      `${reports}`,
    );
    assert.doesNotMatch(`${reports}`, /hidden/);
    await assert.rejects(sizeNow(), /127.0.0.1:9/);
  },
);

Deno.test("an address of another form is a mistake in the settings", () => {
  assert.throws(() => open("rtsp://user@na me/live"), ConfigError);
});
