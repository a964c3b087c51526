/**
 * Replaces rpicam-vid, libcamera-vid and gst-launch-1.0 with nvarguscamerasrc, which run only on their boards:
 * `csi_stand_in.ts FOLDER PROGRAM ARGUMENTS…`. It accepts the arguments of the real programs and no others, and prints
 * the same text on the same stream. Options, messages and padding are those of the sources of rpicam-apps
 * (core/options.cpp, core/rpicam_app.cpp, apps/rpicam_vid.cpp), libcamera (pipeline/rpi), gst-plugins-good (y4menc) and
 * NVIDIA's gst-nvarguscamera, and of logs in the issues of raspberrypi/rpicam-apps, dusty-nv/jetson-utils and
 * dusty-nv/jetson-inference. FOLDER/state.json has the state of the camera and is read before each frame.
 */
import { i420, rotatedScene, type Scene, uprightScene } from "./csi_scene.ts";
import type { CsiState } from "./csi_board.ts";

const SENSOR = { width: 3280, height: 2464 };
const FRAME_MS = 100;

const [folder, program, ...args] = Deno.args;
const encoder = new TextEncoder();

function state(): CsiState {
  return JSON.parse(Deno.readTextFileSync(`${folder}/state.json`));
}

function say(...lines: string[]): void {
  for (const line of lines) Deno.stderr.writeSync(encoder.encode(`${line}\n`));
}

function fail(code: number, ...lines: string[]): never {
  say(...lines);
  Deno.exit(code);
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The scene of a camera whose picture has to be rotated by `mounted` to be upright. */
function seen({ width, height }: { width: number; height: number }): Scene {
  const { mounted } = state();
  const upright = mounted % 180 === 0 ? uprightScene(width, height) : uprightScene(height, width);
  return rotatedScene(upright, -mounted);
}

Deno.writeTextFileSync(`${folder}/calls`, `${JSON.stringify([program, ...args])}\n`, { append: true });
Deno.writeTextFileSync(`${folder}/pid`, String(Deno.pid));
// rpicam-vid and libcamera-vid

/** Flags with a value and without one, of both programs, which share them; more exist and are not used. */
const VALUES = ["camera", "codec", "width", "height", "framerate", "rotation", "timeout", "output"];
const SWITCHES = ["nopreview", "flush"];

function rpicamOptions(): Record<string, string> {
  const options: Record<string, string> = {};
  for (let at = 0; at < args.length; at++) {
    const name = args[at].replace(/^--/, "");
    if (SWITCHES.includes(name)) options[name] = "1";
    else if (VALUES.includes(name)) options[name] = args[++at];
    else fail(255, `ERROR: *** unrecognised option '${args[at]}' ***`);
  }
  return options;
}

async function rpicamVid(): Promise<void> {
  const isOld = program === "libcamera-vid";
  const options = rpicamOptions();
  if (options.codec !== "yuv420") fail(255, "ERROR: *** unrecognised codec ***");
  if (!["0", "180", undefined].includes(options.rotation)) {
    fail(255, "ERROR: *** transforms requiring transpose not supported ***");
  }
  const log = (grade: string, text: string) => say(`[0:12:29.381694205] [${Deno.pid}] ${grade} ${text}`);
  const id = isOld
    ? "/base/soc/i2c0mux/i2c@1/imx219@10"
    : "/base/axi/pcie@1000120000/rp1/i2c@80000/imx219@10";
  log(
    " INFO",
    `Camera camera_manager.cpp:330 libcamera v${isOld ? "0.0.5+83-bde9b04f" : "0.5.0+59-d83ff0a4"}`,
  );
  const { camera } = state();
  if (camera === "forbidden") {
    say("Could not open any dmaHeap device");
    log("ERROR", "RPI vc4.cpp:215 Failed to register camera imx219 10-0010: -12");
  }
  if (camera === "forbidden" || camera === "unplugged") fail(255, "ERROR: *** no cameras available ***");
  log(
    " INFO",
    `RPI pisp.cpp:1181 Registered camera ${id} to CFE device /dev/media1 and ISP device /dev/media2`,
  );
  if (options.camera !== "0") fail(255, "ERROR: *** selected camera is not available ***");
  if (camera === "busy") {
    log(" INFO", "Camera camera.cpp:990 Pipeline handler in use by another process");
    fail(255, `ERROR: *** failed to acquire camera ${id} ***`);
  }
  const size = {
    width: Math.min(SENSOR.width, Number(options.width)),
    height: Math.min(SENSOR.height, Number(options.height)),
  };
  const space = isOld ? "" : "/sYCC";
  say(
    `Mode selection for ${options.width}:${options.height}:12:P`,
    "    SRGGB10_CSI2P,1640x1232/0 - Score: 1165.1",
  );
  say("Stream configuration adjusted");
  log(
    " INFO",
    `Camera camera.cpp:1215 configuring streams: (0) ${size.width}x${size.height}-YUV420${space} (1) 1640x1232-BGGR`,
  );
  const scene = rotatedScene(seen(size), Number(options.rotation ?? 0));
  // The Raspberry Pi 4 aligns rows of luma, the Raspberry Pi 5 those of chroma.
  const alignment = isOld
    ? { lumaAlignment: 64, chromaAlignment: 32 }
    : { lumaAlignment: 128, chromaAlignment: 64 };
  const frame = i420(scene, { fullRange: true, ...alignment });
  const intervalMs = options.framerate ? 1000 / Number(options.framerate) : FRAME_MS;
  for (;;) {
    const { camera } = state();
    if (camera === "connected") write(frame);
    else if (camera === "unplugged") {
      log(
        " WARN",
        "V4L2 v4l2_videodevice.cpp:2095 /dev/video4[29:cap]: Dequeue timer of 1000000.00us has expired!",
      );
      log("ERROR", "RPI pipeline_base.cpp:1364 Camera frontend has timed out!");
      log(
        "ERROR",
        "RPI pipeline_base.cpp:1365 Please check that your camera sensor connector is attached securely.",
      );
      say("ERROR: Device timeout detected, attempting a restart!!!");
    }
    await pause(intervalMs);
  }
}

// gst-launch-1.0

/** Elements and their properties. */
const ELEMENTS: Record<string, string[]> = {
  nvarguscamerasrc: ["sensor-id"],
  nvvidconv: ["flip-method"],
  videorate: ["drop-only"],
  y4menc: [],
  fdsink: ["fd"],
};
/** Degrees clockwise by nvvidconv's flip-method. */
const FLIPS: Record<string, number> = { 0: 0, 1: 270, 2: 180, 3: 90 };

/** The pipeline's elements by name and its caps, in order. */
function pipelineOf(description: string) {
  const elements: Record<string, Record<string, string>> = {};
  const caps: Record<string, string>[] = [];
  for (const part of description.split(" ! ")) {
    const [name, ...properties] = part.trim().split(/\s+/);
    if (name.startsWith("video/x-raw")) {
      const [type, ...fields] = name.split(",");
      caps.push({ type, ...Object.fromEntries(fields.map((field) => field.split("="))) });
      continue;
    }
    if (!ELEMENTS[name] || state().lacks === name) {
      fail(1, `WARNING: erroneous pipeline: no element "${name}"`);
    }
    elements[name] = Object.fromEntries(properties.map((property) => property.split("=")));
    for (const property of Object.keys(elements[name])) {
      if (ELEMENTS[name].includes(property)) continue;
      fail(1, `WARNING: erroneous pipeline: no property "${property}" in element "${name}"`);
    }
  }
  return { elements, caps };
}

async function gstLaunch(): Promise<void> {
  if (args[0] !== "-q") fail(1, `Unknown option ${args[0]}`);
  const { elements, caps } = pipelineOf(args.slice(1).join(" "));
  const [captured, converted, thinned] = caps;
  if (
    captured.type !== "video/x-raw(memory:NVMM)" || converted.format !== "I420" || elements.fdsink.fd !== "1"
  ) {
    fail(1, "WARNING: erroneous pipeline: could not link nvarguscamerasrc0 to nvvconv0");
  }
  const text = (...lines: string[]) => write(encoder.encode(lines.map((line) => `${line}\n`).join("")));
  const source =
    "/dvs/git/dirty/git-master_linux/multimedia/nvgstreamer/gst-nvarguscamera/gstnvarguscamerasrc.cpp";
  /** The element says why on standard error and ends the stream, which gst-launch-1.0 counts as success. */
  const argusError = (where: string, what: string) => fail(0, `Error generated. ${source}, ${where} ${what}`);
  const { camera } = state();
  if (camera === "no daemon") {
    say(
      "(Argus) Error FileOperationFailed: Connecting to nvargus-daemon failed: No such file or directory " +
        "(in src/rpc/socket/client/SocketClientDispatch.cpp, function openSocketConnection(), line 205)",
    );
    argusError("execute:721", "Failed to create CameraProvider");
  }
  if (camera === "unplugged") argusError("execute:725", "No cameras available");
  if (elements.nvarguscamerasrc["sensor-id"] !== "0") {
    argusError("execute:729", "Invalid camera device specified 1 specified, 0 max index");
  }
  if (camera === "busy") argusError("execute:751", "Failed to create CaptureSession");
  text(
    "GST_ARGUS: Creating output stream",
    "CONSUMER: Waiting until producer is connected...",
    "GST_ARGUS: Available Sensor modes :",
    "GST_ARGUS: 3280 x 2464 FR = 21.000000 fps Duration = 47619048 ; Analog Gain range min 1.000000, max 10.625000; " +
      "Exposure Range min 13000, max 683709000;",
    "",
    "GST_ARGUS: Running with following settings:",
    "   Camera index = 0 ",
    "   Camera mode  = 3 ",
    `   Output Stream W = ${captured.width} H = ${captured.height} `,
    "   seconds to Run    = 0 ",
    "   Frame Rate = 59.999999 ",
  );
  const rate = captured.framerate ?? "30/1";
  if (Number(rate.split("/")[0]) / Number(rate.split("/")[1]) > 60) {
    text(
      "ARGUS_ERROR: Error generated. gstnvarguscamerasrc.cpp, execute: 924 Frame Rate specified is greater than supported",
    );
    fail(0);
  }
  Deno.addSignalListener("SIGINT", () => {
    if (state().camera === "frozen") return; // A frozen program ignores signals too.
    text("GST_ARGUS: Cleaning up", "CONSUMER: Done Success", "GST_ARGUS: Done Success");
    Deno.exit(0);
  });
  const scene = rotatedScene(
    seen({ width: Number(captured.width), height: Number(captured.height) }),
    FLIPS[elements.nvvidconv["flip-method"]],
  );
  if (scene.width !== Number(converted.width) || scene.height !== Number(converted.height)) {
    fail(
      1,
      "ERROR: from element nvarguscamerasrc0: Internal data stream error.",
      "reason not-negotiated (-4)",
    );
  }
  const frame = i420(scene, { fullRange: false, lumaAlignment: 4, chromaAlignment: 4 });
  const out = (thinned?.framerate ?? rate).replace("/", ":");
  write(encoder.encode(`YUV4MPEG2 C420 W${scene.width} H${scene.height} Ip F${out} A1:1\n`));
  for (let frames = 0;; frames++) {
    const { camera } = state();
    if (camera === "unplugged") {
      say(
        "(Argus) Error Timeout:  (propagating from src/rpc/socket/client/SocketClientDispatch.cpp, line 92)",
      );
      fail(0);
    }
    // printf's buffer is flushed at any moment.
    if (frames === 2) text("CONSUMER: Producer has connected; continuing.");
    if (camera === "connected") {
      write(encoder.encode("FRAME\n"));
      write(frame);
    }
    await pause(FRAME_MS);
  }
}

if (program === "gst-launch-1.0") await gstLaunch();
else await rpicamVid();
