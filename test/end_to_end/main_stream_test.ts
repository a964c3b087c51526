/** A camera with two streams: the sub stream is searched, and the faces come from the main stream. */
import assert from "node:assert/strict";
import { delay } from "../../lib/async/delay.ts";
import { run } from "../../lib/testing/command.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { type MadeClip, makeClip } from "../media/make_clip.ts";
import { needs } from "../needs.ts";
import { LiveStream } from "../servers/live_stream.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { facesIn, facesOf } from "./cut_faces.ts";

const env = { HAARLEM_FACES: "best", HAARLEM_MOTION: "region" };
/** Of a real camera: a key frame each second, no B frames. */
const CODEC = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "10"];

/** Of the clip `door`. */
const CLIP_SECONDS = 18;
/** How long the snapshot address takes, and how often what it shows changes. */
const SLOW_MS = 1_100;
const SNAPSHOTS_PER_SECOND = 4;

/** The two streams of a camera, of one clip. */
class TwoStreams implements AsyncDisposable {
  private constructor(
    private readonly folder: TempFolder,
    readonly mainClip: string,
    readonly main: LiveStream,
    readonly sub: LiveStream,
  ) {}

  /** @param filters what each stream makes of the clip. */
  static async start(clip: MadeClip, filters: { main: string; sub: string }): Promise<TwoStreams> {
    const folder = new TempFolder();
    const [main, sub] = await Promise.all(
      (["main", "sub"] as const).map(async (name) => {
        const path = `${folder.path}/${name}.mkv`;
        await run("ffmpeg", ["-v", "error", "-i", clip.path, "-vf", filters[name], ...CODEC, path]);
        return path;
      }),
    );
    const copy = ["-c", "copy"];
    return new TwoStreams(
      folder,
      main,
      new LiveStream(main, { output: copy, lateSeconds: 0.12 }),
      new LiveStream(sub, { output: copy }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.main[Symbol.asyncDispose]();
    await this.sub[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

Deno.test(
  "faces of the sub stream are cut from the main stream, and while that is lost from the sub stream",
  needs("ffmpeg"),
  async () => {
    await using clip = await makeClip("door");
    await using camera = await TwoStreams.start(clip, { main: "scale=1280:960", sub: "null" });
    const { main, sub } = camera;
    using out = new TempFolder();
    const urls = ["--source", main.url, "--detect-source", sub.url];
    await using detector = new RunningProgram("detector", [...urls, "--out", out.path], { env });
    const large = await facesOf("1280x960", out.path, { more: 4 });
    // The people are 40 to 110 pixels large in the sub stream.
    for (const { side } of large) assert.ok(side > 60 && side < 260, `${side}`);
    // The people come in turn, and each face of a visit shows the same one.
    const people = new Map<number, Set<string>>();
    for (const { visit, person } of await facesIn(out.path)) {
      people.set(visit!, (people.get(visit!) ?? new Set()).add(person));
    }
    assert.ok(people.size >= 2);
    assert.ok([...people.values()].every(({ size }) => size === 1));

    main.unplug();
    await detector.printed(/WARNING the main stream is lost, faces are cut from the sub stream: /);
    await facesOf("640x480", out.path, { more: 1 });
    main.plugIn();
    await detector.printed(/the main stream is back/);
    await facesOf("1280x960", out.path, { more: 1 });
    detector.signal("SIGTERM");
    const { stderr } = await detector.ended();
    assert.match(stderr, /done .*mainFaces=\d+ subFaces=\d+/);
    assert.doesNotMatch(stderr, /camera is lost/);
  },
);

Deno.test(
  "a main stream of another shape shows the same faces",
  needs("ffmpeg"),
  async () => {
    await using clip = await makeClip("door");
    // The sub stream is the squeezed picture, and lacks what the main stream shows at its sides.
    const filters = { main: "scale=1280:960,pad=1706:960:213:0:gray", sub: "scale=640:480" };
    await using camera = await TwoStreams.start(clip, filters);
    using out = new TempFolder();
    const urls = ["--source", camera.main.url, "--detect-source", camera.sub.url];
    await using _ = new RunningProgram("detector", [...urls, "--out", out.path], { env });
    await facesOf("1706x960", out.path, { more: 3 });
  },
);

Deno.test(
  "a snapshot address that takes longer than a second gives faces, or the sub stream does",
  needs("ffmpeg"),
  async () => {
    await using clip = await makeClip("door");
    await using camera = await TwoStreams.start(clip, { main: "scale=1280:960", sub: "null" });
    const beganMs = performance.now();
    const pictures = await snapshotsOf(camera.mainClip);
    const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    let running = 0;
    let atOnce = 0;
    await using server = Deno.serve(place, async () => {
      atOnce = Math.max(atOnce, ++running);
      const at = (performance.now() - beganMs) / 1000 % CLIP_SECONDS;
      const picture = pictures[Math.min(Math.floor(at * SNAPSHOTS_PER_SECOND), pictures.length - 1)];
      await delay(SLOW_MS);
      running--;
      return new Response(picture, { headers: { "Content-Type": "image/jpeg" } });
    });
    using out = new TempFolder();
    const urls = [
      "--source",
      `http://127.0.0.1:${server.addr.port}/snap.jpg`,
      "--detect-source",
      camera.sub.url,
    ];
    await using detector = new RunningProgram("detector", [...urls, "--out", out.path], { env });
    await facesOf("1280x960", out.path, { more: 2 });
    assert.doesNotMatch(detector.stderr, /main stream is lost/);
    assert.equal(atOnce, 1, "one request at a time");
  },
);

/** What a snapshot address shows in the course of a clip. Made before it is asked: an answer has 5 s. */
async function snapshotsOf(clip: string): Promise<Uint8Array<ArrayBuffer>[]> {
  using folder = new TempFolder();
  const output = ["-vf", `fps=${SNAPSHOTS_PER_SECOND}`, "-q:v", "3", folder.at("%03d.jpg")];
  await run("ffmpeg", ["-v", "error", "-i", clip, ...output]);
  const names = Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort();
  return await Promise.all(names.map((name) => Deno.readFile(folder.at(name))));
}

Deno.test(
  "doctor takes a picture of the main stream, and says what is wrong with it",
  needs("ffmpeg"),
  async () => {
    await using clip = await makeClip("door");
    await using camera = await TwoStreams.start(clip, { main: "scale=1280:960", sub: "null" });
    using out = new TempFolder();
    const examine = async (source: string) => {
      const args = ["--source", source, "--detect-source", camera.sub.url, "--out", out.path];
      return (await runProgram("doctor", ["--program", "detector", ...args])).stdout;
    };
    const good = await examine(camera.main.url);
    assert.match(good, /main stream .*: a picture of 1280x960 after/);
    assert.match(good, /camera .*: a frame of 640x480 after/);
    camera.main.unplug();
    assert.match(
      await examine(camera.main.url),
      /wrong +main stream .*internal error[^]*Try: end other viewers/,
    );
    assert.match(await examine("/dev/video0"), /main stream .*is not the address of a main stream/);
  },
);
