/** Arguments and frame sizes of the programs that read CSI cameras. */
import assert from "node:assert/strict";
import { CSI_PROGRAMS, type CsiRequest, fraction } from "./csi_programs.ts";

const REQUEST: CsiRequest = { name: "csi", camera: 0, size: { width: 1280, height: 960 }, rotate: 0 };
const [rpicam, libcamera, gstreamer] = CSI_PROGRAMS;

function plan(program: typeof rpicam, change: Partial<CsiRequest> = {}) {
  const { args, ...planned } = program.plan({ ...REQUEST, ...change });
  return { ...planned, line: args.join(" ") };
}

Deno.test("rpicam-vid and libcamera-vid write raw frames to standard output without end", () => {
  assert.deepEqual(CSI_PROGRAMS.map(({ name }) => name), ["rpicam-vid", "libcamera-vid", "gst-launch-1.0"]);
  for (const program of [rpicam, libcamera]) {
    assert.deepEqual(plan(program), {
      given: { width: 1280, height: 960 },
      wanted: { width: 1280, height: 960 },
      rotate: 0,
      line: "--camera 0 --codec yuv420 --width 1280 --height 960 --timeout 0 --nopreview --flush --output -",
    });
  }
  const { line } = plan(rpicam, { camera: 1, rate: 12.5 });
  assert.match(line, /^--camera 1 .* --framerate 12\.5 /);
});

Deno.test("rpicam-vid gets a width without padding, of which the middle is kept", () => {
  const given = ([width, height]: number[]) => {
    const { given, wanted } = plan(rpicam, { size: { width, height } });
    assert.deepEqual(wanted, { width, height });
    return [given.width, given.height];
  };
  const sizes = [[640, 480], [1920, 1080], [320, 240], [800, 600], [641, 481], [10, 10]];
  assert.deepEqual(sizes.map(given), [[640, 480], [1920, 1080], [384, 240], [896, 600], [768, 482], [
    128,
    10,
  ]]);
});

Deno.test("rpicam-vid rotates by 180 degrees; 90 and 270 remain to be done here", () => {
  for (const [rotate, left] of [[0, 0], [90, 90], [180, 0], [270, 270]] as const) {
    const planned = plan(rpicam, { rotate });
    assert.equal(planned.rotate, left);
    assert.equal(/--rotation 180 /.test(planned.line), rotate === 180);
    assert.deepEqual(planned.wanted, REQUEST.size, "the size is that before the rotation");
  }
});

Deno.test("gst-launch-1.0 rotates the frames and writes YUV4MPEG2", () => {
  assert.equal(
    plan(gstreamer).line,
    "-q nvarguscamerasrc sensor-id=0 ! video/x-raw(memory:NVMM),format=NV12,width=1280,height=960 ! " +
      "nvvidconv flip-method=0 ! video/x-raw,format=I420,width=1280,height=960 ! y4menc ! fdsink fd=1",
  );
  const quarter = plan(gstreamer, { camera: 1, rate: 29.97, rotate: 90, size: { width: 1280, height: 718 } });
  assert.equal(
    quarter.line,
    "-q nvarguscamerasrc sensor-id=1 ! " +
      "video/x-raw(memory:NVMM),format=NV12,width=1280,height=720,framerate=2997/100 ! " +
      "nvvidconv flip-method=3 ! video/x-raw,format=I420,width=720,height=1280 ! y4menc ! fdsink fd=1",
  );
  assert.deepEqual([quarter.given, quarter.wanted, quarter.rotate], [
    { width: 720, height: 1280 },
    { width: 718, height: 1280 },
    0,
  ]);
  assert.match(plan(gstreamer, { rotate: 180 }).line, /flip-method=2 ! \S+,width=1280,height=960/);
  assert.match(plan(gstreamer, { rotate: 270 }).line, /flip-method=1 ! \S+,width=960,height=1280/);
});

Deno.test("a rate below a Jetson sensor's minimum drops frames after the camera", () => {
  const { line } = plan(gstreamer, { rate: 0.5 });
  assert.match(line, /height=960,framerate=2\/1 ! nvvidconv/);
  assert.match(line, / ! videorate drop-only=true ! video\/x-raw,framerate=1\/2 ! y4menc/);
});

Deno.test("fraction() is exact to a thousandth and never 0", () => {
  const rates = [30, 29.97, 12.5, 0.5, 0.01, 0.0001, 7.333, 240];
  const fractions = ["30/1", "2997/100", "25/2", "1/2", "1/100", "1/1000", "7333/1000", "240/1"];
  assert.deepEqual(rates.map(fraction), fractions);
});
