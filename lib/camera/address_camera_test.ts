/** Network cameras that are slow, busy or silent when they are asked what they send. */
import assert from "node:assert/strict";
import { FfmpegWrapper } from "../../test/servers/ffmpeg_wrapper.ts";
import { makeJpegs, PATTERN } from "../../test/servers/jpegs.ts";
import { type MjpegCamera, showing } from "../../test/servers/mjpeg_camera.ts";
import { needs } from "../../test/needs.ts";
import { FatalError } from "../errors.ts";
import { read } from "../testing/read_camera.ts";
import { addressSource } from "./address_camera.ts";

const part = needs("ffmpeg");
const BUSY = () => new Response("busy", { status: 503 });
/** The head of a stream whose first picture does not come. */
const HEAD = () => {
  const headers = { "Content-Type": "multipart/x-mixed-replace; boundary=next" };
  return new Response(new ReadableStream(), { headers });
};

/** The address of a camera that answers its first requests in these ways. */
function behind(camera: MjpegCamera, answers: (() => Response)[]) {
  const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const redirect = () => new Response(null, { status: 302, headers: { Location: camera.url } });
  const server = Deno.serve(place, () => (answers.shift() ?? redirect)());
  return {
    url: `http://127.0.0.1:${server.addr.port}/live`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Kills the ffmpeg that decodes every frame at its first one. True once the camera is reopened and its JPEGs are copied. */
function killsThenCopies(ffmpeg: FfmpegWrapper): () => boolean {
  let isKilled = false;
  return () => {
    if (!isKilled) Deno.kill(ffmpeg.runs("other").at(-1)!.pid, "SIGKILL");
    isKilled = true;
    return ffmpeg.runs("copy").length > 0;
  };
}

for (
  const [title, answer] of [["its first picture comes late", HEAD], ["it is busy at first", BUSY]] as const
) {
  Deno.test(`a camera of JPEGs is decoded on demand although ${title}`, part, async () => {
    using ffmpeg = new FfmpegWrapper();
    await using camera = showing(await makeJpegs(PATTERN, { count: 1, size: "64x48" }));
    await using server = behind(camera, [answer]);
    const reasons: string[] = [];
    await read(server.url, () => true, { onEveryFrame: (reason) => reasons.push(reason) });
    assert.deepEqual([ffmpeg.runs("copy").length, reasons], [1, []]);
  });
}

Deno.test("a camera that refuses the password is asked once before ffmpeg reads it", part, async () => {
  let logins = 0;
  const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(place, ({ headers }) => {
    if (headers.has("authorization") && headers.get("user-agent") === "haarlem") logins++;
    return new Response(null, { status: 401, headers: { "WWW-Authenticate": 'Basic realm="camera"' } });
  });
  await assert.rejects(read(`http://a:b@127.0.0.1:${server.addr.port}/live`, () => true), /401/);
  assert.equal(logins, 1);
});

Deno.test("a stream of no JPEGs is not asked again when it is reopened", part, async () => {
  let requests = 0;
  const other = (): Promise<"other"> => {
    requests++;
    return Promise.resolve("other");
  };
  const input = { name: "camera", inputArgs: ["-i", "/missing"], filters: [], stallMs: 0 };
  const source = addressSource("http://camera/live", input, {
    ask: other,
    asked: "other",
    ffmpegOptions: [],
    stallMs: 0,
  });
  for (let opening = 0; opening < 2; opening++) {
    const frames = source.frames({ signal: new AbortController().signal });
    await assert.rejects(Array.fromAsync(frames), FatalError);
  }
  assert.equal(requests, 0);
});

Deno.test("a camera that does not say what it sends is asked again when it is reopened", part, async () => {
  using ffmpeg = new FfmpegWrapper();
  await using camera = showing(await makeJpegs(PATTERN, { count: 1, size: "64x48" }));
  await using server = behind(camera, [BUSY, BUSY]);
  const reasons: string[] = [];
  const { changes } = await read(server.url, killsThenCopies(ffmpeg), {
    onEveryFrame: (reason) => reasons.push(reason),
  });
  assert.deepEqual(changes.map(({ lost }) => lost), [true, false]);
  assert.deepEqual(reasons, [`"${new URL(server.url).origin}/…" did not answer what it sends`]);
});

Deno.test(
  "a camera that refused and gives frames all the same is asked again when it is reopened",
  part,
  async () => {
    using ffmpeg = new FfmpegWrapper();
    await using camera = showing(await makeJpegs(PATTERN, { count: 1, size: "64x48" }));
    await using server = behind(camera, [() => new Response("one client is connected", { status: 403 })]);
    await read(server.url, killsThenCopies(ffmpeg));
  },
);
