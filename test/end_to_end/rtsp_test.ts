/** Cameras that send RTSP, with one stream or two: full resolution, passwords, and servers that are killed or frozen. */
import assert from "node:assert/strict";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { makeClip } from "../media/make_clip.ts";
import { needs } from "../needs.ts";
import { descendants, isFfmpeg } from "../servers/descendants.ts";
import { encodeStream, type RtspCodec, RtspServer } from "../servers/rtsp_server.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { facesOf } from "./cut_faces.ts";

const PARTS = needs("ffmpeg", "gobjectPython", "rtspServer");
/** Two visits of the clip `door`, after which it repeats. */
const FRAMES = 72;
/** ffmpeg examines a stream of 10 frames per second for three seconds otherwise. */
const EXAMINE = ["--ffmpeg-options", "-analyzeduration 500000"];
/** With characters that an address has to encode. */
const LOGIN = { user: "viewer", password: "open:sesame/1@%é" };

/** What the picture of a main stream of 1920x1080 is made of: the clip, and what only it shows, at its sides. */
const WIDE = "scale=1440:1080,pad=1920:1080:240:0:gray";

/** Encodes the camera's streams into files of the folder. */
async function encodeStreams<Name extends string>(
  folder: TempFolder,
  streams: Record<Name, { filter: string; codec?: RtspCodec }>,
): Promise<Record<Name, string>> {
  await using clip = await makeClip("door");
  const names = Object.keys(streams) as Name[];
  const paths = names.map((name) =>
    encodeStream(clip.path, { into: folder.at(name), frames: FRAMES, ...streams[name] })
  );
  const files = Object.fromEntries((await Promise.all(paths)).map((path, nth) => [names[nth], path]));
  return files as Record<Name, string>;
}

/** A detector at these addresses, which a password in them keeps out of the arguments. */
function detectorAt(
  { source, detectSource }: { source: string; detectSource?: string },
  out: TempFolder,
  args: readonly string[] = [],
): RunningProgram {
  const sub = detectSource && { HAARLEM_DETECT_SOURCE: detectSource };
  const env = { HAARLEM_FACES: "best", HAARLEM_MOTION: "region", HAARLEM_SOURCE: source, ...sub };
  return new RunningProgram("detector", ["--out", out.path, ...EXAMINE, ...args], { env });
}

/** Ends a detector and checks that it leaves no process and shows no password. Returns what it printed. */
async function end(detector: RunningProgram): Promise<string> {
  const processes = descendants(detector.pid).filter(isFfmpeg);
  assert.notEqual(processes.length, 0);
  detector.signal("SIGTERM");
  const { code, stderr, stdout } = await detector.ended();
  assert.equal(code, 0, stderr);
  assert.deepEqual(processes.filter(isFfmpeg), []);
  assert.doesNotMatch(stdout + stderr, /sesame/);
  return stderr;
}

/** A camera with one stream, of the clip as it is. */
async function startCamera(folder: TempFolder): Promise<RtspServer> {
  const { main } = await encodeStreams(folder, { main: { filter: "null" } });
  return await RtspServer.start(main, LOGIN);
}

/** Resolves when the detector runs this many ffmpegs: one for each stream, and none that decodes a picture. */
async function runs(detector: RunningProgram, { ffmpegs }: { ffmpegs: number }): Promise<void> {
  await until(() => descendants(detector.pid).filter(isFfmpeg).length === ffmpegs, `${ffmpegs} ffmpegs`);
}

Deno.test(
  "a camera with a password gives faces, and comes back when it was killed or frozen",
  PARTS,
  async () => {
    using folder = new TempFolder();
    await using camera = await startCamera(folder);
    using out = new TempFolder();
    await using detector = detectorAt({ source: camera.url() }, out, ["--stall", "5"]);
    await facesOf("640x480", out.path, { more: 2 });

    await camera.kill();
    await detector.printed(/camera is lost/);
    await camera.start();
    await detector.printed(/camera is back/);
    await facesOf("640x480", out.path, { more: 1 });

    camera.signal("SIGSTOP");
    await detector.printed(/camera is lost[^]*camera is lost/);
    camera.signal("SIGCONT");
    await detector.printed(/camera is back[^]*camera is back/);
    await facesOf("640x480", out.path, { more: 1 });
    await runs(detector, { ffmpegs: 1 });
    await end(detector);
  },
);

Deno.test(
  "a wrong password and a wrong path end a detector with an error that shows no secret",
  PARTS,
  async () => {
    using folder = new TempFolder();
    await using camera = await startCamera(folder);
    using out = new TempFolder();
    const says = async (source: string, message: RegExp) => {
      await using detector = detectorAt({ source }, out);
      const { code, stdout, stderr } = await detector.ended();
      assert.match(stderr, message);
      assert.equal(code, 1);
      assert.doesNotMatch(stdout + stderr, /sesame/);
    };
    const refused = /refuses the user name or password \(401\)\nTry: give both in the address/;
    await says(camera.url({ user: "viewer", password: "close-sesame" }), refused);
    await says(camera.url({}), refused);
    await says(`${camera.url()}/sesame`, /does not exist: the camera answers 404\nTry: check the path/);
  },
);

for (
  const [codec, shape, filter] of [
    ["h264", "squeezed", `${WIDE},scale=640:480`],
    ["h265", "cropped", "null"],
  ] as const
) {
  Deno.test(
    `faces of a ${shape} sub stream have the full resolution of a main stream of ${codec}`,
    PARTS,
    async () => {
      using folder = new TempFolder();
      const streams = await encodeStreams(folder, { main: { filter: WIDE, codec }, sub: { filter } });
      await using main = await RtspServer.start(streams.main, LOGIN);
      await using sub = await RtspServer.start(streams.sub, LOGIN);
      using out = new TempFolder();
      await using detector = detectorAt({ source: main.url(), detectSource: sub.url() }, out);
      const large = await facesOf("1920x1080", out.path, { more: 3 });
      // The people are 40 to 110 pixels large in the clip, and 2.25 times as large in the main stream.
      for (const { side } of large) assert.ok(side > 80 && side < 300, `${side}`);
      const log = await end(detector);
      assert.match(log, /done .*mainFaces=\d+/);
      assert.doesNotMatch(log, /stream is lost|camera is lost/);
    },
  );
}

Deno.test(
  "two streams come back when they were killed, and without the main stream faces are cut from the sub stream",
  PARTS,
  async () => {
    using folder = new TempFolder();
    const streams = await encodeStreams(folder, { main: { filter: WIDE }, sub: { filter: "null" } });
    await using main = await RtspServer.start(streams.main, LOGIN);
    await using sub = await RtspServer.start(streams.sub, LOGIN);
    using out = new TempFolder();
    await using detector = detectorAt({ source: main.url(), detectSource: sub.url() }, out);
    await facesOf("1920x1080", out.path, { more: 1 });
    await Promise.all([main.kill(), sub.kill()]);
    await detector.printed(/camera is lost/);
    await detector.printed(/WARNING the main stream is lost, faces are cut from the sub stream: /);
    await Promise.all([main.start(), sub.start()]);
    await detector.printed(/camera is back/);
    // A face whose picture was held before may be among them.
    await facesOf("1920x1080", out.path, { more: 3 });

    await main.kill();
    await facesOf("640x480", out.path, { more: 2 });
    await main.start();
    await facesOf("1920x1080", out.path, { more: 1 });
    await runs(detector, { ffmpegs: 2 });
    const log = await end(detector);
    const [, subFaces] = log.match(/done .*mainFaces=\d+ subFaces=(\d+)/)!;
    assert.ok(Number(subFaces) > 1, log);
    assert.equal(
      log.match(/a face is cut from the sub stream: (?!the main stream does not show it|too many faces)/g)
        ?.length,
      1,
      log,
    );
  },
);
