import assert from "node:assert/strict";
import { ConfigError } from "./errors.ts";
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
      assert.ok(error instanceof ConfigError && !(error instanceof NotInstalled), String(error));
      assert.match(error.message, /^not allowed to start ".*program": /);
      return true;
    });
  } finally {
    if (mounted) new Deno.Command("umount", { args: [folder] }).outputSync();
    await Deno.remove(folder, { recursive: true });
  }
});

/** What is wrong with a program of a name that is made in a folder on PATH by `make`, as this user or as nobody. */
async function complaintOf(make: (path: string) => void, { uid }: { uid?: number } = {}) {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  const script = await Deno.makeTempFile({ dir: folder, suffix: ".ts" });
  const deno = `${folder}/deno`; // Its own folder may be closed to nobody.
  try {
    await Deno.mkdir(`${folder}/lib`);
    for (const name of ["start_program.ts", "errors.ts", "printable.ts"]) {
      await Deno.copyFile(new URL(name, import.meta.url), `${folder}/lib/${name}`);
    }
    await Deno.writeTextFile(
      script,
      `import { NotInstalled, startProgram } from "./lib/start_program.ts";
      const program = { name: "program", does: "does nothing", install: "install nothing" };
      try {
        const child = startProgram(program, [], { stderr: "null", stdout: "null" });
        console.log(JSON.stringify({ name: "started", code: (await child.status).code }));
      } catch (error) {
        const { name, message, hint } = error as NotInstalled;
        console.log(JSON.stringify({ name, message, hint, missing: error instanceof NotInstalled }));
      }`,
    );
    await Deno.chmod(script, 0o644);
    await Deno.mkdir(`${folder}/bin`);
    make(`${folder}/bin/program`);
    if (uid !== undefined) await Deno.copyFile(Deno.execPath(), deno);
    const { stdout, stderr } = await new Deno.Command(uid === undefined ? Deno.execPath() : deno, {
      args: [
        ...["run", "--no-config", "--quiet", "--no-prompt", "--no-check"],
        ...["--allow-read", "--allow-env=PATH", "--allow-run=program", script],
      ],
      env: { PATH: `${folder}/bin`, DENO_DIR: `${folder}/cache` },
      ...(uid !== undefined && { uid, gid: uid }),
    }).output();
    const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.notEqual(said, "", complaint);
    return JSON.parse(said.replaceAll(`${folder}/bin`, "BIN"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const script = (mode: number, text = "#!/bin/sh\n") => (path: string) => {
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, mode);
};

Deno.test("a program that is there and does not start is told from one that is not installed", async () => {
  const cases: [make: (path: string) => void, message: RegExp, hint: RegExp][] = [
    [
      script(0o644),
      /^not allowed to start "BIN\/program": this user may not execute it$/,
      /^run sudo chmod a\+rx "BIN\/program"$/,
    ],
    [
      Deno.mkdirSync,
      /^cannot start "BIN\/program", which is a folder/,
      /^remove the folder .*or install nothing$/,
    ],
    [(path) => Deno.symlinkSync("/no/such", path), /a symbolic link to nothing$/, /^remove the link/],
    [(path) => Deno.symlinkSync("program", path), /a symbolic link to nothing$/, /^remove the link/],
    [script(0o755, "#!/no/such\n"), /interpreter or loader that it names is missing$/, /^install nothing$/],
  ];
  for (const [make, message, hint] of cases) {
    const said = await complaintOf(make);
    assert.equal(said.name, "ConfigError");
    assert.match(said.message, message);
    assert.match(said.hint, hint);
    assert.equal(said.missing, false, said.message);
  }
  assert.equal((await complaintOf(() => {})).missing, true);
});

Deno.test("a program of another user is told from one that is not installed", {
  ignore: Deno.uid() !== 0,
}, async () => {
  const said = await complaintOf(script(0o700), { uid: 65534 });
  assert.equal(said.message, 'not allowed to start "BIN/program": this user may not execute it');
  assert.equal(said.missing, false);
});

Deno.test("a program of another processor, or a damaged one, is an error that says so", async () => {
  const said = await complaintOf(script(0o755, "\x7fELF\x02\x01\x01\0\0"));
  // Deno 2.9 gives it to the shell, as a shell does, and the shell ends with an error.
  if (said.name === "started") return assert.notEqual(said.code, 0);
  assert.equal(said.name, "ConfigError");
  assert.match(said.message, /^cannot start "program", which is damaged or made for another processor: /);
  assert.equal(said.hint, "install nothing");
});

Deno.test("whatever else keeps a program from starting is an error with a remedy", () => {
  const program = { ...PROGRAM, name: "true" };
  for (const args of [["a\0b"], ["a".repeat(3_000_000)]]) {
    assert.throws(() => startProgram(program, args, {}), (error) => {
      assert.ok(error instanceof ConfigError && !(error instanceof NotInstalled), String(error));
      assert.match(error.message, /^cannot start "true": /);
      assert.match(error.hint!, /^run "true"/);
      return true;
    });
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
  } finally {
    await Deno.remove(file);
  }
});
