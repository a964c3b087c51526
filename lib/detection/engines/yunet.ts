/**
 * The engine `yunet`: faces by a neural network, with the project's own kernel (lib/yunet). It does not split a frame:
 * threads search a frame each, as most frames are small for them.
 */
import { type Engine, reducedSizes } from "../engine.ts";
import { YUNET_DEFAULTS, type YuNetSettings } from "../../yunet/yunet_settings.ts";

type Given = Pick<YuNetSettings, "minSize" | "maxSize"> & Partial<YuNetSettings>;

/** The network's file, without its ending. */
const MODEL = "face_detection_yunet_2023mar";
/** By the number of halvings. */
const REDUCTIONS = [1, 2, 4] as const;
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

  /** The decoder scales frames down in place of the engine, as far as it can. */
  async reduce({ inputScale = YUNET_DEFAULTS.inputScale, ...settings }) {
    const { halvingsOf } = await import("../../yunet/tiles.ts");
    const halvings = halvingsOf({ inputScale, minSize: settings.minSize });
    const reduction = REDUCTIONS[Math.min(halvings, REDUCTIONS.length - 1)];
    const isRest = halvings >= REDUCTIONS.length;
    const reduced = { ...settings, ...reducedSizes(settings, reduction) };
    return { reduction, settings: { ...reduced, inputScale: isRest ? "auto" : "1" } };
  },

  async start(options: YuNetSettings) {
    const { FrameSearch } = await import("../../yunet/frame_search.ts");
    return new FrameSearch(options);
  },
};
