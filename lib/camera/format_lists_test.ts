/** The formats in the lists of v4l2-ctl and ffmpeg. */
import assert from "node:assert/strict";
import {
  BY_FFMPEG,
  INFRARED,
  JETSON_CSI,
  METADATA_NODE,
  OLD_LIST,
  PI_LEGACY,
  THERMAL,
  USB_CAMERA,
} from "../../test/servers/v4l2_lists.ts";
import { type DeviceFormats, ffmpegFormats, v4l2Formats } from "./format_lists.ts";

const linesOf = (text: string) => text.split("\n");

/** Formats, kinds and sizes in short: `mjpeg/mjpeg 1920x1080@30`. */
function shortly(offered: DeviceFormats | undefined): string[] {
  return (offered?.formats ?? []).map(({ name, kind, sizes }) =>
    [
      `${name}/${kind}`,
      ...sizes.map(({ min, max, step, rate }) => {
        const range = min.width === max.width ? "" : `${min.width}x${min.height}..`;
        const steps = range && `/${step.width}x${step.height}`;
        return `${range}${max.width}x${max.height}${steps}${rate === undefined ? "" : `@${rate}`}`;
      }),
    ].join(" ")
  );
}

Deno.test("v4l2-ctl's list has each size once, with its highest rate, and the size that the device is set to", () => {
  const offered = v4l2Formats(linesOf(USB_CAMERA))!;
  assert.deepEqual(shortly(offered), [
    "mjpeg/mjpeg 1920x1080@30 1280x720@30 640x480@30",
    "yuyv422/packed 640x480@30 1280x720@10 1920x1080@5",
  ]);
  assert.deepEqual([offered.current, offered.listsRates], [{ width: 640, height: 480 }, true]);
});

Deno.test("the list of an old v4l2-ctl is read, and its current format is no format of the list", () => {
  const offered = v4l2Formats(linesOf(OLD_LIST))!;
  assert.deepEqual(shortly(offered), [
    "mjpeg/mjpeg 1920x1080@30",
    "yuyv422/packed 1920x1080@5",
    "h264/video 1920x1080@30",
  ]);
  assert.deepEqual(offered.current, { width: 1920, height: 1080 });
});

Deno.test("sensor data, gray pictures, ranges and formats without sizes have their kinds", () => {
  assert.deepEqual(shortly(v4l2Formats(linesOf(JETSON_CSI))), [
    "RG10/sensor 3264x2464@21 3264x1848@28 1920x1080@30 1280x720@60",
  ]);
  assert.deepEqual(shortly(v4l2Formats(linesOf(INFRARED))), ["gray/gray 640x360@30"]);
  assert.deepEqual(shortly(v4l2Formats(linesOf(THERMAL))), [
    "uyvy422/packed",
    "gray16le/gray16",
    "gray/gray",
  ]);
  assert.deepEqual(shortly(v4l2Formats(linesOf(PI_LEGACY))), [
    "yuv420p/planar 32x32..2592x1944/2x2",
    "mjpeg/mjpeg 32x32..2592x1944/2x2",
  ]);
});

Deno.test("rates are read as numbers, ranges of rates by their highest", () => {
  const list = (interval: string) =>
    v4l2Formats([
      "ioctl: VIDIOC_ENUM_FMT",
      "\t[0]: 'YUYV' (YUYV 4:2:2)",
      "\t\tSize: Discrete 8x8",
      interval,
    ])!;
  const rates = {
    "Interval: Discrete 0.033s (29.970 fps)": 29.97,
    "Interval: Discrete 2.000s (0.500 fps)": 0.5,
    "Interval: Stepwise 0.033s - 0.067s with step 0.001s (15.000-30.000 fps)": 30,
    "Interval: Continuous 0.011s - 1.000s (1.000-90.000 fps)": 90,
    "Interval: unknown": undefined,
  };
  for (const [interval, rate] of Object.entries(rates)) {
    assert.equal(list(`\t\t\t${interval}`).formats[0].sizes[0].rate, rate, interval);
  }
});

Deno.test("emulated formats are not read, and a continuous range has a step of one", () => {
  const lines = [
    "ioctl: VIDIOC_ENUM_FMT",
    "\t[0]: 'RGB3' (24-bit RGB 8-8-8, emulated)",
    "\t\tSize: Discrete 640x480",
    "\t[1]: 'NV12' (Y/CbCr 4:2:0)",
    "\t\tSize: Continuous 48x32 - 4096x2304",
    "\t[2]: 'Z16 ' (16-bit Depth)",
    "\t[3]: 'Y16 -BE' (16-bit Greyscale BE)",
  ];
  assert.deepEqual(shortly(v4l2Formats(lines)), [
    "rgb24/unreadable 640x480",
    "nv12/planar 48x32..4096x2304/1x1",
    "Z16/unreadable",
    "Y16 -BE/unreadable",
  ]);
});

Deno.test("ffmpeg's list has no rates; unsupported, emulated and stepwise formats are told apart", () => {
  assert.deepEqual(shortly(ffmpegFormats(linesOf(BY_FFMPEG))), [
    "mjpeg/mjpeg 2592x1944 1280x960 1024x768 640x480 1280x720 1600x1200 2048x1536 800x600 1920x1080",
    "yuyv422/packed 2592x1944 1280x960 1024x768 640x480 1280x720 1600x1200 2048x1536 800x600 1920x1080",
  ]);
  const lines = [
    "[video4linux2,v4l2 @ 0x1] Raw       : Unsupported :  10-bit Bayer RGRG/GBGB : 640x480",
    "[video4linux2,v4l2 @ 0x1] Raw       :       rgb24 :       24-bit RGB 8-8-8 : Emulated : 640x480",
    "[video4linux2,v4l2 @ 0x1] Raw       :     yuv420p :     Planar YUV 4:2:0 : {32-2592, 2}x{32-1944, 2}",
    "[video4linux2,v4l2 @ 0x1] Raw       :     yuv411p :     Planar YUV 4:1:1 (a: b) : 352x288",
    "[video4linux2,v4l2 @ 0x1] Compressed:        hevc :                 HEVC :",
    "[video4linux2,v4l2 @ 0x1] Compressed: Unsupported :                  H264 Simulcast : 640x480",
  ];
  assert.deepEqual(shortly(ffmpegFormats(lines)), [
    "10-bit Bayer RGRG/GBGB/sensor 640x480",
    "rgb24/unreadable 640x480",
    "yuv420p/planar 32x32..2592x1944/2x2",
    "yuv411p/rgb 352x288",
    "hevc/video",
    "H264 Simulcast/unreadable 640x480",
  ]);
});

Deno.test("a list of hundreds of lines is read whole", () => {
  const sizes = Array.from({ length: 120 }, (_, at) => [
    `\t\tSize: Discrete ${16 * (at + 1)}x16`,
    ...[30, 25, 15].map((rate) => `\t\t\tInterval: Discrete 0.1s (${rate}.000 fps)`),
  ]).flat();
  const lines = ["ioctl: VIDIOC_ENUM_FMT", "\t[0]: 'MJPG' (Motion-JPEG, compressed)", ...sizes];
  assert.equal(v4l2Formats(lines)!.formats[0].sizes.length, 120);
});

Deno.test("other output is no list", () => {
  for (
    const text of [
      METADATA_NODE,
      "",
      "Cannot open device /dev/video0, exiting.",
      "'MJPG'\nSize: Discrete 8x8",
    ]
  ) {
    assert.equal(v4l2Formats(linesOf(text)), undefined, text);
    assert.equal(ffmpegFormats(linesOf(text)), undefined, text);
  }
  assert.equal(ffmpegFormats(["/dev/video0: Inappropriate ioctl for device"]), undefined);
});
