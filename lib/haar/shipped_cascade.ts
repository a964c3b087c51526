/** The cascades that come with the programs: OpenCV's files, and what our kernel makes of them (deploy/build_kernel.ts). */
import { asset, readAsset } from "../assets.ts";
import type { Engine } from "../detection/engine.ts";

/** Their names, which are OpenCV's. */
export const SHIPPED_CASCADES = ["haarcascade_frontalface_default.xml", "haarcascade_eye.xml"] as const;
export type ShippedCascade = typeof SHIPPED_CASCADES[number];

const FOLDER = "lib/haar/cascades";

/** The file that an engine is soonest ready with. Throws a ConfigError when it cannot be read. */
export function shippedCascade(name: ShippedCascade, engine: Engine): Uint8Array<ArrayBuffer> {
  return readAsset(`${FOLDER}/${engine === "haarlem" ? compiledName(name) : name}`);
}

/** Where a cascade is. */
export function cascadeFile(name: string): URL {
  return asset(`${FOLDER}/${name}`);
}

/** What the compiled one is called. */
export function compiledName(name: ShippedCascade): string {
  return name.replace(/\.xml$/, ".compiled");
}
