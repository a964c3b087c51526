/** The engine `haar`: Haar detection by the project's own kernel (lib/haar). It can split a frame. */
import { type Candidate, groupCandidates } from "../../haar/opencv/grouping.ts";
import type { Engine } from "../engine.ts";
import type { CascadeOptions, CascadeSettings } from "./cascade_config.ts";

export const haar: Engine<CascadeSettings> = {
  async configure(settings) {
    const { configureCascade } = await import("./cascade_config.ts");
    return await configureCascade(settings, "compiled");
  },

  async reduce(settings) {
    const { reduceCascade } = await import("./cascade_config.ts");
    return await reduceCascade(settings, "compiled");
  },

  async start({ cascade, ...settings }: CascadeOptions) {
    const { HaarDetector } = await import("../../haar/haar_detector.ts");
    const detector = new HaarDetector(cascade, settings);
    return {
      detect: (plane, area) => detector.detect(plane, area),
      parts: { load: (plane) => detector.load(plane), search: (level) => detector.searchLevel(level) },
    };
  },

  join: (levels: readonly Candidate[][], { minNeighbors }: CascadeOptions, frame) =>
    groupCandidates(levels.flat(), minNeighbors, frame),
};
