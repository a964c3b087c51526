import { readLines } from "./camera_process.ts";
import type { YuvMatrix } from "../image/frame.ts";
import type { FfmpegDialect } from "./ffmpeg_version.ts";
import { FrameTimes } from "./frame_times.ts";
import type { StreamFormat } from "./planar_frames.ts";
import { matrixOf, streamFormatOf } from "./stream_description.ts";

/**
 * Options that let ffmpeg say what its input is, begin every line with its level where it knows how, and repeat a line
 * instead of counting it: two frames may have one time.
 */
export function messageArgs({ saysLevels }: FfmpegDialect): string[] {
  return ["-v", saysLevels ? "repeat+level+info" : "repeat+info", "-hide_banner", "-nostats"];
}

/** What a decoder says of data that it cannot make a frame of, as before the first key frame. */
const UNDECODED =
  /non-existing PPS|no frame!|PPS id out of range|Could not find ref|decode_slice_header|missing picture|error while decoding|sps_id \d+ out of range|Keyframe missing/i;

const MAX_COMPLAINT_CHARACTERS = 4_096;
/** Lines that are no complaint. */
const HARMLESS = /\[(trace|debug|verbose|info|warning)\]|^\s*Last message repeated/;
const LEVEL = /\[(error|fatal|panic)\] /;
/** Without levels, what ffmpeg says of a run in which nothing is wrong; descriptions are indented. */
const HARMLESS_WITHOUT_LEVEL =
  /^\s|^(Input #|Output #|Stream mapping:|Press \[q\]|frame=|video:|$)|deprecated pixel format used/;

/** What ffmpeg says on its standard error, read to its end. */
export class FfmpegMessages {
  /** The matrix of the input's first video stream; undefined when ffmpeg ends without describing one. */
  readonly matrix: Promise<YuvMatrix | undefined>;
  /** The format of the frames it gives; undefined when ffmpeg ends without describing them. */
  readonly output: Promise<StreamFormat | undefined>;
  /** The end of what ffmpeg complained of. */
  readonly complaint: Promise<string>;
  /** The times of the frames, where they are printed. */
  readonly times = new FrameTimes();

  readonly #matrix = Promise.withResolvers<YuvMatrix | undefined>();
  readonly #output = Promise.withResolvers<StreamFormat | undefined>();
  readonly #harmless: RegExp;
  #undecoded = 0;
  #describesOutput = false;

  constructor(stderr: ReadableStream<Uint8Array>, { saysLevels }: Pick<FfmpegDialect, "saysLevels">) {
    this.#harmless = saysLevels ? HARMLESS : HARMLESS_WITHOUT_LEVEL;
    this.matrix = this.#matrix.promise;
    this.output = this.#output.promise;
    this.complaint = this.#collect(stderr).finally(() => {
      this.#matrix.resolve(undefined);
      this.#output.resolve(undefined);
      this.times.end();
    });
  }

  /** How often it said that data came of which it could make no frame. */
  get undecoded(): number {
    return this.#undecoded;
  }

  async #collect(stderr: ReadableStream<Uint8Array>): Promise<string> {
    let complaint = "";
    const take = (line: string) => {
      if (this.times.add(line)) return;
      if (UNDECODED.test(line)) this.#undecoded++;
      this.#describe(line);
      if (!this.#harmless.test(line)) complaint += `${line.replace(LEVEL, "")}\n`;
      complaint = complaint.slice(-MAX_COMPLAINT_CHARACTERS);
    };
    await readLines(stderr, take);
    return complaint.trim();
  }

  /** The input is described before the output; of each only the first video stream counts. */
  #describe(line: string): void {
    this.#describesOutput ||= /^(\[info\] )?Output #/.test(line);
    if (this.#describesOutput) {
      const format = streamFormatOf(line);
      if (format) this.#output.resolve(format);
    } else {
      const matrix = matrixOf(line);
      if (matrix) this.#matrix.resolve(matrix);
    }
  }
}
