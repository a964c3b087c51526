/** Writes annotated frames (`--once --explain DIR`): what was found in each, and why it is not sent. */
import { join } from "node:path";
import type { FaceSelector } from "../detection/face_selection.ts";
import { diskMessage } from "../durable_file.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { encodeJpeg } from "../image/jpeg_encoder.ts";
import { planesOfPicture } from "../image/jpeg_planes.ts";
import { annotatedFrame } from "../preview/annotated_frame.ts";
import { quoted } from "../safe_address.ts";
import { Explainer, type ExplainerParts, type ExplainerSettings } from "./explainer.ts";
import type { SelectableFrame } from "./search.ts";

/** Maximum number of files; further frames are counted only. */
const MAX_FILES = 1_000;
const QUALITY = 85;

/** Where frames are written, and what counts them. */
export interface ExplainOptions extends ExplainerParts {
  readonly folder: string;
}

/** The names of the files; also those that `ffmpeg %06d.jpg` gives to the frames of a clip, so none is ever removed. */
const FRAME_FILE = /^\d{6,}\.jpg$/;

/** Frames of two runs in one folder would look like those of one. */
async function refuseEarlierFrames(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!FRAME_FILE.test(name)) continue;
    throw new ConfigError(
      `--explain ${quoted(folder)} has frames of an earlier run, such as "${name}"`,
      "remove them, or set --explain to a new folder",
    );
  }
}

/** Writes each frame with a detection as `NUMBER.jpg`, its number among all frames, from 1. */
export class ExplainedFrames implements AsyncDisposable {
  readonly #explainer: Explainer;
  #frames = 0;
  #written = 0;

  private constructor(settings: ExplainerSettings, private readonly options: ExplainOptions) {
    this.#explainer = new Explainer(settings, options);
  }

  /** Makes the folder. Throws a ConfigError when it cannot be made, or has frames of an earlier run. */
  static async open(settings: ExplainerSettings, options: ExplainOptions): Promise<ExplainedFrames> {
    const { folder } = options;
    await Deno.mkdir(folder, { recursive: true }).catch((error) => {
      throw new ConfigError(
        `cannot make --explain ${quoted(folder)}: ${diskMessage(error)}`,
        "set --explain to a folder that can be written",
      );
    });
    await refuseEarlierFrames(folder);
    const frames = new ExplainedFrames(settings, options);
    await frames.#explainer.ready();
    return frames;
  }

  /** Takes a frame after the selector took it. Throws a FatalError when the file cannot be written. */
  async update(result: SelectableFrame, selector: FaceSelector): Promise<void> {
    const number = ++this.#frames;
    const standings = selector.standings();
    const found = await this.#explainer.look(result.frame);
    const boxes = [
      ...this.#explainer.missed(result, found),
      ...this.#explainer.reported(result, standings),
    ];
    if (boxes.length === 0 || this.#written >= MAX_FILES) return;
    const picture = annotatedFrame(result.frame, { boxes, regions: result.area });
    const { folder, log } = this.options;
    const path = join(folder, `${String(number).padStart(6, "0")}.jpg`);
    await Deno.writeFile(path, encodeJpeg(planesOfPicture(picture), QUALITY)).catch((error) => {
      throw new FatalError(
        `cannot write ${quoted(path)}: ${diskMessage(error)}`,
        "make room on the disk, or set --explain to another folder",
      );
    });
    if (++this.#written === MAX_FILES) log.warn("--explain writes no more frames", { written: MAX_FILES });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#explainer[Symbol.asyncDispose]();
    this.options.log.info("explained frames", { written: this.#written, folder: this.options.folder });
  }
}
