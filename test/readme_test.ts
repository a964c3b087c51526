import assert from "node:assert/strict";
import { flagName } from "../lib/settings/declare.ts";
import { KNOWN_NAMES } from "../lib/settings/setting_names.ts";
import { demo } from "../workers/demo.ts";
import { PROGRAMS, README, withSettings } from "./readme.ts";

const readme = await Deno.readTextFile(README);

Deno.test("the README's settings are those of the programs (deno task docs writes them)", () => {
  assert.equal(readme, withSettings(readme));
});

Deno.test("the README names every dependency and no other", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../import_map.json", import.meta.url)));
  const table = /## Dependencies\n([^]*?)\n## /.exec(readme)![1];
  const named = Array.from(table.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name);
  assert.deepEqual(named.sort(), Object.keys(imports).sort());
});

Deno.test("every task that the README speaks of exists", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  for (const [, name] of readme.matchAll(/deno task ([a-z:]+)/g)) assert.ok(name in tasks, name);
});

Deno.test("a settings file knows every setting of every program", () => {
  const names = [...PROGRAMS, demo].flatMap(({ settings }) => Object.keys(settings).map(flagName));
  assert.deepEqual([...KNOWN_NAMES].sort(), [...new Set(names)].sort());
});
