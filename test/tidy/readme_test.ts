/** The README agrees with the project. */
import assert from "node:assert/strict";

const project = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
const readme = await project("README.md");

Deno.test("the README names every dependency and no other", async () => {
  const { imports } = JSON.parse(await project("import_map.json"));
  const table = /## Dependencies\n([^]*?)\n## /.exec(readme)![1];
  const named = Array.from(table.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name);
  assert.deepEqual(named.sort(), Object.keys(imports).sort());
});

Deno.test("every task that the README names exists", async () => {
  const { tasks } = JSON.parse(await project("deno.json"));
  for (const [, name] of readme.matchAll(/deno task ([a-z:]+)/g)) assert.ok(name in tasks, name);
});
