/** The programs that read a CSI camera: what each is asked for, and what it gives. */
import type { Size } from "../image/frame.ts";
import { rotatedSize, type Rotation } from "../image/reframe.ts";

/** What a user wants of a CSI camera. */
export interface CsiRequest {
  /** The source as it was written, for messages. */
  readonly name: string;
  /** The camera's number, from 0 on. */
  readonly camera: number;
  /** Of the picture before it is rotated. */
  readonly size: Size;
  readonly rate?: number;
  readonly rotate: Rotation;
}

/** How one program is run for one request. */
export interface CsiPlan {
  readonly args: readonly string[];
  /** Size of the frames that it is asked to give, at least the wanted one. */
  readonly given: Size;
  /** What of the given frame is wanted, from its middle; before `rotate`. */
  readonly wanted: Size;
  /** The rotation that the program leaves to us. */
  readonly rotate: Rotation;
}

/** A program that reads CSI cameras. */
export interface CsiProgram {
  readonly name: string;
  /** I420 frames alone, or YUV4MPEG2 with the program's own words in between. */
  readonly output: "i420" | "y4m";
  /** The signal on which it gives the camera back. */
  readonly stopSignal: Deno.Signal;
  plan(request: CsiRequest): CsiPlan;
}

/**
 * rpicam-vid pads each row to the image processor's alignment and writes the padding too: 64 bytes up to the
 * Raspberry Pi 4, 64 for each chroma row, which makes it 128, on the Raspberry Pi 5. Rows of this width have none.
 */
const RPICAM_ALIGNMENT = { width: 128, height: 2 };
/** y4menc writes GStreamer's padding too, to 4 bytes for each chroma row; 1.22 still did. Turned, height is width. */
const GSTREAMER_ALIGNMENT = { width: 8, height: 8 };

/** nvvidconv's `flip-method` by the degrees clockwise that it rotates by. */
const FLIP_METHODS: Readonly<Record<Rotation, number>> = { 0: 0, 90: 3, 180: 2, 270: 1 };
/** Sensors do not go slower than this on a Jetson; what is less is thinned out behind the camera. */
const JETSON_MIN_RATE = 2;

function rpicam(name: string): CsiProgram {
  return {
    name,
    output: "i420",
    stopSignal: "SIGTERM",
    plan({ camera, size, rate, rotate }) {
      const given = aligned(size, RPICAM_ALIGNMENT);
      const half = rotate === 180; // The only rotation that the sensor does, by its two flips.
      const args = [
        ...["--camera", `${camera}`, "--codec", "yuv420"],
        ...["--width", `${given.width}`, "--height", `${given.height}`],
        ...(rate ? ["--framerate", `${rate}`] : []),
        ...(half ? ["--rotation", "180"] : []),
        ...["--timeout", "0", "--nopreview", "--flush", "--output", "-"],
      ];
      return { args, given, wanted: size, rotate: half ? 0 : rotate };
    },
  };
}

const gstreamer: CsiProgram = {
  name: "gst-launch-1.0",
  output: "y4m",
  stopSignal: "SIGINT", // On SIGTERM it would leave its session behind in nvargus-daemon.
  plan({ camera, size, rate, rotate }) {
    const captured = aligned(size, GSTREAMER_ALIGNMENT);
    const given = rotatedSize(captured, rotate);
    const sensorRate = rate && `,framerate=${fraction(Math.max(rate, JETSON_MIN_RATE))}`;
    const isSlow = rate !== undefined && rate < JETSON_MIN_RATE;
    const elements = [
      ["nvarguscamerasrc", `sensor-id=${camera}`],
      [`video/x-raw(memory:NVMM),format=NV12,${dimensions(captured)}${sensorRate ?? ""}`],
      ["nvvidconv", `flip-method=${FLIP_METHODS[rotate]}`],
      [`video/x-raw,format=I420,${dimensions(given)}`],
      ...(isSlow ? [["videorate", "drop-only=true"], [`video/x-raw,framerate=${fraction(rate)}`]] : []),
      ["y4menc"],
      ["fdsink", "fd=1"],
    ];
    const args = ["-q", ...elements.flatMap((element, index) => index === 0 ? element : ["!", ...element])];
    return { args, given, wanted: rotatedSize(size, rotate), rotate: 0 };
  },
};

/** In the order in which they are tried: the first that is installed reads the camera. */
export const CSI_PROGRAMS: readonly CsiProgram[] = [rpicam("rpicam-vid"), rpicam("libcamera-vid"), gstreamer];

/** The smallest size that has no padding and holds `size`. */
function aligned(size: Size, to: Size): Size {
  const up = (pixels: number, step: number) => Math.ceil(pixels / step) * step;
  return { width: up(size.width, to.width), height: up(size.height, to.height) };
}

function dimensions({ width, height }: Size): string {
  return `width=${width},height=${height}`;
}

/** A rate in GStreamer's notation, exact to a thousandth: 29.97 is 2997/100. */
export function fraction(rate: number): string {
  const thousandths = Math.max(1, Math.round(rate * 1000));
  const divisor = greatestCommonDivisor(thousandths, 1000);
  return `${thousandths / divisor}/${1000 / divisor}`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
