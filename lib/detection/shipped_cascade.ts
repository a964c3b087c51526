/** The cascades that come with the programs: OpenCV's files, and what our kernel makes of them (deploy/build_kernel.ts). */
import { asset } from "../asset/asset.ts";
import { messageOf, UsageError } from "../errors.ts";
import type { Engine } from "./face_detector.ts";

/** Their names, which are OpenCV's. */
export const SHIPPED_CASCADES = ["haarcascade_frontalface_default.xml", "haarcascade_eye.xml"] as const;
export type ShippedCascade = typeof SHIPPED_CASCADES[number];

/** The file that an engine is soonest ready with. Throws a UsageError when it has gone missing. */
export async function shippedCascade(name: ShippedCascade, engine: Engine): Promise<Uint8Array<ArrayBuffer>> {
  const file = engine === "haarlem" ? compiledName(name) : name;
  try {
    return await Deno.readFile(cascadeFile(file));
  } catch (error) {
    throw new UsageError(
      `cannot read "${file}", which comes with Haarlem: ${messageOf(error)}`,
      "install it anew",
    );
  }
}

/** Where a cascade is. */
export function cascadeFile(name: string): URL {
  return asset(`lib/detection/cascades/${name}`);
}

/** What the compiled one is called. */
export function compiledName(name: ShippedCascade): string {
  return name.replace(/\.xml$/, ".compiled");
}
