import type { YuvMatrix } from "../image/frame.ts";
import { matrixOf } from "./stream_colour.ts";

/** Options that let ffmpeg say what its input is, and begin every line with how grave it is. */
export const MESSAGE_ARGS: readonly string[] = ["-v", "level+info", "-hide_banner", "-nostats"];

const MAX_COMPLAINT_CHARACTERS = 4_096;
/** Lines that are no complaint. */
const HARMLESS = /\[(trace|debug|verbose|info|warning)\]|^\s*Last message repeated/;
const GRAVITY = /\[(error|fatal|panic)\] /;

/** What ffmpeg says on its standard error, read to its end. */
export class FfmpegMessages {
  /** The matrix of the input's first video stream; undefined when ffmpeg ends without describing one. */
  readonly matrix: Promise<YuvMatrix | undefined>;
  /** The end of what ffmpeg complained of. */
  readonly complaint: Promise<string>;

  constructor(stderr: ReadableStream<Uint8Array>) {
    const matrix = Promise.withResolvers<YuvMatrix | undefined>();
    this.matrix = matrix.promise;
    this.complaint = collect(stderr, matrix.resolve).finally(() => matrix.resolve(undefined));
  }
}

async function collect(
  stderr: ReadableStream<Uint8Array>,
  onMatrix: (matrix: YuvMatrix) => void,
): Promise<string> {
  let complaint = "";
  let rest = "";
  const take = (line: string) => {
    const matrix = matrixOf(line);
    if (matrix) onMatrix(matrix); // Only the first one counts: the output is described after the input.
    if (!HARMLESS.test(line)) complaint += `${line.replace(GRAVITY, "")}\n`;
    complaint = complaint.slice(-MAX_COMPLAINT_CHARACTERS);
  };
  const decoder = new TextDecoder();
  for await (const chunk of stderr) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!.slice(-MAX_COMPLAINT_CHARACTERS);
    lines.forEach(take);
  }
  take(rest);
  return complaint.trim();
}
