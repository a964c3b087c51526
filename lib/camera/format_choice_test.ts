/** The choice among the formats of a device. */
import assert from "node:assert/strict";
import {
  BY_FFMPEG,
  INFRARED,
  JETSON_CSI,
  OLD_LIST,
  PI_LEGACY,
  PI_RECEIVER,
  THERMAL,
  USB_CAMERA,
} from "../../test/servers/v4l2_lists.ts";
import { FatalError } from "../errors.ts";
import { chooseFormat, formatsText, type FormatWish } from "./format_choice.ts";
import { ffmpegFormats, v4l2Formats } from "./format_lists.ts";

const CAMERA = "/dev/video0";
const HD = { width: 1280, height: 720 };
const FULL_HD = { width: 1920, height: 1080 };
const VGA = { width: 640, height: 480 };

const offers = (list: string) => v4l2Formats(list.split("\n")) ?? ffmpegFormats(list.split("\n"))!;
const chosen = (list: string, wish: FormatWish) => chooseFormat(CAMERA, offers(list), wish)?.inputFormat;

Deno.test("YUYV is chosen where the camera gives it fast enough, MJPEG otherwise", () => {
  assert.equal(chosen(USB_CAMERA, { size: VGA, rate: 30 }), "yuyv422");
  assert.equal(chosen(USB_CAMERA, { size: HD, rate: 30 }), "mjpeg");
  assert.equal(chosen(USB_CAMERA, { size: HD, rate: 7.5 }), "yuyv422");
  assert.equal(chosen(USB_CAMERA, { size: FULL_HD, rate: 30 }), "mjpeg");
  assert.equal(chosen(USB_CAMERA, { size: FULL_HD, rate: 5 }), "yuyv422");
});

Deno.test("without a rate at least ten frames a second are asked for, where any format has them", () => {
  assert.equal(chosen(USB_CAMERA, { size: HD }), "yuyv422");
  assert.equal(chosen(USB_CAMERA, { size: FULL_HD }), "mjpeg");
  const slow = USB_CAMERA.slice(0, USB_CAMERA.indexOf("\t[0]")) +
    USB_CAMERA.slice(USB_CAMERA.indexOf("\t[1]"));
  assert.equal(chosen(slow, { size: FULL_HD }), "yuyv422");
});

Deno.test("without a size the one that the device is set to counts, and without either ffmpeg chooses", () => {
  assert.equal(chosen(USB_CAMERA, {}), "yuyv422");
  assert.equal(chosen(OLD_LIST, {}), "mjpeg");
  assert.equal(chosen(BY_FFMPEG, {}), undefined);
  assert.equal(chosen(INFRARED, {}), undefined);
  const unlisted = USB_CAMERA.replace("640/480", "644/484");
  assert.equal(chosen(unlisted, {}), undefined);
});

Deno.test("where the size is not known, MJPEG is chosen if there is nothing else, and otherwise the log says who chooses", () => {
  const choice = (list: string, refused?: ReadonlySet<string>) =>
    chooseFormat(CAMERA, offers(list), {}, { refused });
  const [mjpegOnly] = BY_FFMPEG.split("\n").filter((line) => line.includes("mjpeg"));
  assert.deepEqual(choice(mjpegOnly), {
    inputFormat: "mjpeg",
    text: "chose format mjpeg of /dev/video0, the only one that ffmpeg reads",
  });
  assert.equal(choice(mjpegOnly, new Set(["mjpeg"])), undefined);
  assert.deepEqual(choice(BY_FFMPEG), {
    text: "ffmpeg chooses the format of /dev/video0, since its list does not suffice for a choice: " +
      "install v4l-utils, or set --size or --input-format",
  });
  const unlisted = choice(USB_CAMERA.replace("640/480", "644/484"));
  assert.match(unlisted!.text, /choice: set --size or --input-format$/);
});

Deno.test("H.264 of the camera comes after MJPEG, and is chosen where nothing else is fast enough", () => {
  assert.equal(chosen(OLD_LIST, { size: FULL_HD, rate: 30 }), "mjpeg");
  const slow = OLD_LIST.replace("0.033s (30.000 fps)", "0.200s (5.000 fps)");
  assert.equal(chosen(slow, { size: FULL_HD, rate: 30 }), "h264");
});

Deno.test("29.97 frames a second satisfy a rate of 30, and 25 do not", () => {
  const at = (rate: string) => USB_CAMERA.replaceAll("30.000 fps", `${rate} fps`);
  assert.equal(chosen(at("29.970"), { size: VGA, rate: 30 }), "yuyv422");
  assert.match(
    chooseFormat(CAMERA, offers(at("25.000")), { size: VGA, rate: 30 })!.text,
    /^chose format yuyv422 of \/dev\/video0 at 640x480, up to 25 frames\/s: no format gives 30 frames\/s$/,
  );
});

Deno.test("a list without rates is judged by what USB 2 carries", () => {
  assert.equal(chosen(BY_FFMPEG, { size: VGA, rate: 30 }), "yuyv422");
  assert.equal(chosen(BY_FFMPEG, { size: HD }), "yuyv422");
  assert.equal(chosen(BY_FFMPEG, { size: HD, rate: 15 }), "mjpeg");
  assert.equal(chosen(BY_FFMPEG, { size: FULL_HD }), "mjpeg");
  const raw = BY_FFMPEG.split("\n").slice(1).join("\n");
  assert.equal(chosen(raw, { size: FULL_HD, rate: 30 }), "yuyv422", "the only format");
  assert.match(chooseFormat(CAMERA, offers(BY_FFMPEG), { size: HD })!.text, /; its list has no rates$/);
});

Deno.test("cameras that are not on USB give raw pictures at any rate", () => {
  assert.equal(chosen(PI_LEGACY, { size: FULL_HD, rate: 30 }), "yuv420p");
  assert.equal(chosen(THERMAL, {}), "uyvy422");
});

Deno.test("gray pictures are chosen only where no format in colour has the size", () => {
  assert.equal(chosen(INFRARED, { size: { width: 640, height: 360 } }), "gray");
  const both = `${USB_CAMERA}${INFRARED.split("\n").slice(3).join("\n")}`;
  assert.equal(chosen(both, { size: VGA }), "yuyv422");
  assert.equal(chosen(both, { size: { width: 640, height: 360 } }), "gray");
});

Deno.test("of gray pictures those of 8 bits are chosen, and Bayer data where there are no pictures in colour", () => {
  const without = (list: string, fourcc: string) => list.replace(fourcc, "XXXX");
  assert.equal(chosen(without(THERMAL, "UYVY"), {}), "gray");
  assert.equal(chosen(without(without(THERMAL, "UYVY"), "GREY"), {}), "gray16le");
  assert.equal(chosen(THERMAL.replace("UYVY", "BA81"), {}), "bayer_bggr8");
});

Deno.test("a size that the camera does not offer is an error with the list", () => {
  assert.throws(() => chosen(USB_CAMERA, { size: { width: 800, height: 600 } }), (error: FatalError) => {
    assert.ok(error instanceof FatalError);
    assert.equal(
      error.message,
      'the camera "/dev/video0" does not offer frames of 800x600: it offers ' +
        "mjpeg 640x480@30 1280x720@30 1920x1080@30, yuyv422 640x480@30 1280x720@10 1920x1080@5",
    );
    assert.match(error.hint!, /^set --size to a size of that list/);
    return true;
  });
  const odd = { size: { width: 641, height: 480 } };
  assert.throws(() => chosen(PI_LEGACY, odd), /it offers yuv420p 32x32\.\.2592x1944, mjpeg/);
  const huge = { size: { width: 2594, height: 1944 } };
  assert.throws(() => chosen(PI_LEGACY, huge), FatalError);
});

Deno.test("a node with raw sensor data is an error that names --source csi", () => {
  for (const list of [JETSON_CSI, PI_RECEIVER]) {
    for (const wish of [{}, { size: FULL_HD, rate: 30 }]) {
      assert.throws(() => chosen(list, wish), (error: FatalError) => {
        assert.match(error.message, /gives raw sensor data: it offers (RG10|pRAA) \(not read by ffmpeg\) /);
        assert.match(error.hint!, /^set --source csi /);
        return true;
      });
    }
  }
});

Deno.test("a USB camera that also gives sensor data is read in its other formats", () => {
  const both = `${USB_CAMERA}\t[2]: 'RG10' (10-bit Bayer RGRG/GBGB)\n\t\tSize: Discrete 1920x1080\n`;
  assert.equal(chosen(both, { size: FULL_HD, rate: 30 }), "mjpeg");
});

Deno.test("formats that a newer ffmpeg may read are left to ffmpeg", () => {
  const depth = "ioctl: VIDIOC_ENUM_FMT\n\t[0]: 'Z16 ' (16-bit Depth)\n\t\tSize: Discrete 640x480\n";
  assert.equal(chosen(depth, { size: VGA }), undefined);
});

Deno.test("a long list is shortened to the largest or the closest sizes, and to the first formats", () => {
  const [mjpeg] = formatsText(offers(BY_FFMPEG), { closestTo: { width: 1000, height: 700 } }).split(", ");
  assert.equal(mjpeg, "mjpeg 1024x768 800x600 1280x720 640x480 1280x960 and 4 more");
  const sizes = Array.from({ length: 30 }, (_, at) => ` ${8 * (at + 1)}x8`).join("");
  assert.match(
    formatsText(ffmpegFormats([`Raw : f : x :${sizes}`])!),
    /^f 240x8 232x8 .* 152x8 and 18 more$/,
  );
  const formats = Array.from({ length: 20 }, (_, at) => `Raw : f${at} : x : 8x8`);
  assert.match(formatsText(ffmpegFormats(formats)!), /f11 8x8, and 8 more formats$/);
});
