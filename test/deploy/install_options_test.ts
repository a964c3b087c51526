/** The options of deploy/install that are checked before it connects to the board. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { unusedSettings } from "../../lib/detection/engines.ts";
import { flagName } from "../../lib/settings/declare.ts";
import { output } from "../../lib/testing/command.ts";
import { projectFile, ROOT } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";

/** Runs deploy/install for a board that does not exist. */
async function install(...args: string[]) {
  using folder = new TempFolder();
  const ssh = folder.write("ssh_config", "Host *\n  ProxyCommand false\n");
  const program = join(ROOT, "deploy/install");
  const { code, stdout, stderr } = await output(program, ["board.example", "--ssh-config", ssh, ...args]);
  return { code, said: stdout + stderr };
}

Deno.test("a password on the command line is refused, and not shown", async () => {
  const url = (scheme: string) => `${scheme}://viewer:open-sesame@host.example/`;
  const cases: [string[], RegExp][] = [
    [["--cloud", url("mqtts")], /^Try: write forwarder\.cloud=URL to a file/m],
    [[`--cloud=${url("mqtts")}`], /^Try: write forwarder\.cloud=URL to a file/m],
    [
      ["--camera", `front=${url("rtsp")}`],
      /^Try: write front\.source=URL .* --camera front --settings FILE/m,
    ],
    [["--camera", url("rtsp")], /contains a password/],
    [["--set", `front.source=${url("rtsp")}`], /^Try: write front\.source=VALUE to a file/m],
    [["--set", `notifier.webhook=${url("https")}`], /^Try: write notifier\.webhook=VALUE/m],
    [["--set", "gallery.token=open-sesame"], /^Try: write gallery\.token=VALUE/m],
    [["--set", "notifier.ntfy-token=open-sesame"], /^Try: write notifier\.ntfy-token=VALUE/m],
    [["--set", "webhook-secret=open-sesame"], /^Try: write webhook-secret=VALUE/m],
  ];
  for (const [args, hint] of cases) {
    const { code, said } = await install(...args);
    assert.equal(code, 78, `${args}: ${said}`);
    assert.match(said, hint);
    assert.doesNotMatch(said, /open-sesame/);
  }
});

Deno.test("the source of a camera may come from --settings", async () => {
  using folder = new TempFolder();
  const settings = folder.write("board.settings", "front.source=rtsp://viewer:open-sesame@host.example/\n");
  const without = await install("--camera", "front");
  assert.equal(without.code, 78);
  assert.match(without.said, /^install: the camera "front" has no source\nTry: give --camera front=/m);
  const given = await install("--camera", "front", "--settings", settings, "--dist", folder.path);
  // The options are right, and the board cannot be reached.
  assert.notEqual(given.code, 78, given.said);
  assert.doesNotMatch(given.said, /open-sesame/);
});

Deno.test("an @ behind the host, and a user without a password, are no password", async () => {
  for (
    const source of ["rtsp://camera.example/@live:1", "rtsp://viewer@camera.example/live", "/dev/video0"]
  ) {
    const { code, said } = await install("--camera", `front=${source}`);
    assert.notEqual(code, 78, said);
  }
});

Deno.test("the remedy for a missing executable is the README's command, which needs no Deno", async () => {
  const [, command] = /"run (\S+ build [^"]+)"/.exec(await projectFile("deploy/install"))!;
  const readme = (await projectFile("README.md")).split("\n");
  assert.ok(readme.includes(command.replace("$machine", "aarch64")), command);
});

Deno.test("--home leaves the engine to each setting that yunet refuses", async () => {
  const [, named] = /^ *mentions engine (.*) \|\|/m.exec(await projectFile("deploy/install.d/settings.sh"))!;
  const refused = unusedSettings("yunet").map(flagName);
  assert.deepEqual(named.split(" ").sort(), refused.sort());
});
