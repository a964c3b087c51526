/** What the program of a CSI camera prints on its standard error: the format of its frames, and why it gives none. */
import { ConfigError, FatalError } from "../errors.ts";
import type { Size, YuvMatrix } from "../image/frame.ts";
import { readLines } from "./camera_process.ts";

/** The format of rpicam-vid's frames, which may differ from the requested one. */
export interface CsiConfiguration {
  readonly size: Size;
  readonly colour: CsiColour;
}

/** The encoding of a camera's colours. */
export interface CsiColour {
  readonly fullRange: boolean;
  readonly matrix: YuvMatrix;
}

/** The encoding that rpicam-vid requests for raw frames: that of JPEG (sYCC). */
export const RPICAM_COLOUR: CsiColour = { fullRange: true, matrix: "bt601" };
/** A Jetson's NV12 and I420 are BT.601 in limited range; y4menc does not print this. Source: its code, not measured. */
export const JETSON_COLOUR: CsiColour = { fullRange: false, matrix: "bt601" };

/** libcamera's short names of colour spaces. Source: color_space.cpp. */
const COLOUR_SPACES: Readonly<Record<string, CsiColour>> = {
  sYCC: RPICAM_COLOUR,
  SMPTE170M: { fullRange: false, matrix: "bt601" },
  Rec709: { fullRange: false, matrix: "bt709" },
  Rec2020: { fullRange: false, matrix: "bt2020" },
};
const MATRICES: Readonly<Record<string, YuvMatrix>> = { Rec601: "bt601", Rec709: "bt709", Rec2020: "bt2020" };

/** Of a longer text only the end is kept. */
const MAX_TEXT_CHARACTERS = 4_096;

/**
 * Parses libcamera's line `configuring streams: (0) 640x480-YUV420/sYCC (1) …`. Versions before 0.5 do not name the
 * colour space; then it is the one that rpicam-vid requests. Undefined for any other line.
 */
export function configurationOf(line: string): CsiConfiguration | undefined {
  const found = /configuring streams: \(0\) (\d+)x(\d+)-YUV420(?:\/(\S+))?/.exec(line);
  if (!found) return undefined;
  const size = { width: Number(found[1]), height: Number(found[2]) };
  return { size, colour: colourOf(found[3]) ?? RPICAM_COLOUR };
}

/** A colour space, such as `sYCC`, or primaries/transfer/encoding/range, such as `Rec709/sRGB/Rec601/Full`. */
function colourOf(name = ""): CsiColour | undefined {
  const [, , encoding, range] = name.split("/");
  if (!range) return COLOUR_SPACES[name];
  return MATRICES[encoding] && { matrix: MATRICES[encoding], fullRange: range === "Full" };
}

/** Reads the standard error of one program until the program closes it. */
export class CsiMessages {
  /** Resolves with the first configuration, or with undefined when the program ends without one. */
  readonly configuration: Promise<CsiConfiguration | undefined>;
  /** Resolves when the program has closed its standard error. */
  readonly closed: Promise<void>;
  /** What was printed between the last two frames, and since the last one. */
  #before = "";
  #text = "";

  constructor(stderr: ReadableStream<Uint8Array>) {
    const configuration = Promise.withResolvers<CsiConfiguration | undefined>();
    this.configuration = configuration.promise;
    this.closed = this.#read(stderr, configuration.resolve).finally(() => configuration.resolve(undefined));
  }

  /** The end of the text since the frame before the last one, at most 4,096 characters. */
  get text(): string {
    return `${this.#before}${this.#text}`.slice(-MAX_TEXT_CHARACTERS);
  }

  /**
   * Call it at each frame: earlier text does not explain a later failure. The text since the last frame is kept until the
   * next one: frames come on another stream, and of both that wait, the reason may be read before the last frame.
   */
  frame(): void {
    this.#before = this.#text;
    this.#text = "";
  }

  /** Adds text that the program printed elsewhere. */
  add(text: string): void {
    this.#text = `${this.#text}${text.trimEnd()}\n`.slice(-MAX_TEXT_CHARACTERS);
  }

  async #read(
    stderr: ReadableStream<Uint8Array>,
    onConfiguration: (configuration: CsiConfiguration) => void,
  ): Promise<void> {
    const take = (line: string) => {
      const configuration = configurationOf(line);
      if (configuration) onConfiguration(configuration);
      else if (line) this.add(line);
    };
    await readLines(stderr, take);
  }
}

/** How to install the program, by system. */
export const CSI_PACKAGES =
  `install the program for this board: on Raspberry Pi OS "sudo apt-get install rpicam-apps-lite" (bullseye: ` +
  `libcamera-apps-lite), on a Jetson "sudo apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good ` +
  `nvidia-l4t-gstreamer"`;

/** Packages of GStreamer's elements. */
const ELEMENT_PACKAGES: Readonly<Record<string, string>> = {
  nvarguscamerasrc: "nvidia-l4t-gstreamer",
  nvvidconv: "nvidia-l4t-gstreamer",
  y4menc: "gstreamer1.0-plugins-good",
  videorate: "gstreamer1.0-plugins-base",
};

/** Why a camera gives no frames. */
interface Cause {
  /** Completes "cannot read the camera NAME: ". */
  readonly reason: string;
  /** An imperative. */
  readonly hint: string;
  /** The settings or the installation are wrong, so that no retry can succeed. */
  readonly settings?: true;
}

/** A pattern in the programs' texts, and the cause that it means. */
type Rule = readonly [RegExp, (found: RegExpExecArray, source: { name: string; camera: number }) => Cause];

/** The first match counts: more specific patterns come first. Sources: the programs' code, and logs in issues about them. */
const RULES: readonly Rule[] = [
  // rpicam-vid and libcamera. GStreamer's plugin cache is optional: a service without a home folder cannot write it.
  [/Could not open any dma|^(?!.*registry).*(?:Permission denied|Operation not permitted)/m, () => ({
    reason: "no permission to open it",
    hint: "add this user to the group video: sudo usermod -aG video $USER, then log in again",
  })],
  [
    /Pipeline handler in use by another process|failed to acquire camera|Unable to set format: Device or resource busy/,
    () => ({
      reason: "it is in use by another program",
      hint: 'end the other program; "fuser -v /dev/media* /dev/video*" names it',
    }),
  ],
  [/selected camera is not available|Invalid camera device specified/, (_, { camera }) => ({
    reason: `no camera has the number ${camera}`,
    hint: "use a smaller number in --source csi:NUMBER; the first camera is 0",
  })],
  [/no cameras available/i, () => ({
    reason: "no camera is connected",
    hint:
      "switch the board off and check both ends of the camera's cable; the contacts face the board's contacts",
  })],
  [/configured for the legacy camera stack/, () => ({
    reason: "the board is configured for the legacy camera stack",
    hint: "run sudo raspi-config, disable Interface Options > Legacy Camera, and restart the board",
  })],
  [/only supports the Raspberry Pi platforms/, () => ({
    reason: "rpicam-vid does not support this board",
    hint: "use the camera's device, such as --source /dev/video0",
    settings: true,
  })],
  [/failed to allocate capture buffers|Cannot allocate memory|Failed to allocate/, () => ({
    reason: "not enough memory for its frames",
    hint: "set a smaller --size",
  })],
  [/unrecognised option '?"?([^'"\s]+)|unrecognized option '?"?([^'"\s]+)/, (found) => ({
    reason: `its program is too old for the option ${found[1] ?? found[2]}`,
    hint: "upgrade the program: sudo apt-get update && sudo apt-get upgrade",
    settings: true,
  })],
  [/error while loading shared libraries: ([^:\s]+)/, (found) => ({
    reason: `its program lacks the library ${found[1]}`,
    hint: "install the program's package again: sudo apt-get install --reinstall PACKAGE",
    settings: true,
  })],
  [/Camera frontend has timed out|Device timeout detected|Dequeue timer of \S+ has expired/, () => ({
    reason: "its sensor does not answer",
    hint: "check both ends of the camera's cable, or try a shorter one",
  })],
  // GStreamer and Argus
  [/no element "([^"]+)"/, (found) => ({
    reason: `GStreamer has no element "${found[1]}"`,
    hint: found[1].startsWith("nv") || !ELEMENT_PACKAGES[found[1]]
      ? CSI_PACKAGES
      : `run sudo apt-get install ${ELEMENT_PACKAGES[found[1]]}`,
    settings: true,
  })],
  [
    /Connecting to nvargus-daemon failed|Failed to create CameraProvider|Cannot create camera provider/,
    () => ({
      reason: "nvargus-daemon does not answer",
      hint: "restart it: sudo systemctl restart nvargus-daemon",
    }),
  ],
  [/Failed to create CaptureSession/, () => ({
    reason: "another program uses it, or nvargus-daemon hangs",
    hint: "end the other program, then sudo systemctl restart nvargus-daemon",
  })],
  [/Frame Rate specified is greater than supported/, () => ({
    reason: "its sensor is slower than --rate at this --size",
    hint: "set a lower --rate or a smaller --size",
    settings: true,
  })],
  [/Error Timeout|Argus Error Status|Error InvalidState|CONSUMER: ERROR OCCURRED/, () => ({
    reason: "its sensor does not answer",
    hint: "check both ends of the camera's cable, then sudo systemctl restart nvargus-daemon",
  })],
  [
    /could not link|not-negotiated|Device \S+ failed to set format|failed to (?:valid|configure) stream/,
    () => ({
      reason: "it does not offer this size or rate",
      hint: "set another --size or --rate",
    }),
  ],
];

/** Lines that name no cause: progress and debugging output. */
const NOISE =
  /^\s*$| INFO | WARN |^(?:GST_ARGUS|CONSUMER): |^\s*(?:Camera|Output Stream|seconds|Frame Rate)|^Got EOS|^Execution ended|^Setting pipeline|^Freeing pipeline|^Mode selection|^\s+\S+ .*Score: |Opening in BLOCKING MODE|^Stream configuration adjusted/;

/**
 * The error for a camera whose program ended or froze.
 * @param text the end of what the program printed.
 * @param happened what was observed, for a text that no rule explains.
 */
export function csiError(
  text: string,
  source: { readonly name: string; readonly camera: number; readonly program: string },
  happened: string,
): FatalError | ConfigError {
  for (const [pattern, meaning] of RULES) {
    const found = pattern.exec(text);
    if (!found) continue;
    const { reason, hint, settings } = meaning(found, source);
    const message = `cannot read the camera "${source.name}": ${reason}`;
    return settings ? new ConfigError(message, hint) : new FatalError(message, hint);
  }
  const lastLine = text.split("\n").filter((line) => !NOISE.test(line)).at(-1)?.trim();
  return new FatalError(
    `cannot read the camera "${source.name}": ${happened}${lastLine ? `: ${lastLine}` : ""}`,
    `run ${source.program} in a shell to see its whole output`,
  );
}
