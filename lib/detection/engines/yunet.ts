/**
 * The engine `yunet`: faces by a neural network, with the project's own kernel (lib/yunet). It does not split a frame:
 * threads search a frame each, as most frames are small for them.
 */
import type { Engine } from "../engine.ts";
import { YUNET_DEFAULTS, type YuNetSettings } from "../../yunet/yunet_settings.ts";

type Given = Pick<YuNetSettings, "minSize" | "maxSize"> & Partial<YuNetSettings>;

/** The network's file, without its ending. */
const MODEL = "face_detection_yunet_2023mar";
/** The smallest face that the network may find, in pixels. */
const SMALLEST = 10;

export const yunet: Engine<Given> = {
  usesColour: true,
  hasLandmarks: true,

  configure(
    { minScore = YUNET_DEFAULTS.minScore, inputScale = YUNET_DEFAULTS.inputScale, minSize, maxSize },
  ) {
    const options: YuNetSettings = { minScore, inputScale, minSize, maxSize };
    const side = Math.max(SMALLEST, minSize);
    return Promise.resolve({
      options,
      metadata: { model: MODEL, settings: { minScore, minSize, maxSize } },
      smallest: { width: side, height: side },
    });
  },

  async start(options: YuNetSettings) {
    const { FrameSearch } = await import("../../yunet/frame_search.ts");
    return new FrameSearch(options);
  },
};
