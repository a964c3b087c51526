/**
 * What the Haar engines make of their settings: the checked options of a thread, and the metadata of the faces. Only the
 * main thread loads this file, when an engine is configured: its modules of Node take 3 MB and 30 ms in each thread.
 */
import { basename } from "node:path";
import { diskMessage } from "../../durable_file.ts";
import { ConfigError } from "../../errors.ts";
import { isCompiled } from "../../haar/compile/compiled_cascade.ts";
import type { HaarSettings } from "../../haar/haar_settings.ts";
import { type CascadeForm, FRONTAL_FACE, shippedCascade } from "../../haar/shipped_cascade.ts";
import { quoted } from "../../safe_address.ts";
import type { EngineConfig } from "../engine.ts";

/** The program's settings that a Haar engine reads. */
export interface CascadeSettings extends HaarSettings {
  /** The path of an OpenCV cascade file (XML), or the name of the shipped one. */
  readonly cascade: string;
}

/** What a Haar engine's thread gets: the settings, and the cascade file's bytes. */
export interface CascadeOptions extends HaarSettings {
  readonly cascade: Uint8Array;
}

/** Checks the settings and reads the cascade; of the shipped one the file in this form. */
export async function configureCascade(
  { cascade, scaleFactor, minNeighbors, minSize, maxSize }: CascadeSettings,
  form: CascadeForm,
): Promise<EngineConfig> {
  if (maxSize > 0 && maxSize < minSize) {
    throw new ConfigError(
      `--max-size ${maxSize} is smaller than --min-size ${minSize}`,
      "set --max-size 0 for no limit",
    );
  }
  const settings = { scaleFactor, minNeighbors, minSize, maxSize };
  return {
    options: { ...settings, cascade: await readCascade(cascade, form) } satisfies CascadeOptions,
    metadata: { cascade: basename(cascade), settings },
  };
}

async function readCascade(path: string, form: CascadeForm): Promise<Uint8Array> {
  if (path === FRONTAL_FACE) return shippedCascade(path, form);
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
