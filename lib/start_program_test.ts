/** Why a program of the system does not start. */
import assert from "node:assert/strict";
import { ConfigError } from "./errors.ts";
import { NotInstalledError, spawn, startProgram } from "./start_program.ts";
import { output } from "./testing/command.ts";
import { TempFolder } from "./testing/temp_folder.ts";
import { inFullSuite, needsRoot, skipIfAny } from "./testing/skip.ts";

const PROGRAM = { name: "no-such-program", does: "does nothing", install: "install nothing" };

Deno.test("a program that is not on PATH is reported as not installed, with the way to install it", () => {
  assert.throws(() => startProgram(PROGRAM, [], {}), (error) => {
    assert.ok(error instanceof NotInstalledError);
    assert.equal(error.message, '"no-such-program", which does nothing, is not installed');
    assert.equal(error.hint, "install nothing");
    return true;
  });
});

Deno.test(
  "a program without permission to execute is not reported as not installed",
  needsRoot(),
  async () => {
    using folder = new TempFolder();
    const disk = folder.at("disk");
    await Deno.mkdir(disk);
    const succeeds = async (program: string, ...args: string[]) => (await output(program, args)).success;
    if (!await succeeds("mount", "-t", "tmpfs", "-o", "noexec", "none", disk)) return; // A container may not mount.
    try {
      await Deno.writeTextFile(`${disk}/program`, "#!/bin/sh\n", { mode: 0o755 });
      assert.throws(() => startProgram({ ...PROGRAM, name: `${disk}/program` }, [], {}), (error) => {
        assert.ok(error instanceof ConfigError && !(error instanceof NotInstalledError), String(error));
        assert.match(error.message, /^not allowed to start ".*program": /);
        return true;
      });
    } finally {
      await succeeds("umount", disk);
    }
  },
);

/** The error of starting `program`, which `make` puts on PATH, as this user or as another one. */
async function complaintOf(make: (path: string) => void, { uid }: { uid?: number } = {}) {
  using folder = new TempFolder();
  for (const name of ["", "lib", "bin"]) await Deno.mkdir(folder.at(name), { recursive: true });
  for (const name of ["", "lib", "bin"]) await Deno.chmod(folder.at(name), 0o755);
  for (const name of ["start_program.ts", "errors.ts", "printable.ts"]) {
    await Deno.copyFile(new URL(name, import.meta.url), folder.at(`lib/${name}`));
  }
  const script = folder.write(
    "start.ts",
    `import { NotInstalledError, startProgram } from "./lib/start_program.ts";
    const program = { name: "program", does: "does nothing", install: "install nothing" };
    try {
      const child = startProgram(program, [], { stderr: "null", stdout: "null" });
      console.log(JSON.stringify({ name: "started", code: (await child.status).code }));
    } catch (error) {
      const { name, message, hint } = error as NotInstalledError;
      console.log(JSON.stringify({ name, message, hint, missing: error instanceof NotInstalledError }));
    }`,
  );
  make(folder.at("bin/program"));
  const deno = uid === undefined ? Deno.execPath() : folder.at("deno"); // Another user may not search its own folder.
  if (uid !== undefined) await Deno.copyFile(Deno.execPath(), deno);
  const args = [
    ...["run", "--no-config", "--quiet", "--no-prompt", "--no-check"],
    ...["--allow-read", "--allow-env=PATH", "--allow-run=program", script],
  ];
  const { stdout, stderr } = await new Deno.Command(deno, {
    args,
    env: { PATH: folder.at("bin"), DENO_DIR: folder.at("cache") },
    ...(uid !== undefined && { uid, gid: uid }),
  }).output();
  const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.notEqual(said, "", complaint);
  return JSON.parse(said.replaceAll(folder.at("bin"), "BIN"));
}

const script = (mode: number, text = "#!/bin/sh\n") => (path: string) => {
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, mode);
};

Deno.test(
  "a program that exists and does not start is not reported as not installed",
  inFullSuite(),
  async () => {
    const cases: [make: (path: string) => void, message: RegExp, hint: RegExp][] = [
      [
        script(0o644),
        /^not allowed to start "BIN\/program": this user may not execute it$/,
        /^run sudo chmod a\+rx "BIN\/program"$/,
      ],
      [
        Deno.mkdirSync,
        /^cannot start "BIN\/program": it is a folder/,
        /^remove the folder .*or install nothing$/,
      ],
      [
        (path) => Deno.symlinkSync("/no/such", path),
        /symbolic link points to a missing file$/,
        /^remove the link/,
      ],
      [
        (path) => Deno.symlinkSync("program", path),
        /symbolic link points to a missing file$/,
        /^remove the link/,
      ],
      [script(0o755, "#!/no/such\n"), /its interpreter or loader is missing$/, /^install nothing$/],
    ];
    for (const [make, message, hint] of cases) {
      const said = await complaintOf(make);
      assert.equal(said.name, "ConfigError");
      assert.match(said.message, message);
      assert.match(said.hint, hint);
      assert.equal(said.missing, false, said.message);
    }
    assert.equal((await complaintOf(() => {})).missing, true);
  },
);

Deno.test(
  "a program of another user is not reported as not installed",
  skipIfAny(inFullSuite(), needsRoot()),
  async () => {
    const said = await complaintOf(script(0o700), { uid: 65534 });
    assert.equal(said.message, 'not allowed to start "BIN/program": this user may not execute it');
    assert.equal(said.missing, false);
  },
);

Deno.test("a damaged program, or one for another processor, is reported as such", inFullSuite(), async () => {
  const said = await complaintOf(script(0o755, "\x7fELF\x02\x01\x01\0\0"));
  // Deno 2.9 runs it with the shell, as a shell does, and the shell ends with an error.
  if (said.name === "started") return assert.notEqual(said.code, 0);
  assert.equal(said.name, "ConfigError");
  assert.match(said.message, /^cannot start "program": it is damaged or built for another processor: /);
  assert.equal(said.hint, "install nothing");
});

Deno.test("any other reason why a program does not start is an error with a remedy", () => {
  const program = { ...PROGRAM, name: "true" };
  for (const args of [["a\0b"], ["a".repeat(3_000_000)]]) {
    assert.throws(() => startProgram(program, args, {}), (error) => {
      assert.ok(error instanceof ConfigError && !(error instanceof NotInstalledError), String(error));
      assert.match(error.message, /^cannot start "true": /);
      assert.match(error.hint!, /^run "true"/);
      return true;
    });
  }
});

Deno.test("a program is started with every variable of the loader emptied", inFullSuite(), async () => {
  using folder = new TempFolder();
  const module = new URL("./start_program.ts", import.meta.url);
  const script = folder.write(
    "start.ts",
    `import { spawn } from ${JSON.stringify(module.href)};
    const { stdout } = await spawn("env", [], { env: { OWN: "1" }, stdout: "piped" }).output();
    console.log(new TextDecoder().decode(stdout));`,
  );
  const args = ["run", "--no-config", "--quiet", "--allow-read", "--allow-run=env", script];
  const { stdout, stderr, success } = await spawn(Deno.execPath(), args, {
    env: { LD_LIBRARY_PATH: "/usr/local/cuda/lib64", LD_OTHER: "1", LD_: "1", KEPT: "2" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, complaint);
  const lines = said.split("\n");
  for (const line of ["LD_LIBRARY_PATH=", "LD_OTHER=", "LD_=", "KEPT=2", "OWN=1"]) {
    assert.ok(lines.includes(line), `${line} in:\n${said}`);
  }
});
