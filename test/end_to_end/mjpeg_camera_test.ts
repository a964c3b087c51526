/** A detector at a network camera of JPEGs: quiet scenes are left undecoded, and faces have the camera's full size. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { run } from "../../lib/testing/command.ts";
import { filesIn, inProject } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { showing } from "../servers/mjpeg_camera.ts";
import { RunningProgram } from "../servers/run_program.ts";

const PORTRAIT = inProject("lib/camera/sample/astronaut.png");
/** The defaults, which tests of delivery change. */
const ENV = { HAARLEM_FACES: "best", HAARLEM_MOTION: "region" };

/** The portrait in a frame of 1280x960; its face has some 190 pixels. */
async function portrait(folder: TempFolder): Promise<Uint8Array<ArrayBuffer>> {
  const path = folder.at("door.jpg");
  const filter = "scale=960:-2,pad=1280:960:160:0:gray";
  const input = ["-v", "error", "-i", PORTRAIT, "-vf", filter];
  await run("ffmpeg", [...input, "-pix_fmt", "yuvj422p", "-q:v", "2", path]);
  return await Deno.readFile(path);
}

/** The first face that a detector writes with these settings, and what it printed. */
async function firstFace(url: string, args: readonly string[]) {
  using out = new TempFolder();
  await using detector = new RunningProgram("detector", ["--source", url, "--out", out.path, ...args], {
    env: ENV,
  });
  const find = async () => (await Array.fromAsync(filesIn(out.path))).find((path) => path.endsWith(".png"));
  const path = await until(find, "a face", { folder: out.path });
  const face = readFace(await Deno.readFile(path));
  detector.signal("SIGTERM");
  const { stderr, code } = await detector.ended();
  assert.equal(code, 0, stderr);
  return { ...face, metadata: face.metadata!, log: stderr };
}

Deno.test("faces of a search in smaller frames have the camera's full size", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  await using camera = showing([await portrait(folder)], 40);
  const whole = await firstFace(camera.url, ["--min-size", "96", "--idle-rate", "0"]);
  const small = await firstFace(camera.url, ["--min-size", "96"]);
  assert.match(small.log, /size=1280x960 searched=320x240/);
  assert.doesNotMatch(small.log, /smaller frame/);
  for (const { metadata, width, height } of [whole, small]) {
    assert.deepEqual(metadata.frame, { width: 1280, height: 960 });
    assert.deepEqual([width, height], [metadata.crop.width, metadata.crop.height]);
    assert.equal(metadata.settings.minSize, 96);
  }
  const [a, b] = [whole.metadata.box, small.metadata.box];
  for (const key of ["x", "y", "width", "height"] as const) {
    assert.ok(Math.abs(a[key] - b[key]) < 24, `${key}: ${a[key]} and ${b[key]}`);
  }
});

Deno.test("frames of a quiet scene are left undecoded, and counted", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const path = folder.at("wall.jpg");
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "color=gray:s=640x480", "-frames:v", "1", path]);
  await using camera = showing([await Deno.readFile(path)], 20);
  const args = ["--source", camera.url, "--out", folder.at("faces"), "--health", "127.0.0.1:0"];
  await using detector = new RunningProgram("detector", args, { env: ENV });
  const [, address] = await detector.printed(/health at (http:\S+\/)healthz/);
  const counts = async () => (await (await fetch(`${address}healthz`)).json()).done;
  const { frames, undecoded } = await until(async () => {
    const done = await counts().catch(() => undefined);
    return done?.undecoded > 100 && done;
  }, "a hundred frames left undecoded");
  detector.signal("SIGTERM");
  await detector.ended();
  // Fifty frames a second; the scene is quiet after two seconds.
  assert.ok(frames < undecoded * 2 + 150, `${frames} frames, ${undecoded} undecoded`);
});
