/** The formats and the holders of a device. */
import assert from "node:assert/strict";
import { skipUnless } from "../testing/skip.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { deviceFormats, formatsIn } from "./device_formats.ts";
import { deviceHolders } from "./device_holders.ts";

/** What ffmpeg 5.1 prints for a USB camera; the format of its lines is in libavdevice/v4l2.c, list_formats. */
const LISTED =
  `[video4linux2,v4l2 @ 0x5581] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 160x120 320x240
[video4linux2,v4l2 @ 0x5581] Compressed:       mjpeg :          Motion-JPEG : 640x480 1920x1080 1280x720
[video4linux2,v4l2 @ 0x5581] Raw       : Unsupported :  10-bit Bayer BGBG : 640x480
/dev/video0: Immediate exit requested`;

const { signal } = new AbortController();
const isThere = (path: string) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
};
const hasFuser = skipUnless(
  isThere("/usr/bin/fuser"),
  "the holders of a camera",
  "install what Debian calls psmisc",
);

Deno.test("each format has its largest size", () => {
  assert.equal(
    formatsIn(LISTED.split("\n")),
    "yuyv422 to 640x480, mjpeg to 1920x1080",
  );
  assert.equal(formatsIn(["/dev/video0: Inappropriate ioctl for device"]), undefined);
});

Deno.test("a list of formats is bounded", () => {
  const many = Array.from({ length: 20 }, (_, at) => `Raw : f${at} : x : 8x8`);
  assert.match(formatsIn(many)!, /f11 to 8x8, and 8 more$/);
});

Deno.test(
  "a device that is no camera has no formats",
  skipUnless(isThere("/usr/bin/ffmpeg"), "formats by ffmpeg", "run deno task setup"),
  async () => {
    assert.equal(await deviceFormats("/dev/null", { signal }), undefined);
  },
);

Deno.test("the holder of a file is named by its program, and a free one has none", hasFuser, async () => {
  using folder = new TempFolder();
  const path = folder.write("video0", "");
  assert.deepEqual(await deviceHolders(path, { signal }), []);
  const child = new Deno.Command("tail", { args: ["-f", path], stdin: "null", stdout: "piped" }).spawn();
  try {
    let holders = await deviceHolders(path, { signal });
    while (holders.length === 0) holders = await deviceHolders(path, { signal });
    assert.deepEqual(holders, [{ pid: child.pid, name: "tail" }]);
  } finally {
    child.kill("SIGKILL");
    await child.stdout.cancel();
    await child.status;
  }
});
