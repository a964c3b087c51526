/**
 * What the Haar engines make of their settings: the checked options of a thread, and the metadata of the faces. Only the
 * main thread loads this file, when an engine is configured: its modules of Node take 3 MB and 30 ms in each thread.
 */
import { basename } from "node:path";
import { diskMessage } from "../../durable_file.ts";
import { ConfigError } from "../../errors.ts";
import { isCompiled } from "../../haar/compile/compiled_cascade.ts";
import { HAAR_DEFAULTS, type HaarSettings } from "../../haar/haar_settings.ts";
import { type CascadeForm, FRONTAL_FACE, shippedCascade } from "../../haar/shipped_cascade.ts";
import type { Reduction, Size } from "../../image/frame.ts";
import { quoted } from "../../safe_address.ts";
import { type EngineConfig, type Reduced, reducedSizes } from "../engine.ts";

/** The program's settings that a Haar engine reads. */
export interface CascadeSettings extends Pick<HaarSettings, "minSize" | "maxSize" | "reduction"> {
  /** The path of an OpenCV cascade file (XML), or the name of the shipped one, which is the default. */
  readonly cascade?: string;
  /** See HaarSettings and HAAR_DEFAULTS. */
  readonly scaleFactor?: number;
  readonly minNeighbors?: number;
}

/** What a Haar engine's thread gets: the settings, and the cascade file's bytes. */
export interface CascadeOptions extends HaarSettings {
  readonly cascade: Uint8Array;
}

/**
 * The largest first, each with the smallest face that it needs, in windows of the cascade. OpenCV moves windows below twice
 * the cascade's by two pixels, so a face needs two of them in the smaller frame; the project's own engine moves all by one
 * (docs/decisions/2026-11-26-detect-small-cut-large.md).
 */
const REDUCTIONS = {
  compiled: [{ factor: 4, windows: 4 }, { factor: 2, windows: 2 }],
  xml: [{ factor: 4, windows: 8 }, { factor: 2, windows: 4 }],
} as const;
/** The window of the shipped cascade. */
const SHIPPED_WINDOW: Size = { width: 24, height: 24 };

/** Checks the settings and reads the cascade; of the shipped one the file in this form. */
export async function configureCascade(
  { cascade = FRONTAL_FACE, ...given }: CascadeSettings,
  form: CascadeForm,
): Promise<EngineConfig> {
  const {
    scaleFactor = HAAR_DEFAULTS.scaleFactor,
    minNeighbors = HAAR_DEFAULTS.minNeighbors,
    minSize,
    maxSize,
    reduction,
  } = given;
  const settings = { scaleFactor, minNeighbors, minSize, maxSize };
  const isShipped = cascade === FRONTAL_FACE;
  const bytes = isShipped ? shippedCascade(cascade, form) : await readCascade(cascade);
  const window = isShipped ? SHIPPED_WINDOW : windowOf(bytes);
  return {
    options: { ...settings, reduction, cascade: bytes } satisfies CascadeOptions,
    metadata: { cascade: basename(cascade), settings },
    smallest: { width: Math.max(minSize, window.width), height: Math.max(minSize, window.height) },
  };
}

/** The smallest frames in which a face of `minSize` is surely large enough for the cascade. */
export async function reduceCascade(
  settings: CascadeSettings,
  form: CascadeForm,
): Promise<Reduced<CascadeSettings>> {
  const { smallest } = await configureCascade({ ...settings, minSize: 0 }, form);
  const side = Math.max(smallest.width, smallest.height);
  const fitting = REDUCTIONS[form].find(({ windows }) => settings.minSize >= windows * side);
  const reduction: Reduction = fitting?.factor ?? 1;
  const used = form === "compiled" ? { reduction } : reducedSizes(settings, reduction);
  return { reduction, settings: { ...settings, ...used } };
}

async function readCascade(path: string): Promise<Uint8Array> {
  const hint = `set --cascade to ${FRONTAL_FACE}, or to the path of another XML file`;
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new ConfigError(`cannot read --cascade ${quoted(path)}: ${diskMessage(error)}`, hint);
  });
  if (isCompiled(bytes)) {
    throw new ConfigError(
      `--cascade ${quoted(path)} is a compiled cascade, which only the release that it came with can read`,
      hint,
    );
  }
  return bytes;
}

/** The window of a cascade file, also of one that only OpenCV can read. Where it names none, that of the shipped one. */
function windowOf(bytes: Uint8Array): Size {
  const text = new TextDecoder().decode(bytes);
  const side = (name: string) => new RegExp(`<${name}>\\s*(\\d+)\\s*</${name}>`).exec(text)?.[1];
  const [, width = side("width"), height = side("height")] = /<size>\s*(\d+)\s+(\d+)\s*<\/size>/.exec(text) ??
    [];
  return { width: Number(width ?? SHIPPED_WINDOW.width), height: Number(height ?? SHIPPED_WINDOW.height) };
}
