/**
 * The starter's first download, with a stand-in for npm: it puts a program in place of Deno that prints Deno's version.
 * The real downloads are in test/tutorials.
 */
import assert from "node:assert/strict";
import { output } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { inFullSuite, skipIfAny } from "../../lib/testing/skip.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { needsTerminal, PseudoTerminal } from "../servers/pseudo_terminal.ts";

/** `npm install --prefix FOLDER …`; the starter takes a file of the size of Deno only. */
const NPM = `#!/bin/sh
while [ "$1" != --prefix ]; do shift; done
printf '#!/bin/sh\\n[ "$1" = --version ] && echo "deno 2.9.6" || echo "started $1 $2"\\nexit\\n' >"$2/deno"
truncate -s 30M "$2/deno"
`;

/** A machine without Deno, whose npm is the stand-in. */
function machine(folder: TempFolder): Record<string, string> {
  folder.write("npm", NPM, 0o755);
  folder.write("node", "#!/bin/sh\n", 0o755);
  return { PATH: `${folder.path}:/usr/bin:/bin`, HAARLEM_CACHE: folder.at("cache"), HOME: folder.path };
}

const STARTER = inProject("haarlem");

Deno.test("the first start says its two steps, and the second start none", inFullSuite(), async () => {
  using folder = new TempFolder();
  const env = machine(folder);
  const first = await output(STARTER, ["logger"], { clearEnv: true, env });
  assert.equal(
    first.stderr,
    "haarlem: [1/2] fetch Deno 2.9.6 with npm, once (about 45 MB)\nhaarlem: [2/2] fetch the packages of logger\n",
  );
  assert.equal(first.stdout, "started run --quiet\n");
  const second = await output(STARTER, ["logger"], { clearEnv: true, env });
  assert.deepEqual([second.stderr, second.stdout], ["", "started run --quiet\n"]);
});

Deno.test("--help of a task prints the help, and neither fetches nor installs anything", async () => {
  using folder = new TempFolder();
  const env = machine(folder);
  for (
    const args of [["test", "--help"], ["setup", "-h"], ["test:web", "--help"], ["ok", "--help"]]
  ) {
    const { stdout, stderr } = await output(STARTER, args, { clearEnv: true, env });
    assert.match(stdout, /^Usage: \.\/haarlem PROGRAM/);
    assert.equal(stderr, "");
  }
});

Deno.test("an unknown task is a mistake that names the tasks of its group, before anything is fetched", async () => {
  using folder = new TempFolder();
  const env = machine(folder);
  for (
    const [task, known] of [["bench:kernle", "bench:kernel"], ["bench:ker*", "bench:arm"], [
      "test:wbe",
      "test:web",
    ]]
  ) {
    const { code, stdout, stderr } = await output(STARTER, [task], { clearEnv: true, env });
    assert.deepEqual([code, stdout], [78, ""]);
    const [what, hint, ...more] = stderr.trimEnd().split("\n");
    assert.ok(
      what.startsWith(`haarlem: cannot start "${task}": should be one of ${known.split(":")[0]}:`),
      what,
    );
    assert.ok(what.split(" ").includes(known), what);
    assert.deepEqual([hint, more], ["Try: run ./haarlem --help", []]);
  }
  const { stdout } = await output(STARTER, ["bench:kernel"], { clearEnv: true, env });
  assert.equal(stdout, "started task bench:kernel\n");
});

Deno.test(
  "on a terminal each step of the first start counts its seconds",
  skipIfAny(inFullSuite(), needsTerminal()),
  async () => {
    using folder = new TempFolder();
    await using terminal = new PseudoTerminal(`${STARTER} logger`, { env: machine(folder) });
    assert.equal(await terminal.ended(), 0, terminal.written);
    const lines = await terminal.shown();
    assert.match(lines[0], /^haarlem: \[1\/2\] fetch Deno 2\.9\.6 with npm, once \(about 45 MB\) · \d+ s$/);
    assert.match(lines[1], /^haarlem: \[2\/2\] fetch the packages of logger · \d+ s$/);
    assert.equal(lines[2], "started run --quiet");
  },
);

// A shell that has a trap for a signal loses one that comes before its child has dropped the trap.
Deno.test("a step that ends at once ends its counter of seconds", needsTerminal(), async () => {
  using folder = new TempFolder();
  folder.write(
    "steps",
    `#!/bin/sh
eval "$(sed -n '/^say() /p; /^step() {/,/^}/p; /^step_ends() {/,/^}/p' '${STARTER}')"
trap 'exit 143' TERM
for number in $(seq 500); do step "$number" && step_ends || exit 1; done
`,
    0o755,
  );
  await using terminal = new PseudoTerminal(folder.at("steps"));
  await terminal.wrote(/haarlem: 500/);
  assert.equal(await terminal.ended(), 0);
});
