/** The engine `opencv`: Haar detection by OpenCV in WebAssembly. Slower, and it runs every cascade. */
import type { Engine } from "../engine.ts";
import type { CascadeOptions, CascadeSettings } from "./cascade_config.ts";

export const opencv: Engine<CascadeSettings> = {
  async configure(settings) {
    const { configureCascade } = await import("./cascade_config.ts");
    return await configureCascade(settings, "xml");
  },

  async reduce(settings) {
    const { reduceCascade } = await import("./cascade_config.ts");
    return await reduceCascade(settings, "xml");
  },

  async start({ cascade, ...settings }: CascadeOptions) {
    // Loading OpenCV takes 0.1 s and 80 MB.
    const { OpenCvDetector } = await import("../opencv_detector.ts");
    return new OpenCvDetector(cascade, settings);
  },
};
