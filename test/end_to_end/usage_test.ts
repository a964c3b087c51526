/** `deno task NAME --help` prints the usage of every task that runs a script, and does nothing else. */
import assert from "node:assert/strict";
import { output } from "../../lib/testing/command.ts";
import { inProject, projectFile } from "../../lib/testing/files.ts";

const { tasks }: { tasks: Record<string, string> } = JSON.parse(await projectFile("deno.json"));
/** Tasks of several commands are none of these: the first command does not get the flag. */
const SCRIPTS = Object.entries(tasks).filter(([, command]) => /^deno run -A [^&]+$/.test(command));

Deno.test("--help of each task that runs a script prints its usage with exit code 0", async () => {
  assert.ok(SCRIPTS.length > 15, String(SCRIPTS.length));
  for (const [name, command] of SCRIPTS) {
    const [, ...args] = command.split(" ");
    const { code, stdout, stderr } = await output(Deno.execPath(), [...args, "--help"], {
      cwd: inProject(),
      env: { NO_COLOR: "1" },
    });
    assert.equal(code, 0, `${name}: ${stderr}`);
    assert.match(stdout, /^Usage: (deno task|\.\/haarlem) \S+/, name);
  }
});
