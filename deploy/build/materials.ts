/**
 * The bill of materials of an executable, as a CycloneDX 1.6 document (ECMA-424): Haarlem, the Deno runtime and every
 * package that the program imports directly or indirectly. Checksums come from deno.lock, licences from the packages.
 */
import { join } from "node:path";
import type { Recipe, Target } from "./recipes.ts";
import type { BuildOptions } from "./executable.ts";
import type { UsedPackage } from "./packages.ts";
import type { Runtime } from "./runtime.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** The document, as text. The same commit gives the same text: it contains no time and no random number. */
export async function billOfMaterials(
  recipe: Recipe,
  packages: readonly UsedPackage[],
  target: Target,
  runtime: Runtime,
  { version, commit }: BuildOptions,
): Promise<string> {
  const { npm } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const components = await Promise.all(packages.map(async ({ id, name, version, localPath }) => ({
    type: "library",
    "bom-ref": `pkg:npm/${name.replace("@", "%40")}@${version}`,
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    ...await licenceOf(localPath),
    ...hashesOf(npm[id]?.integrity),
  })));
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": recipe.name,
        name: recipe.name,
        version,
        licenses: [{ license: { id: "MIT" } }],
        properties: [{ name: "haarlem:commit", value: commit }, { name: "haarlem:target", value: target }],
      },
    },
    components: [...platform(runtime), ...components],
  };
  return JSON.stringify(document, null, 2) + "\n";
}

/** The runtime in the executable. Its version can differ from the Deno that runs the build. */
function platform({ deno, v8 }: Runtime) {
  const parts = [{ name: "deno", version: deno, licence: "MIT" }];
  if (v8) parts.push({ name: "v8", version: v8, licence: "BSD-3-Clause" });
  return parts.map(({ name, version, licence }) => ({
    type: "platform",
    "bom-ref": `${name}@${version}`,
    name,
    version,
    licenses: [{ license: { id: licence } }],
  }));
}

async function licenceOf(localPath: string) {
  try {
    const { license } = JSON.parse(await Deno.readTextFile(join(localPath, "package.json")));
    return typeof license === "string" ? { licenses: [{ expression: license }] } : {};
  } catch {
    return {}; // The package names no licence.
  }
}

/** From the lock's `sha512-BASE64` to CycloneDX. */
function hashesOf(integrity: string | undefined) {
  const base64 = /^sha512-(.+)$/.exec(integrity ?? "")?.[1];
  if (!base64) return {};
  return { hashes: [{ alg: "SHA-512", content: Uint8Array.fromBase64(base64).toHex() }] };
}
