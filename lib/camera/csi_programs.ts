/** The programs that read a CSI camera: their arguments and their output. */
import type { Size } from "../image/frame.ts";
import { rotatedSize, type Rotation } from "../image/reframe.ts";

/** The requested frames of a CSI camera. */
export interface CsiRequest {
  /** The source as the user wrote it, for messages. */
  readonly name: string;
  /** The camera's number; the first is 0. */
  readonly camera: number;
  /** The size before the rotation. */
  readonly size: Size;
  /** Frames per second; the camera's own rate by default. */
  readonly rate?: number;
  readonly rotate: Rotation;
}

/** How to run one program for one request. */
export interface CsiPlan {
  readonly args: readonly string[];
  /** Size of the frames that the program writes, at least `wanted`. */
  readonly given: Size;
  /** The part to keep, from the middle of the frame, before `rotate`. */
  readonly wanted: Size;
  /** The rotation that remains to be done here. */
  readonly rotate: Rotation;
}

/** A program that reads CSI cameras. */
export interface CsiProgram {
  readonly name: string;
  /** Bare I420 frames, or YUV4MPEG2 with the program's messages in between. */
  readonly output: "i420" | "y4m";
  /** The signal on which it releases the camera and ends. */
  readonly stopSignal: Deno.Signal;
  plan(request: CsiRequest): CsiPlan;
}

/**
 * rpicam-vid writes the padding that the image processor needs: luma rows aligned to 64 bytes up to the Raspberry Pi 4,
 * chroma rows aligned to 64 bytes (luma rows to 128) on the Raspberry Pi 5. Rows of this width have no padding.
 */
const RPICAM_ALIGNMENT = { width: 128, height: 2 };
/** y4menc writes GStreamer's padding: chroma rows aligned to 4 bytes (seen in 1.22). Rotation swaps width and height. */
const GSTREAMER_ALIGNMENT = { width: 8, height: 8 };

/** nvvidconv's `flip-method` by the degrees clockwise that it rotates by. */
const FLIP_METHODS: Readonly<Record<Rotation, number>> = { 0: 0, 90: 3, 180: 2, 270: 1 };
/** Minimum frame rate of sensors on a Jetson; a lower rate drops frames after the camera. */
const JETSON_MIN_RATE = 2;

function rpicam(name: string): CsiProgram {
  return {
    name,
    output: "i420",
    stopSignal: "SIGTERM",
    plan({ camera, size, rate, rotate }) {
      const given = aligned(size, RPICAM_ALIGNMENT);
      const half = rotate === 180; // The sensor's only rotation, by its two flips.
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
  stopSignal: "SIGINT", // After SIGTERM its session would stay open in nvargus-daemon.
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

/** In order of preference: the first installed one reads the camera. */
export const CSI_PROGRAMS: readonly CsiProgram[] = [rpicam("rpicam-vid"), rpicam("libcamera-vid"), gstreamer];

/** The smallest size without padding that contains `size`. */
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
