/** The cascades that are shipped: OpenCV's files, and the same compiled for the kernel (deploy/build_kernel.ts). */
import { asset, readAsset } from "../assets.ts";

/** OpenCV's file names. */
export const FRONTAL_FACE = "haarcascade_frontalface_default.xml";
export const EYE = "haarcascade_eye.xml";
export const SHIPPED_CASCADES = [FRONTAL_FACE, EYE] as const;
export type ShippedCascade = typeof SHIPPED_CASCADES[number];

const FOLDER = "lib/haar/cascades";

/** `compiled`: loads faster, and only the kernel reads it. `xml`: OpenCV's file. */
export type CascadeForm = "compiled" | "xml";

/** The bytes of a cascade. Throws a ConfigError if its file cannot be read. */
export function shippedCascade(name: ShippedCascade, form: CascadeForm): Uint8Array<ArrayBuffer> {
  return readAsset(`${FOLDER}/${form === "compiled" ? compiledName(name) : name}`);
}

/** The path of a cascade. */
export function cascadeFile(name: string): URL {
  return asset(`${FOLDER}/${name}`);
}

/** The file name of a compiled cascade. */
export function compiledName(name: ShippedCascade): string {
  return name.replace(/\.xml$/, ".compiled");
}
