/** The texts are those of the programs, from their code and from logs in issues about them. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { configurationOf, csiError, CsiMessages } from "./csi_messages.ts";

const PREFIX = "[0:59:13.693486258] [2767]  INFO Camera camera.cpp:1215 configuring streams: ";

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
}

Deno.test("configurationOf() reads size and colour space of libcamera's frames", () => {
  const colour = (name: string) => {
    const found = configurationOf(`${PREFIX}(0) 640x480-YUV420${name} (1) 2028x1520-BGGR_PISP_COMP1/RAW`);
    assert.deepEqual(found?.size, { width: 640, height: 480 });
    return [found?.colour.matrix, found?.colour.fullRange];
  };
  assert.deepEqual(
    colour(""),
    ["bt601", true],
    "rpicam-vid requests sYCC, and older versions of libcamera do not name it",
  );
  assert.deepEqual(colour("/sYCC"), ["bt601", true]);
  assert.deepEqual(colour("/SMPTE170M"), ["bt601", false]);
  assert.deepEqual(colour("/Rec709"), ["bt709", false]);
  assert.deepEqual(colour("/Rec709/sRGB/Rec601/Full"), ["bt601", true]);
  assert.deepEqual(colour("/Rec709/Rec709/Rec709/Limited"), ["bt709", false]);
  assert.deepEqual(colour("/Unheard"), ["bt601", true]);
});

Deno.test("configurationOf() ignores the modes that libcamera tries first", () => {
  for (const line of ["", `${PREFIX}(0) 3280x2464-SRGGB10_CSI2P`, "Mode selection for 640:480:12:P"]) {
    assert.equal(configurationOf(line), undefined);
  }
});

Deno.test("CsiMessages keeps the end of a text since the frame before the last one", async () => {
  const messages = new CsiMessages(streamOf("one\ntw", "o\n", `${PREFIX}(0) 64x48-YUV420\nlast`));
  await messages.closed;
  assert.match(messages.text, /^one\ntwo\nlast\n$/);
  assert.deepEqual((await messages.configuration)?.size, { width: 64, height: 48 });
  messages.add(`${"x".repeat(10_000)}end`);
  assert.ok(messages.text.length <= 4_096);
  assert.match(messages.text, /xend\n$/);
  messages.frame(); // It may have left the program before the text, and be read later.
  messages.add("later");
  assert.match(messages.text, /xend\nlater\n$/);
  assert.ok(messages.text.length <= 4_096);
  messages.frame();
  assert.equal(messages.text, "later\n");
  messages.frame();
  assert.equal(messages.text, "");
});

Deno.test("CsiMessages has no configuration when the program ends without one", async () => {
  assert.equal(await new CsiMessages(streamOf("nothing")).configuration, undefined);
});

const IMX219 = "/base/axi/pcie@1000120000/rp1/i2c@80000/imx219@10";
const PROGRESS = "[0:52.0779] [981]  INFO Camera camera_manager.cpp:299 libcamera v0.0.4+22-923f5d70\n";
const ARGUS =
  "Error generated. /dvs/git/dirty/git-master_linux/gst-nvarguscamera/gstnvarguscamerasrc.cpp, execute:";

/** A text, the reason and the hint for it, and whether it is a mistake in the settings (exit code 78). */
const CAUSES: readonly (readonly [string, RegExp, RegExp, "settings"?])[] = [
  [`${PROGRESS}ERROR: *** no cameras available ***`, /no camera is connected/, /cable/],
  ["ERROR: *** selected camera is not available ***", /no camera has the number 1$/, /csi:NUMBER/],
  [
    `${PROGRESS}[0:19:06] [2746]  INFO Camera camera.cpp:839 Pipeline handler in use by another process\n` +
    `ERROR: *** failed to acquire camera ${IMX219} ***`,
    /in use by another program/,
    /fuser/,
  ],
  [
    "[0:52.2430] [982] ERROR V4L2 v4l2_videodevice.cpp:1047 /dev/video0[13:cap]: Unable to set format: " +
    "Device or resource busy\nERROR: *** failed to configure streams ***",
    /in use by another program/,
    /fuser/,
  ],
  [
    // Another camera is busy, not this one.
    "[1:2] [9] ERROR V4L2 v4l2_device.cpp:390 'imx708': Unable to set controls: Device or resource busy\n" +
    "ERROR: *** no cameras available ***",
    /no camera is connected/,
    /cable/,
  ],
  [
    "Could not open any dmaHeap device\n[2:40] [4982] ERROR RPI vc4.cpp:215 Failed to register camera imx477: -12\n" +
    "ERROR: *** no cameras available ***",
    /no permission/,
    /usermod -aG video/,
  ],
  [
    "[2:40] [4] ERROR DmaBufAllocator dma_buf_allocator.cpp:116 Could not open any dma-buf provider\n" +
    "ERROR: *** no cameras available ***",
    /no permission/,
    /usermod -aG video/,
  ],
  [
    "ERROR: the system appears to be configured for the legacy camera stack",
    /legacy camera stack/,
    /raspi-config/,
  ],
  [
    "ERROR: rpicam-apps currently only supports the Raspberry Pi platforms.\nContributions for other platforms …",
    /does not support this board/,
    /\/dev\/video0/,
    "settings",
  ],
  [
    "[5:00] [2324]  WARN V4L2 v4l2_videodevice.cpp:2007 /dev/video0[14:cap]: Dequeue timer of 1000000.00us has expired!\n" +
    "[5:00] [2324] ERROR RPI pipeline_base.cpp:1424 Camera frontend has timed out!\n" +
    "ERROR: Device timeout detected, attempting a restart!!!",
    /its sensor does not answer/,
    /cable/,
  ],
  ["ERROR: *** failed to allocate capture buffers for stream ***", /not enough memory/, /smaller --size/],
  ["ERROR: *** unrecognised option '--flush' ***", /too old for the option --flush/, /upgrade/, "settings"],
  [
    "rpicam-vid: error while loading shared libraries: libcamera.so.0.5: cannot open shared object file",
    /lacks the library libcamera.so.0.5/,
    /install/,
    "settings",
  ],
  ["ERROR: *** failed to configure streams ***", /does not offer this size or rate/, /--size/],
  [
    'WARNING: erroneous pipeline: no element "nvarguscamerasrc"',
    /no element "nvarguscamerasrc"/,
    /rpicam-apps-lite.*nvidia-l4t-gstreamer/,
    "settings",
  ],
  ['WARNING: erroneous pipeline: no element "y4menc"', /"y4menc"/, /gstreamer1.0-plugins-good$/, "settings"],
  [
    'WARNING: erroneous pipeline: no element "videorate"',
    /"videorate"/,
    /gstreamer1.0-plugins-base$/,
    "settings",
  ],
  [`${ARGUS}725 No cameras available`, /no camera is connected/, /cable/],
  [
    `${ARGUS}729 Invalid camera device specified 1 specified, 0 max index`,
    /no camera has the number 1/,
    /csi:NUMBER/,
  ],
  [
    "(Argus) Error FileOperationFailed: Connecting to nvargus-daemon failed: No such file or directory (in …)\n" +
    `${ARGUS}721 Failed to create CameraProvider`,
    /nvargus-daemon does not answer/,
    /systemctl restart nvargus-daemon/,
  ],
  [
    `(Argus) Error FileOperationFailed: Failed socket read: Connection reset by peer\n${ARGUS}551 Failed to create CameraProvider`,
    /nvargus-daemon does not answer/,
    /systemctl restart nvargus-daemon/,
  ],
  [`${ARGUS}751 Failed to create CaptureSession`, /another program uses it, or/, /restart nvargus-daemon/],
  [
    "GST_ARGUS: Creating output stream\nARGUS_ERROR: Error generated. x.cpp, execute: 924 Frame Rate specified is greater than supported",
    /slower than --rate/,
    /lower --rate/,
    "settings",
  ],
  [
    "(Argus) Error Timeout:  (propagating from src/rpc/socket/client/SocketClientDispatch.cpp, line 92)",
    /its sensor does not answer/,
    /cable/,
  ],
  [
    "ERROR: from element /GstPipeline:pipeline0/GstNvArgusCameraSrc:nvarguscamerasrc0: Internal data stream error.\n" +
    "streaming stopped, reason not-negotiated (-4)",
    /does not offer this size or rate/,
    /--size/,
  ],
  ["NvRmMemInitNvmap failed with Permission denied\n****NvRmMemInit failed****", /no permission/, /video/],
  [
    // A service has no home folder; GStreamer works without its cache.
    `(gst-launch-1.0:9): GStreamer-WARNING **: Error writing registry cache to /.cache/x: Permission denied\n${ARGUS}1 No cameras available`,
    /no camera is connected/,
    /cable/,
  ],
];

for (const [text, reason, hint, isSettings] of CAUSES) {
  Deno.test(`csiError() explains: ${text.split("\n").at(-1)!.slice(0, 70)}`, () => {
    const error = csiError(text, { name: "csi:1", camera: 1, program: "rpicam-vid" }, "rpicam-vid ended");
    assert.match(error.message, /^cannot read the camera "csi:1": /);
    assert.match(error.message, reason);
    assert.match(error.hint!, hint);
    assert.equal(error instanceof ConfigError, isSettings === "settings");
  });
}

Deno.test("csiError() shows the last line of an unknown text, and the observation without one", () => {
  const messageFor = (text: string) =>
    csiError(text, { name: "csi", camera: 0, program: "rpicam-vid" }, "rpicam-vid ended").message;
  assert.equal(
    messageFor(`${PROGRESS}ERROR: *** something new ***\nGST_ARGUS: Cleaning up\n`),
    'cannot read the camera "csi": rpicam-vid ended: ERROR: *** something new ***',
  );
  assert.equal(messageFor(PROGRESS), 'cannot read the camera "csi": rpicam-vid ended');
});
