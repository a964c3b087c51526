/** The README and the other documents agree with the project. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { exists, filesIn, inProject, projectFile } from "../../lib/testing/files.ts";
import { flagName } from "../../lib/settings/declare.ts";
import { PROGRAMS } from "./all_programs.ts";
import { SOURCES } from "./sources.ts";

const readme = await projectFile("README.md");

Deno.test("the README names every dependency and no other", async () => {
  const { imports } = JSON.parse(await projectFile("import_map.json"));
  const table = /## Dependencies\n([^]*?)\n## /.exec(readme)![1];
  const named = Array.from(table.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name);
  assert.deepEqual(named.sort(), Object.keys(imports).sort());
});

Deno.test("every task that the README names exists", async () => {
  const { tasks } = JSON.parse(await projectFile("deno.json"));
  for (const [, name] of readme.matchAll(/deno task ([a-z:]+)/g)) assert.ok(name in tasks, name);
});

Deno.test("the README has at most 120 lines", () => {
  assert.ok(readme.split("\n").length <= 121, `${readme.split("\n").length}`);
});

Deno.test("every decision record has a status, a context, a decision and consequences", async () => {
  for await (const path of filesIn(inProject("docs/decisions"))) {
    const text = await Deno.readTextFile(path);
    for (
      const part of [
        /^# /,
        /^Status: \w+/m,
        /^## Context$/m,
        /^## Decision$/m,
        /^## Consequences$/m,
      ]
    ) {
      assert.match(text, part, path);
    }
  }
});

Deno.test("links of the documents lead to files", async () => {
  for (const { path, text } of SOURCES.filter(({ path }) => path.endsWith(".md"))) {
    for (const [, target] of text.matchAll(/\]\(((?!https?:|#|mailto:)[^)#\s]+)/g)) {
      assert.ok(exists(inProject(dirname(path), target)), `${path}: ${target}`);
    }
  }
});

Deno.test("the commands of the documents have only settings of their program", () => {
  const names = PROGRAMS.map(({ name }) => name).join("|");
  // A command ends with its line, its code span, or where the shell's words begin.
  const command = new RegExp(`(?<![\\w-])haarlem (${names})((?: +[^\\s\`|#;&>)]+)+)`, "g");
  const wrong: string[] = [];
  let count = 0;
  for (const { path, text } of SOURCES.filter(({ path }) => path.endsWith(".md"))) {
    for (const [all, name, words] of text.matchAll(command)) {
      const { settings } = PROGRAMS.find((program) => program.name === name)!;
      const flags = Object.keys(settings).map((setting) => `--${flagName(setting)}`);
      const [first, ...others] = words.trim().split(/ +/);
      const given = [first, ...others.filter((word) => word.startsWith("--"))];
      count += given.length;
      if (!given.every((word) => flags.includes(word.split("=")[0]))) wrong.push(`${path}: ${all}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 60, `${count} flags were found`);
});
