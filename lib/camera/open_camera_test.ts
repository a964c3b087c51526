/** From `--source` to a camera. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { openCamera } from "./open_camera.ts";
import { ONCE } from "../testing/source_options.ts";

const never = new AbortController().signal;

Deno.test("the form of a source decides which camera it is", async () => {
  using folder = new TempFolder();
  const picture = folder.write("Door.PNG", encodePng({ width: 5, height: 3, rgb: new Uint8Array(45) }));
  const clip = folder.write("clip.mp4", Uint8Array.of(0, 0, 1, 0xb3));
  const live = async (source: string, realtime: boolean) =>
    (await openCamera(source, { ...ONCE, realtime })).live;
  for (const source of ["sample", "sample:front", picture, folder.path, clip, "HTTP://x/clip"]) {
    assert.equal(await live(source, false), false, `${source}, as fast as possible`);
    assert.equal(await live(source, true), true, `${source}, at its own speed`);
  }
  for (const source of ["rtsp://10.0.0.1/live", "/dev/null", "csi", "csi:1"]) {
    assert.equal(await live(source, false), true, `${source} is always live`);
  }
  const frames = await Array.fromAsync((await openCamera(picture, ONCE)).frames({ signal: never }));
  assert.deepEqual(frames.map(({ width, height }) => [width, height]), [[5, 3]]);
});

Deno.test("an unknown scene is a ConfigError that names the scenes", async () => {
  await assert.rejects(openCamera("sample:back", ONCE), (error: ConfigError) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.message, '--source "sample:back": no such scene');
    assert.equal(error.hint, "set --source sample:front or --source sample:yard");
    return true;
  });
});

Deno.test("a missing device is a FatalError, a missing file a ConfigError", async () => {
  await assert.rejects(openCamera("/dev/no-such-camera", ONCE), (error: FatalError) => {
    assert.ok(error instanceof FatalError);
    assert.match(error.message, /no camera at "\/dev\/no-such-camera"/);
    return true;
  });
  for (const source of ["gone.mp4", "gone.png", "", "rtsp:/slip", "csi:x", "csi:-1"]) {
    await assert.rejects(openCamera(source, ONCE), ConfigError, source);
  }
});

Deno.test("a protocol of ffmpeg that reads files or data is a ConfigError", async () => {
  using folder = new TempFolder();
  folder.write("a", Uint8Array.of(0, 0, 1, 0xb3));
  const schemes = "concat CONCAT subfile data async cache crypto pipe tee fd".split(" ");
  const here = Deno.cwd();
  try {
    Deno.chdir(folder.path);
    for (const scheme of schemes) {
      await assert.rejects(openCamera(`${scheme}://a`, ONCE), (error: ConfigError) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /is not the protocol of a camera$/);
        return true;
      });
    }
  } finally {
    Deno.chdir(here);
  }
});

Deno.test("a link to a device is a device", async () => {
  using folder = new TempFolder();
  await Deno.symlink("/dev/null", folder.at("door.png"));
  const camera = await openCamera(folder.at("door.png"), ONCE);
  assert.deepEqual([camera.live, camera.stills], [true, undefined]);
});

Deno.test("the name of a camera never contains its password", async () => {
  const names = {
    "rtsp://user:geheim@10.0.0.1:554/live": "rtsp://10.0.0.1:554/…",
    "rtsp://user:geh@eim@10.0.0.1/live": "rtsp://10.0.0.1/…",
    "http://cam/video.cgi?user=a&pwd=geheim": "http://cam/…",
    "rtsp://10.0.0.1/user=admin_password=geheim&channel=1": "rtsp://10.0.0.1/…",
    "http://cam/snap@2x.mjpg": "http://…", // It may be the host "cam", or a user "cam" with a slash in the password.
    "rtsp://user:12/geheim@10.0.0.1/live": "rtsp://…",
  };
  for (const [source, name] of Object.entries(names)) {
    assert.equal((await openCamera(source, ONCE)).name, name);
  }
});

Deno.test("a malformed address, and a text that is neither address nor file, is rejected without being shown", async () => {
  const wrong = [
    "rtsp://user:ge/heim@10.0.0.1/live",
    "rtsp://user:ge?heim@10.0.0.1/live",
    "rtsp://user:ge#heim@10.0.0.1/live",
    "rtsp:/user:geheim@10.0.0.1/live",
    "rtsp//user:geheim@10.0.0.1/live",
    "user:geheim@10.0.0.1:554/live",
    "10.0.0.1/user=admin_password=geheim",
    "10.0.0.1/?token=geheim",
  ];
  for (const source of wrong) {
    await assert.rejects(openCamera(source, ONCE), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError);
      assert.doesNotMatch(`${error.message} ${error.hint}`, /heim/, source);
      return true;
    });
  }
});

Deno.test("the source times of a stream that is read once are arrival times", needs("ffmpeg"), async () => {
  const args = "-v error -f lavfi -i testsrc=size=64x48 -frames:v 1 -f mjpeg -".split(" ");
  const { stdout: jpeg } = await new Deno.Command("ffmpeg", { args }).output();
  const encoder = new TextEncoder();
  const parts = Array.from({ length: 20 }, () => [
    ...encoder.encode("--next\r\nContent-Type: image/jpeg\r\n\r\n"),
    ...jpeg,
    ...encoder.encode("\r\n"),
  ]).flat();
  const headers = { "Content-Type": "multipart/x-mixed-replace; boundary=next" };
  await using server = Deno.serve({ port: 0, onListen: () => {} }, () => {
    return new Response(Uint8Array.from(parts), { headers });
  });
  const beganMs = performance.now();
  const camera = await openCamera(`http://127.0.0.1:${server.addr.port}/`, { ...ONCE, realtime: true });
  const times: number[] = [];
  for await (const { sourceTimeMs } of camera.frames({ signal: never })) times.push(sourceTimeMs);
  const endedMs = performance.now();
  assert.ok(times.length > 15, `${times.length} frames`);
  // By the rate that ffmpeg assumes, 25 frames per second, they would begin at 0.
  assert.ok(times.every((timeMs) => timeMs >= beganMs && timeMs <= endedMs), `${times} from ${beganMs}`);
});
