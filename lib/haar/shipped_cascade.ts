/** The cascades that come with the programs: OpenCV's files, and what our kernel makes of them (deploy/build_kernel.ts). */
import { asset, readAsset } from "../assets.ts";

/** Their names, which are OpenCV's. */
export const FRONTAL_FACE = "haarcascade_frontalface_default.xml";
export const EYE = "haarcascade_eye.xml";
export const SHIPPED_CASCADES = [FRONTAL_FACE, EYE] as const;
export type ShippedCascade = typeof SHIPPED_CASCADES[number];

const FOLDER = "lib/haar/cascades";

/** Compiled cascades load faster, and only our kernel reads them; `xml` is OpenCV's file. */
export type CascadeForm = "compiled" | "xml";

/** The bytes of a cascade. Throws a ConfigError when its file cannot be read. */
export function shippedCascade(name: ShippedCascade, form: CascadeForm): Uint8Array<ArrayBuffer> {
  return readAsset(`${FOLDER}/${form === "compiled" ? compiledName(name) : name}`);
}

/** Where a cascade is. */
export function cascadeFile(name: string): URL {
  return asset(`${FOLDER}/${name}`);
}

/** What the compiled one is called. */
export function compiledName(name: ShippedCascade): string {
  return name.replace(/\.xml$/, ".compiled");
}
