import assert from "node:assert/strict";
import { Failure, UsageError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { openCamera, type SourceOptions } from "./open_camera.ts";

const never = new AbortController().signal;
const ONCE: SourceOptions = {
  ffmpegOptions: [],
  realtime: false,
  repeat: false,
  stallMs: 0,
  onChange: () => {},
  onUnreadable: () => {},
};

Deno.test("what a source is follows from how it is written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const picture = `${folder}/Door.PNG`;
    const clip = `${folder}/clip.mp4`;
    await Deno.writeFile(picture, encodePng({ width: 5, height: 3, rgb: new Uint8Array(45) }));
    await Deno.writeTextFile(clip, "");
    const live = async (source: string, realtime: boolean) =>
      (await openCamera(source, { ...ONCE, realtime })).live;
    for (const source of ["sample", picture, folder, clip, "HTTP://x/clip"]) {
      assert.equal(await live(source, false), false, `${source}, as fast as it is taken`);
      assert.equal(await live(source, true), true, `${source}, at its own pace`);
    }
    for (const source of ["rtsp://10.0.0.1/live", "/dev/null"]) {
      assert.equal(await live(source, false), true, `${source} is always live`);
    }
    const frames = await Array.fromAsync((await openCamera(picture, ONCE)).frames({ signal: never }));
    assert.deepEqual(frames.map(({ width, height }) => [width, height]), [[5, 3]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a device that is not there is a Failure, a file that is not there a UsageError", async () => {
  await assert.rejects(openCamera("/dev/no-such-camera", ONCE), (error: Failure) => {
    assert.ok(error instanceof Failure);
    assert.match(error.message, /no camera at "\/dev\/no-such-camera"/);
    return true;
  });
  for (const source of ["gone.mp4", "gone.png", "", "rtsp:/slip"]) {
    await assert.rejects(openCamera(source, ONCE), UsageError, source);
  }
});

Deno.test("the name of a camera never holds its password", async () => {
  const names = {
    "rtsp://user:geheim@10.0.0.1:554/live": "rtsp://10.0.0.1:554/live",
    "rtsp://user:geh@eim@10.0.0.1/live": "rtsp://10.0.0.1/live",
    "http://cam/video.cgi?user=a&pwd=geheim": "http://cam/video.cgi?…",
    "http://cam/snap@2x.mjpg": "http://cam/snap@2x.mjpg",
  };
  for (const [source, name] of Object.entries(names)) {
    assert.equal((await openCamera(source, ONCE)).name, name);
  }
});
