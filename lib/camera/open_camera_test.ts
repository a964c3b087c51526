import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { delay } from "../async/delay.ts";
import { openCamera } from "./open_camera.ts";
import { ONCE } from "./test_source.ts";

const never = new AbortController().signal;

Deno.test("what a source is follows from how it is written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const picture = `${folder}/Door.PNG`;
    const clip = `${folder}/clip.mp4`;
    await Deno.writeFile(picture, encodePng({ width: 5, height: 3, rgb: new Uint8Array(45) }));
    await Deno.writeFile(clip, Uint8Array.of(0, 0, 1, 0xb3));
    const live = async (source: string, realtime: boolean) =>
      (await openCamera(source, { ...ONCE, realtime })).live;
    for (const source of ["sample", picture, folder, clip, "HTTP://x/clip"]) {
      assert.equal(await live(source, false), false, `${source}, as fast as it is taken`);
      assert.equal(await live(source, true), true, `${source}, at its own pace`);
    }
    for (const source of ["rtsp://10.0.0.1/live", "/dev/null", "csi", "csi:1"]) {
      assert.equal(await live(source, false), true, `${source} is always live`);
    }
    const frames = await Array.fromAsync((await openCamera(picture, ONCE)).frames({ signal: never }));
    assert.deepEqual(frames.map(({ width, height }) => [width, height]), [[5, 3]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a device that is not there is a FatalError, a file that is not there a ConfigError", async () => {
  await assert.rejects(openCamera("/dev/no-such-camera", ONCE), (error: FatalError) => {
    assert.ok(error instanceof FatalError);
    assert.match(error.message, /no camera at "\/dev\/no-such-camera"/);
    return true;
  });
  for (const source of ["gone.mp4", "gone.png", "", "rtsp:/slip", "csi:x", "csi:-1"]) {
    await assert.rejects(openCamera(source, ONCE), ConfigError, source);
  }
});

Deno.test("a link to a device is a device", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.symlink("/dev/null", `${folder}/door.png`);
    const camera = await openCamera(`${folder}/door.png`, ONCE);
    assert.deepEqual([camera.live, camera.stills], [true, undefined]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the name of a camera never holds its password", async () => {
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

Deno.test("an address that is malformed is refused without being shown, and so is what is neither address nor file", async () => {
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

Deno.test(
  "the frames of a live stream stand where they come, also when it is read once",
  needs("ffmpeg"),
  async () => {
    const args = "-v error -f lavfi -i testsrc=size=64x48 -frames:v 1 -f mjpeg -".split(" ");
    const { stdout: jpeg } = await new Deno.Command("ffmpeg", { args }).output();
    // Ten a second of what ffmpeg, which is not told, takes for 25.
    async function* parts() {
      for (let frame = 0; frame < 20; frame++, await delay(100)) {
        yield new TextEncoder().encode("--next\r\nContent-Type: image/jpeg\r\n\r\n");
        yield new Uint8Array([...jpeg, ...new TextEncoder().encode("\r\n")]);
      }
    }
    const headers = { "Content-Type": "multipart/x-mixed-replace; boundary=next" };
    await using server = Deno.serve({ port: 0, onListen: () => {} }, () => {
      return new Response(ReadableStream.from(parts()), { headers });
    });
    const camera = await openCamera(`http://127.0.0.1:${server.addr.port}/`, { ...ONCE, realtime: true });
    const times: number[] = [];
    for await (const { sourceTimeMs } of camera.frames({ signal: never })) times.push(sourceTimeMs);
    const passedMs = times.at(-1)! - times[0];
    assert.ok(times.length > 15 && passedMs > 1_200, `${times.length} frames in ${passedMs} ms`);
  },
);
