import assert from "node:assert/strict";
import { UsageError } from "./errors.ts";
import { NotInstalled, spawn, startProgram } from "./start_program.ts";

const PROGRAM = { name: "no-such-program", does: "does nothing", install: "install nothing" };

Deno.test("a program that is not on PATH is not installed, and the error says how it gets there", () => {
  assert.throws(() => startProgram(PROGRAM, [], {}), (error) => {
    assert.ok(error instanceof NotInstalled);
    assert.equal(error.message, '"no-such-program", which does nothing, is not installed');
    assert.equal(error.hint, "install nothing");
    return true;
  });
});

Deno.test("a program that may not be executed is told from one that is not installed", {
  ignore: Deno.uid() !== 0,
}, async () => {
  const folder = await Deno.makeTempDir();
  const mount = (...args: string[]) => new Deno.Command("mount", { args }).outputSync().success;
  const mounted = mount("-t", "tmpfs", "-o", "noexec", "none", folder);
  try {
    if (!mounted) return; // A container may not mount.
    await Deno.writeTextFile(`${folder}/program`, "#!/bin/sh\n", { mode: 0o755 });
    assert.throws(() => startProgram({ ...PROGRAM, name: `${folder}/program` }, [], {}), (error) => {
      assert.ok(error instanceof UsageError && !(error instanceof NotInstalled), String(error));
      assert.match(error.message, /^not allowed to start ".*program": /);
      return true;
    });
  } finally {
    if (mounted) new Deno.Command("umount", { args: [folder] }).outputSync();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a program is started without the loader's variables, whatever they are called", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const module = new URL("./start_program.ts", import.meta.url);
    await Deno.writeTextFile(
      file,
      `import { spawn } from ${JSON.stringify(module.href)};
      const { stdout } = await spawn("env", [], { env: { OWN: "1" }, stdout: "piped" }).output();
      console.log(new TextDecoder().decode(stdout));`,
    );
    const { stdout, stderr, success } = await spawn(Deno.execPath(), [
      "run",
      "--no-config",
      "--quiet",
      "--allow-read",
      "--allow-run=env",
      file,
    ], {
      env: { LD_LIBRARY_PATH: "/usr/local/cuda/lib64", LD_OTHER: "1", KEPT: "2" },
      stdout: "piped",
      stderr: "piped",
    }).output();
    const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success, complaint);
    const lines = said.split("\n");
    for (const line of ["LD_LIBRARY_PATH=", "LD_OTHER=", "KEPT=2", "OWN=1"]) {
      assert.ok(lines.includes(line), `${line} in:\n${said}`);
    }
  } finally {
    await Deno.remove(file);
  }
});
