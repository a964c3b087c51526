/** A V4L2 device that ffmpeg cannot read in any of its formats. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { USB_CAMERA } from "../../test/servers/v4l2_lists.ts";
import { FatalError } from "../errors.ts";
import { read } from "../testing/read_camera.ts";
import { TempFolder } from "../testing/temp_folder.ts";

/** Stand-ins: each format has its own complaint. */
const FFMPEG = `#!/bin/sh
case "$*" in
  *"-input_format yuyv422 "*) echo "[v4l2 @ 0x1] ioctl(VIDIOC_S_FMT): Invalid argument" ;;
  *) echo "[v4l2 @ 0x1] ioctl(VIDIOC_STREAMON): No space left on device" ;;
esac >&2
exit 1
`;

Deno.test("a device that is read in no format has the error of the first one", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  folder.write("ffmpeg", FFMPEG, 0o755);
  folder.write("v4l2-ctl", `#!/bin/sh\ncat <<'END'\n${USB_CAMERA}\nEND\n`, 0o755);
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${folder.path}:${path}`);
  const said: string[] = [];
  try {
    const options = { size: { width: 640, height: 480 }, onFormat: (text: string) => void said.push(text) };
    await assert.rejects(read("/dev/null", () => true, options), (error: FatalError) => {
      assert.match(error.message, /does not offer these pictures/);
      return error instanceof FatalError;
    });
  } finally {
    Deno.env.set("PATH", path);
  }
  const refusals = said.filter((text) => text.startsWith("cannot read format"));
  assert.deepEqual(refusals.map((text) => [text.split(" ")[3], text.endsWith("; choosing another")]), [
    ["yuyv422", true],
    ["mjpeg", false],
  ]);
});
