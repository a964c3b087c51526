/** The detector and doctor choose a format from the camera's own list, on stand-ins (test/servers/v4l2_camera.ts). */
import assert from "node:assert/strict";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { needs } from "../needs.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { V4l2Camera, type V4l2CameraOptions } from "../servers/v4l2_camera.ts";
import { BY_FFMPEG, JETSON_CSI, METADATA_NODE, USB_CAMERA } from "../servers/v4l2_lists.ts";

/** The formats of USB_CAMERA, as the log and doctor name them. */
const OFFERED =
  "/dev/null offers mjpeg 1920x1080@30 1280x720@30 640x480@30, yuyv422 1920x1080@5 1280x720@10 640x480@30";
const FULL_HD = ["--size", "1920x1080", "--rate", "30"];

/** A detector at a camera, until its first frame. Returns its log and the arguments of the ffmpeg that read the camera. */
async function reads(options: V4l2CameraOptions, args: readonly string[]) {
  using out = new TempFolder();
  using camera = new V4l2Camera(options);
  const source = ["--source", "/dev/null", "--out", out.path];
  await using detector = new RunningProgram("detector", [...source, ...args], { env: camera.env });
  await detector.printed(/first frame/);
  detector.signal("SIGTERM");
  const { stderr, code } = await detector.ended();
  assert.equal(code, 0, stderr);
  const { calls } = camera;
  return { log: stderr, calls, ffmpeg: calls.findLast((call) => call.includes("-f v4l2"))! };
}

/** How a detector at a camera ends by itself. */
async function fails(options: V4l2CameraOptions, args: readonly string[]) {
  using out = new TempFolder();
  using camera = new V4l2Camera(options);
  const source = ["--source", "/dev/null", "--once", "--out", out.path];
  return await runProgram("detector", [...source, ...args], { env: camera.env });
}

Deno.test(
  "the detector requests the cheapest format of the camera's list, and logs list and choice",
  needs("ffmpeg"),
  async () => {
    const { log, ffmpeg, calls } = await reads({ list: USB_CAMERA }, FULL_HD);
    const lines = log.split("\n").map((line) => line.slice(35));
    assert.deepEqual(lines.slice(0, 2), [
      OFFERED,
      "chose format mjpeg of /dev/null at 1920x1080, up to 30 frames/s",
    ]);
    assert.match(
      ffmpeg,
      / -f v4l2 -input_format mjpeg -framerate 30 -video_size 1920x1080 -i \/dev\/null .*-c(:v)? copy /,
    );
    assert.equal(calls[0], "v4l2-ctl --device /dev/null --get-fmt-video --list-formats-ext");
    assert.equal(calls.length, 2, "ffmpeg's list is not asked for");
  },
);

Deno.test("without v4l2-ctl ffmpeg's list decides", needs("ffmpeg"), async () => {
  const { log, ffmpeg } = await reads({ ffmpegList: BY_FFMPEG }, FULL_HD);
  assert.match(log, /chose format mjpeg of \/dev\/null at 1920x1080; its list has no rates\n/);
  assert.match(ffmpeg, / -input_format mjpeg /);
});

Deno.test("without v4l2-ctl and --size a camera of MJPEG is decoded on demand", needs("ffmpeg"), async () => {
  const jpegs = BY_FFMPEG.split("\n").find((line) => line.includes("mjpeg"))!;
  const only = await reads({ ffmpegList: jpegs }, []);
  assert.match(only.log, /chose format mjpeg of \/dev\/null, the only one that ffmpeg reads\n/);
  assert.match(only.ffmpeg, / -f v4l2 -input_format mjpeg -i \/dev\/null .*-c(:v)? copy /);
  const several = await reads({ ffmpegList: BY_FFMPEG }, []);
  assert.match(several.log, /ffmpeg chooses the format of \/dev\/null, .*: install v4l-utils, or set --size/);
  assert.match(several.ffmpeg, / -f v4l2 -i \/dev\/null /);
});

Deno.test(
  "--input-format and --ffmpeg-options are not overruled, and no list is read",
  needs("ffmpeg"),
  async () => {
    const set = await reads({ list: USB_CAMERA }, [...FULL_HD, "--input-format", "yuyv422"]);
    assert.match(set.ffmpeg, / -f v4l2 -input_format yuyv422 -framerate 30 /);
    const options = await reads({ list: USB_CAMERA }, [
      ...FULL_HD,
      "--ffmpeg-options",
      "-thread_queue_size 8",
    ]);
    assert.match(options.ffmpeg, / -f v4l2 -framerate 30 -video_size 1920x1080 -thread_queue_size 8 -i /);
    for (const { calls, log } of [set, options]) {
      assert.equal(calls.length, 1, calls.join("\n"));
      assert.doesNotMatch(log, /chose format/);
    }
  },
);

Deno.test("where no list can be read, ffmpeg chooses as before", needs("ffmpeg"), async () => {
  const scripts = [
    "echo 'Cannot open device /dev/null, exiting.' >&2; exit 1",
    `printf '%s' '${METADATA_NODE}'`,
    "echo 'v4l2-ctl: error while loading shared libraries: libv4l2.so.0' >&2; exit 127",
  ];
  for (const script of scripts) {
    const { ffmpeg, log } = await reads({ script }, FULL_HD);
    assert.match(ffmpeg, / -f v4l2 -framerate 30 -video_size 1920x1080 -i /, script);
    assert.doesNotMatch(log, /chose format/);
  }
});

Deno.test("a v4l2-ctl that hangs is ended, and with it the wait for its list", needs("ffmpeg"), async () => {
  const { ffmpeg } = await reads({ script: "sleep 20 & wait", ffmpegList: BY_FFMPEG }, FULL_HD);
  assert.match(ffmpeg, / -input_format mjpeg /);
});

Deno.test(
  "a camera that is busy or forbidden is reported as such, although its list was read",
  needs("ffmpeg"),
  async () => {
    const busy = await fails({ list: USB_CAMERA, complaint: "/dev/null: Device or resource busy" }, FULL_HD);
    assert.match(busy.stderr, /the camera "\/dev\/null" is in use by another program\nTry: run fuser/);
    const script = "echo 'Cannot open device /dev/null, exiting.' >&2; exit 1";
    const forbidden = await fails({ script, complaint: "/dev/null: Permission denied" }, FULL_HD);
    assert.match(forbidden.stderr, /no permission to read "\/dev\/null"\nTry: add this user to the group/);
    assert.deepEqual([busy.code, forbidden.code], [1, 1]);
  },
);

Deno.test(
  "a size that the camera lacks, and a node of sensor data, end the detector with the list",
  needs("ffmpeg"),
  async () => {
    const size = await fails({ list: USB_CAMERA }, ["--size", "800x600"]);
    assert.match(
      size.stderr,
      /does not offer frames of 800x600: it offers mjpeg 640x480@30 .*\nTry: set --size to/,
    );
    const jetson = await fails({ list: JETSON_CSI }, []);
    assert.match(jetson.stderr, /gives raw sensor data: it offers RG10 .*\nTry: set --source csi /);
    assert.deepEqual([size.code, jetson.code], [1, 1]);
  },
);

Deno.test("a camera that takes the place of a lost one has its own format", needs("ffmpeg"), async () => {
  using out = new TempFolder();
  using camera = new V4l2Camera({ list: USB_CAMERA });
  const args = ["--source", "/dev/null", "--out", out.path, "--size", "640x480"];
  await using detector = new RunningProgram("detector", args, { env: camera.env });
  await detector.printed(/first frame/);
  assert.match(detector.stderr, /chose format yuyv422 /);
  const [, mjpegOnly] = /^([^]*)\t\[1\]/.exec(USB_CAMERA)!;
  camera.set({ list: mjpegOnly });
  camera.unplug();
  await detector.printed(/chose format mjpeg .*at 640x480/);
  await detector.printed(/the camera is back/);
  assert.equal(detector.stderr.match(/chose format/g)!.length, 2);
});

Deno.test(
  "a format for which the bus has no room is replaced by another, at each opening",
  needs("ffmpeg"),
  async () => {
    using out = new TempFolder();
    const full = { complaint: "[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_STREAMON): No space left on device" };
    using camera = new V4l2Camera({ list: USB_CAMERA, ...full, refused: "yuyv422" });
    const args = ["--source", "/dev/null", "--out", out.path, "--size", "640x480"];
    await using detector = new RunningProgram("detector", args, { env: camera.env });
    await detector.printed(/first frame/);
    camera.unplug();
    await detector.printed(/the camera is back/);
    const formats = camera.calls.flatMap((call) => call.match(/-input_format (\w+)/)?.[1] ?? []);
    assert.deepEqual(formats, ["yuyv422", "mjpeg", "yuyv422", "mjpeg"]);
    const chosen = detector.stderr.split("\n").filter((line) => line.includes("format")).map((line) =>
      line.slice(35)
    );
    assert.deepEqual(chosen, [
      "chose format yuyv422 of /dev/null at 640x480, up to 30 frames/s",
      'cannot read format yuyv422 of /dev/null: the USB bus lacks the bandwidth for "/dev/null"; choosing another',
      "chose format mjpeg of /dev/null at 640x480, up to 30 frames/s",
    ]);
  },
);

Deno.test(
  "a device that gives pictures in no format ends the detector with the first reason",
  needs("ffmpeg"),
  async () => {
    const complaint = "[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_S_FMT): Invalid argument";
    const { stderr, code } = await fails({ list: USB_CAMERA, complaint }, ["--size", "640x480"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /cannot read format yuyv422 .*cannot read format mjpeg .*\n.*does not offer these pictures/s,
    );
    const set = await fails({ list: USB_CAMERA, complaint }, ["--input-format", "yuyv422"]);
    assert.match(set.stderr, /does not offer these pictures/);
    assert.doesNotMatch(set.stderr, /choosing another/);
  },
);

Deno.test("doctor names the formats and the choice", needs("ffmpeg"), async () => {
  using camera = new V4l2Camera({ list: USB_CAMERA });
  using folder = new TempFolder();
  const settings = ["--source", "/dev/null", "--state", folder.path, ...FULL_HD];
  const { stdout } = await runProgram("doctor", [...settings, "--broker", "mqtt://127.0.0.1:1"], {
    env: camera.env,
  });
  assert.equal(stdout.split(OFFERED).length, 2, "once");
  assert.match(stdout, /ok +camera +\/dev\/null offers/);
  assert.match(stdout, /ok +camera +chose format mjpeg of \/dev\/null at 1920x1080, up to 30 frames\/s\n/);
  assert.match(stdout, /camera +\/dev\/null: a frame of 64x64 after /);
});
