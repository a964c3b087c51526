/** What a program says while it reads a CSI camera. */
import { readLines } from "./camera_process.ts";
import type { Size, YuvMatrix } from "../image/frame.ts";

/** What rpicam-vid's frames really are. */
export interface CsiConfiguration {
  readonly size: Size;
  readonly colour: CsiColour;
}

export interface CsiColour {
  readonly fullRange: boolean;
  readonly matrix: YuvMatrix;
}

/** What rpicam-vid asks of the camera for raw frames: the colours of JPEG (sYCC). */
export const RPICAM_COLOUR: CsiColour = { fullRange: true, matrix: "bt601" };
/** A Jetson's NV12 and I420 are BT.601 in the range of video; y4menc does not say so. By its sources, not measured. */
export const JETSON_COLOUR: CsiColour = { fullRange: false, matrix: "bt601" };

/** libcamera's short names of colour spaces. */
const COLOUR_SPACES: Readonly<Record<string, CsiColour>> = {
  sYCC: RPICAM_COLOUR,
  SMPTE170M: { fullRange: false, matrix: "bt601" },
  Rec709: { fullRange: false, matrix: "bt709" },
  Rec2020: { fullRange: false, matrix: "bt2020" },
};
const MATRICES: Readonly<Record<string, YuvMatrix>> = { Rec601: "bt601", Rec709: "bt709", Rec2020: "bt2020" };

const MAX_TEXT_CHARACTERS = 4_096;

/**
 * Reads libcamera's line `configuring streams: (0) 640x480-YUV420/sYCC (1) …`. Versions before 0.5 do not name the
 * colour space. Undefined when the line says something else.
 */
export function configurationOf(line: string): CsiConfiguration | undefined {
  const said = /configuring streams: \(0\) (\d+)x(\d+)-YUV420(?:\/(\S+))?/.exec(line);
  if (!said) return undefined;
  const size = { width: Number(said[1]), height: Number(said[2]) };
  return { size, colour: colourOf(said[3]) ?? RPICAM_COLOUR };
}

/** `sYCC`, or its parts: `Rec709/sRGB/Rec601/Full` (primaries, transfer, encoding, range). */
function colourOf(name = ""): CsiColour | undefined {
  const [, , encoding, range] = name.split("/");
  if (!range) return COLOUR_SPACES[name];
  return MATRICES[encoding] && { matrix: MATRICES[encoding], fullRange: range === "Full" };
}

/** The words of one running program: the end of them, and the configuration as soon as it is known. */
export class CsiMessages {
  /** Undefined when the program ends without describing its frames. */
  readonly configuration: Promise<CsiConfiguration | undefined>;
  /** Resolves when the program has closed its standard error. */
  readonly closed: Promise<void>;
  #text = "";

  constructor(stderr: ReadableStream<Uint8Array>) {
    const configuration = Promise.withResolvers<CsiConfiguration | undefined>();
    this.configuration = configuration.promise;
    this.closed = this.#read(stderr, configuration.resolve).finally(() => configuration.resolve(undefined));
  }

  /** The end of what was said since the last frame. */
  get text(): string {
    return this.#text;
  }

  /** A frame came: what was said before it is no reason for its absence. */
  forget(): void {
    this.#text = "";
  }

  /** Takes what the program said elsewhere. */
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
