/** The registry of detection engines: the names that `--engine` takes. */

/** An engine's module is loaded when the engine is used. */
const ENGINE_LOADERS = {
  haarlem: async () => (await import("./engines/haarlem.ts")).haarlem,
  opencv: async () => (await import("./engines/opencv.ts")).opencv,
};

export type EngineName = keyof typeof ENGINE_LOADERS;

/** All names, the default first. */
export const ENGINES = Object.keys(ENGINE_LOADERS) as EngineName[];

/** An engine; the settings of all engines together satisfy its `configure`. */
export function loadEngine(name: EngineName): ReturnType<typeof ENGINE_LOADERS[EngineName]> {
  return ENGINE_LOADERS[name]();
}
