/** The registry of detection engines: the names that `--engine` takes. */

/** Settings of one kind of engine, which the others do not use. */
const OF_CASCADES = ["cascade", "scaleFactor", "minNeighbors"] as const;
const OF_NETWORKS = ["minScore", "inputScale"] as const;
/** Of an engine whose detections have a weight. */
const OF_WEIGHTS = ["minWeight"] as const;
const ALL = [...OF_CASCADES, ...OF_NETWORKS, ...OF_WEIGHTS];

/** An engine's module is loaded when the engine is used. */
const REGISTRY = {
  haar: {
    load: async () => (await import("./engines/haar.ts")).haar,
    settings: [...OF_CASCADES, ...OF_WEIGHTS],
  },
  opencv: { load: async () => (await import("./engines/opencv.ts")).opencv, settings: OF_CASCADES },
  yunet: { load: async () => (await import("./engines/yunet.ts")).yunet, settings: OF_NETWORKS },
};

export type EngineName = keyof typeof REGISTRY;
/** A setting that only some engines use. */
export type EngineSetting = typeof ALL[number];

/** All names, the default first. */
export const ENGINES = Object.keys(REGISTRY) as EngineName[];

/** An engine; the settings of all engines together satisfy its `configure`. */
export function loadEngine<Name extends EngineName>(name: Name): ReturnType<typeof REGISTRY[Name]["load"]> {
  return REGISTRY[name].load() as ReturnType<typeof REGISTRY[Name]["load"]>;
}

/** The engines that use a setting. */
export function enginesWith(setting: EngineSetting): EngineName[] {
  return ENGINES.filter((name) => (REGISTRY[name].settings as readonly EngineSetting[]).includes(setting));
}

/** The settings that other engines use, and this one does not. */
export function unusedSettings(name: EngineName): EngineSetting[] {
  return ALL.filter((setting) => !enginesWith(setting).includes(name));
}
