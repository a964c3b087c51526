/** The licences of everything that the executables contain: texts in deploy/build/licences and in deploy/deb/copyright. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { licences } from "../../deploy/build/licences.ts";
import { packagesOf, type UsedPackage } from "../../deploy/build/packages.ts";
import { type Recipe, RECIPES } from "../../deploy/build/recipes.ts";
import { exists, inProject, projectFile } from "../../lib/testing/files.ts";

/** The executable that contains all programs. */
const ALL: Recipe = RECIPES.find(({ name }) => name === "haarlem")!;
const packages: readonly UsedPackage[] = await packagesOf(ALL);

/** The names in Debian's format for licences whose SPDX names differ. */
const DEBIAN_NAMES: Readonly<Record<string, string>> = { "MIT": "Expat", "BSD-3-Clause": "BSD-3-clause" };

/** The licences of the stanza for these files in deploy/deb/copyright. */
function licencesOf(files: string, copyright: string): string[] {
  const stanza = copyright.split("\n\n").find((one) => one.startsWith(`Files: ${files}\n`));
  return /^License: (.+)$/m.exec(stanza ?? "")?.[1].split(/ (?:or|and) /) ?? [];
}

Deno.test("deploy/deb/copyright names the licence of every npm package in the executable", async () => {
  const named = licencesOf("node_modules/*", await projectFile("deploy/deb/copyright"));
  assert.ok(packages.length > 20);
  const used = await Promise.all(packages.map(async ({ localPath }) => {
    const { license } = JSON.parse(await Deno.readTextFile(join(localPath, "package.json")));
    return DEBIAN_NAMES[license] ?? license;
  }));
  assert.deepEqual([...new Set(used)].sort(), named.sort());
});

Deno.test("the licence text of the executable covers every npm package and every third-party asset", async () => {
  const runtime = { machine: "x86_64", deno: "2.9.6", v8: undefined, crates: [] };
  const options = { version: "1.2.3", commit: "abc", epoch: 0, compiler: "deno", runtimes: undefined };
  const text = await licences(ALL, packages, runtime, options);
  const names = packages.map(({ name, version }) => `${name} ${version}`);
  for (const name of [...names, "the cascades of OpenCV", "the sample pictures", "the weights of YuNet"]) {
    assert.ok(text.includes(`\n${name}\n`), name);
  }
});

Deno.test("deploy/deb/copyright has a stanza for every asset with another licence than the project", async () => {
  const copyright = await projectFile("deploy/deb/copyright");
  for (const asset of ALL.assets) {
    const folder = asset.endsWith("/LICENSE") ? asset.slice(0, -"/LICENSE".length) : asset;
    if (!exists(inProject(`${folder}/LICENSE`))) continue;
    assert.match(copyright, new RegExp(`^Files: ${folder}/`, "m"), folder);
  }
  assert.deepEqual(licencesOf("lib/haar/haar.wasm.bin lib/yunet/yunet.wasm.bin", copyright), [
    "Expat",
    "Apache-2.0",
  ]);
});
