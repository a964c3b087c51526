/** Inputs are read by their content; an input without any picture is an error. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ffmpegDialect } from "../../lib/camera/ffmpeg_version.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { encodePng } from "../../lib/image/png.ts";
import { run } from "../../lib/testing/command.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { needs } from "../needs.ts";
import { runProgram } from "../servers/run_program.ts";

const PORTRAIT = new URL("../../lib/camera/sample/astronaut.png", import.meta.url).pathname;

const ffmpeg = (...args: string[]) => run("ffmpeg", ["-v", "error", "-y", ...args]);

/** The faces that the detector finds in a source, and its output. */
async function detect(source: string, out: string, ...more: string[]) {
  const args = ["--source", source, "--once", "--out", out, ...more];
  const { code, stderr } = await runProgram("detector", args);
  assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
  const faces = code === 0 ? Array.from(filesIn(out), (path) => readFace(Deno.readFileSync(path))) : [];
  return { code, stderr, faces };
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else yield join(folder, name);
  }
}

Deno.test(
  "a clip has the same visits whether its frame rate is constant or not",
  needs("ffmpeg"),
  async () => {
    using folder = new TempFolder();
    // A person from 0 to 2 s and from 11 to 13 s; one frame a second in between.
    const wall = ["-f", "lavfi", "-i", "color=gray:size=640x480:rate=10:duration=13"];
    const person = "[1]scale=320:-2[face];[0][face]overlay='150+20*sin(9*t)':80:enable='lt(t,2)+gte(t,11)'";
    const thin = ",select='lt(t,2)+gte(t,11)+not(mod(n,10))'";
    const codec = [
      "-t",
      "13",
      ...(await ffmpegDialect()).passthrough,
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-pix_fmt",
      "yuv420p",
    ];
    const visits: number[] = [];
    for (const [name, rate] of [["cfr", ""], ["vfr", thin]]) {
      const clip = join(folder.path, `${name}.mp4`);
      await ffmpeg(...wall, "-i", PORTRAIT, "-filter_complex", `${person}${rate}`, ...codec, clip);
      const { code, stderr, faces } = await detect(clip, join(folder.path, name), "--faces", "best");
      assert.equal(code, 0, stderr);
      visits.push(new Set(faces.map(({ metadata }) => metadata?.visit?.number)).size);
    }
    assert.deepEqual(visits, [2, 2]);
  },
);

Deno.test("a picture whose name looks like a pattern is read by its name", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const named = (name: string) => join(folder.path, name);
  await ffmpeg("-i", PORTRAIT, "-c:v", "mjpeg", "-f", "image2pipe", named("face"));
  await ffmpeg("-f", "lavfi", "-i", "color=gray:size=64x64", "-frames:v", "1", named("cam 5001.jpg"));
  for (const name of ["cam 5%03d.jpg", "12:30:05.jpg", "snap%20door.jpg", "new\nline.jpg"]) {
    Deno.copyFileSync(named("face"), named(name));
    const { code, stderr, faces } = await detect(named(name), await Deno.makeTempDir({ dir: folder.path }));
    assert.deepEqual([code, faces.length], [0, 1], `${name}: ${stderr}`);
  }
});

Deno.test("an input without any picture is an error", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const named = (name: string) => join(folder.path, name);
  const png = (size: number) =>
    encodePng({ width: size, height: size, rgb: new Uint8Array(3 * size * size) });
  Deno.mkdirSync(named("empty"));
  Deno.writeFileSync(named("zero.mp4"), new Uint8Array(0));
  Deno.writeTextFileSync(named("text.txt"), "nothing to see");
  Deno.writeTextFileSync(named("no size.y4m"), "YUV4MPEG2 W0 H0 F25:1 C420\nFRAME\n");
  Deno.writeFileSync(named("one.png"), png(1));
  Deno.writeFileSync(named("small.png"), png(40));
  await ffmpeg("-f", "lavfi", "-i", "sine=duration=1", named("sound.m4a"));
  await ffmpeg("-f", "lavfi", "-i", "color=size=20000x9000", "-frames:v", "1", named("huge.jpg"));
  const cases: [string, RegExp][] = [
    ["empty", /no pictures in the folder/],
    ["zero.mp4", /it is empty/],
    ["text.txt", /it holds text/],
    ["no size.y4m", /frames without a size/],
    ["one.png", /1x1 pixels are too small for a face/],
    ["small.png", /40x40 pixels are too small for a face of 60x60 pixels/],
    ["sound.m4a", /holds no video/],
    ["huge.jpg", /are too large: the limit is 33 million pixels/],
  ];
  for (const [name, says] of cases) {
    const { code, stderr } = await detect(named(name), named("out"), "--min-size", "60");
    assert.match(stderr, says);
    assert.match(stderr, /\nTry: [a-z]+ /, name);
    assert.equal(code, 1, name);
  }
});

Deno.test("a picture without a codec in this ffmpeg is skipped, and the others are read", async () => {
  using folder = new TempFolder();
  const named = (name: string) => join(folder.path, name);
  Deno.mkdirSync(named("bin"));
  Deno.mkdirSync(named("pictures"));
  const script = `#!/bin/sh
[ "$*" = -version ] && echo 'ffmpeg version 5.1' && exit
cat >/dev/null; echo "Unknown decoder 'libjxl'" >&2; exit 1`;
  Deno.writeTextFileSync(named("bin/ffmpeg"), script, { mode: 0o755 });
  Deno.writeFileSync(named("pictures/a.jxl"), Uint8Array.of(0xff, 0x0a, 1, 2, 3));
  Deno.copyFileSync(PORTRAIT, named("pictures/b.png"));
  const args = ["--source", named("pictures"), "--once", "--out", named("out")];
  const env = { PATH: `${folder.path}/bin:/usr/bin:/bin` };
  const { code, stderr } = await runProgram("detector", args, { env });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /skipped ".*a.jxl": this ffmpeg cannot decode ".*a.jxl" \(libjxl\)/);
  assert.match(stderr, /faces=1/);
});

Deno.test("invalid options for ffmpeg end the program before any work", async () => {
  using folder = new TempFolder();
  for (const options of ['-user_agent "My Cam', `-y ${folder.path}/written.mp4`, "-i other", "-report"]) {
    const { code, stderr } = await detect("sample", join(folder.path, "out"), "--ffmpeg-options", options);
    assert.equal(code, 78, stderr);
    assert.match(stderr, /--ffmpeg-options has a wrong value .* should/);
  }
  assert.deepEqual(Array.from(Deno.readDirSync(folder.path)), []);
});

Deno.test("a user agent with spaces reaches the camera unchanged", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const agents: (string | null)[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ headers }) => {
    agents.push(headers.get("user-agent"));
    return new Response(null, { status: 404 });
  });
  const source = `http://127.0.0.1:${server.addr.port}/`;
  const { code, stderr } = await detect(source, folder.path, "--ffmpeg-options", '-user_agent "My Cam 1.0"');
  assert.equal(code, 1);
  assert.match(stderr, /the camera answers 404\nTry: check the path of the address/);
  assert.ok(agents.length > 0 && agents.every((agent) => agent === "My Cam 1.0"), `${agents}`);
});
