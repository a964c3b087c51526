/** `--help` and `--version` of a real program. */
import assert from "node:assert/strict";
import { sourceCommand } from "../demo/child.ts";
import { output } from "../testing/command.ts";
import { inFullSuite } from "../testing/skip.ts";

/** How the logger ends with these arguments. */
async function logger(...args: string[]) {
  const [deno, ...run] = sourceCommand("logger");
  const { code, stdout, stderr } = await output(deno, [...run, ...args]);
  return { code, stdout, stderr };
}

Deno.test(
  "--help prints the basics, --help all every setting, whatever else is wrong",
  inFullSuite(),
  async () => {
    for (const args of [["--help"], ["-h"], ["--no-such-setting", "--help"]]) {
      const { code, stdout } = await logger(...args);
      assert.equal(code, 0);
      assert.match(stdout, /--broker URL/);
      assert.match(stdout, /logger --help all/);
      assert.doesNotMatch(stdout, /--tls-cert/);
    }
    for (const args of [["--help", "all"], ["--help=all"]]) {
      const { code, stdout } = await logger(...args);
      assert.equal(code, 0);
      assert.match(stdout, /--tls-cert/);
      assert.match(stdout, /--probe/);
    }
  },
);

Deno.test("any other value of --help is refused with a hint", inFullSuite(), async () => {
  for (const args of [["--help", "broker"], ["--help=broker"]]) {
    assert.deepEqual(await logger(...args), {
      code: 78,
      stdout: "",
      stderr: 'logger: --help is "broker": should have no value, or be all\n' +
        "Try: run ./haarlem logger --help  or  run ./haarlem logger --help all\n",
    });
  }
});

Deno.test("--version prints one line", inFullSuite(), async () => {
  const { code, stdout } = await logger("--version");
  assert.equal(code, 0);
  assert.match(stdout, /^haarlem logger \d+\.\d+\.\d+\S* \(.+\)\n$/);
});
