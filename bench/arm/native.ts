/** A Debian 12 for arm64 with OpenCV, for bench:arm. */
import { canMakeSystems, rootOf, SYSTEMS } from "../../test/systems/systems.ts";

const CONTENTS = { packages: "python3-opencv", word: "bookworm-arm64-opencv" };

/** The folder with the system, made once; undefined where this user cannot make it. */
export async function rootWithOpenCv(): Promise<string | undefined> {
  if (!canMakeSystems()) return;
  const system = SYSTEMS.find(({ suite, processor }) => suite === "bookworm" && processor === "arm64")!;
  return await rootOf(system, CONTENTS);
}
