/** Installs the part that is made of npm packages into a folder of the cache, with this Deno. */
import { join } from "node:path";
import { findParts, NODE_RED_PACKAGES, nodeRedPath } from "../parts.ts";
import { moveIntoCache, succeedsOrTells, tell } from "./tools.ts";

/** Node-RED without its editor. Install scripts are not run: none of its nodes that the tests use needs one. */
export async function bringNodeRed(scratch: string): Promise<void> {
  tell(`install ${Object.keys(NODE_RED_PACKAGES).join(", ")} with deno (80 MB)`);
  const folder = join(scratch, "node-red");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: NODE_RED_PACKAGES }),
  );
  const words = ["install", "--quiet", "--node-modules-dir=auto", "--no-lock"];
  const isInstalled = await succeedsOrTells([Deno.execPath(), ...words], {}, folder);
  if (isInstalled && !findParts().nodeRed) await moveIntoCache(folder, nodeRedPath());
}
