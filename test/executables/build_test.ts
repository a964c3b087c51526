/** `deno task build` with mistakes or missing parts, and the files in dist/. Nothing is compiled here. */
import assert from "node:assert/strict";
import { output } from "../../lib/testing/command.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { skipUnless } from "../../lib/testing/skip.ts";
import { join } from "node:path";
import { namesByContent } from "../../deploy/build/chunk_names.ts";
import { TARGETS } from "../../deploy/build/recipes.ts";
import { prepare, publish } from "../../deploy/build/target_folder.ts";
import { inOneLine, remedyOf } from "../../deploy/build/run.ts";
import { readRuntime } from "../../deploy/build/runtime.ts";
import { findProgram } from "../parts.ts";
import { denoDir, otherDenoDir } from "./deno_dir.ts";

const [X86, ARM] = TARGETS;
const VERSION = { HAARLEM_BUILD_VERSION: "1.2.3", HAARLEM_COMMIT: "0123456789ab" };

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Runs the build of one small executable, with `{}` in arguments and variables for the folder. */
async function build(folder: string, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const filled = (text: string) => text.replaceAll("{}", folder);
  const command = ["run", "-A", join(ROOT, "deploy/build.ts"), "--only=haarlem-logger", `--target=${ARM}`]
    .concat("--out={}/out", args).map(filled);
  const { code, stderr } = await output(Deno.execPath(), command, {
    clearEnv: true,
    env: {
      ...Deno.env.toObject(),
      ...VERSION,
      HAARLEM_COMPILE_DENO: Deno.execPath(),
      DENORT_BIN: "",
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)])),
    },
  });
  return { code, lines: stderr.trim().split("\n") };
}

/** A file with the marks of a runtime. */
function runtime(
  { machine = 0xb7, deno = Deno.version.deno, inside = "cli/rt/run.rs" } = {},
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(64);
  head.set(new TextEncoder().encode("\x7fELF"));
  head[18] = machine;
  const said = `Deno/0.80.0 ${inside} Deno/${deno}+8871ade 14.5.201.2-rusty ` +
    "/home/admin/.cargo/registry/src/index.crates.io-1949/aes-kw-0.2.1/src/lib.rs";
  return new Uint8Array([...head, ...new TextEncoder().encode(said)]);
}

/** A folder with false runtimes, false compilers, and programs for PATH. */
async function makeFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "build-" });
  await Deno.mkdir(join(folder, "empty"));
  await Deno.mkdir(join(folder, "bin"));
  await Deno.writeFile(join(folder, "right"), runtime());
  await Deno.writeFile(join(folder, "for-x86"), runtime({ machine: 0x3e }));
  await Deno.writeFile(join(folder, "older"), runtime({ deno: "1.2.3" }));
  await Deno.writeFile(join(folder, "whole-deno"), runtime({ inside: "cli/lsp/mod.rs" }));
  await Deno.writeFile(join(folder, "other"), runtime({ deno: "none" }));
  await Deno.writeTextFile(join(folder, "text"), "no program\n");
  await Deno.writeTextFile(join(folder, "deno-2.5"), "#!/bin/sh\necho deno 2.5.1\n", { mode: 0o755 });
  for (const name of ["sh", "sed", "tr", "dirname"]) {
    await Deno.symlink(findProgram(name) ?? `/bin/${name}`, join(folder, "bin", name));
  }
  return folder;
}

/** Arguments, variables, the pattern of the message, and that of the hint. */
const MISTAKES: [string, string[], Record<string, string>, RegExp, RegExp][] = [
  ["an unknown flag", ["--fast"], {}, /--fast/, /deno task build/],
  ["a word too many", ["now"], {}, /now/, /deno task build/],
  ["a flag without its value", ["--target"], {}, /--target/, /deno task build/],
  ["an empty folder's name", ["--out="], {}, /--out/, /deno task build/],
  ["an unknown target", ["--target=mips"], {}, /"mips"/, /deno task build/],
  ["an unknown executable", ["--only=nothing"], {}, /"nothing"/, /deno task build/],
  ["no such DENORT_BIN", [], { DENORT_BIN: "{}/nowhere" }, /"{}\/nowhere"/, /denort-aarch64/],
  ["a DENORT_BIN without the target", [], { DENORT_BIN: "{}/empty" }, new RegExp(ARM), /denort-aarch64/],
  ["a DENORT_BIN for x86", [], { DENORT_BIN: "{}/for-x86" }, /x86_64/, /HAARLEM_COMPILE_DENO and DENORT_BIN/],
  ["a DENORT_BIN of another version", [], { DENORT_BIN: "{}/older" }, /1\.2\.3/, /same version/],
  ["a whole Deno as DENORT_BIN", [], { DENORT_BIN: "{}/whole-deno" }, /full Deno/, /same version/],
  ["a DENORT_BIN of something else", [], { DENORT_BIN: "{}/other" }, /not a runtime of Deno/, /same version/],
  ["a DENORT_BIN that is a text", [], { DENORT_BIN: "{}/text" }, /not a program/, /same version/],
  ["no such compiler", [], { HAARLEM_COMPILE_DENO: "{}/nowhere" }, /"{}\/nowhere"/, /path of a Deno/],
  ["a compiler that is none", [], { HAARLEM_COMPILE_DENO: "echo" }, /not a Deno/, /path of a Deno/],
  [
    "a compiler that is too old",
    [],
    { HAARLEM_COMPILE_DENO: "{}/deno-2.5" },
    /2\.5\.1.*2\.6/,
    /path of a Deno/,
  ],
  ["an output folder that is a file", ["--out={}/text"], {}, /"{}\/text"/, /--out/],
  ["an output folder nobody can write", ["--out=/proc/haarlem"], {}, /"\/proc\/haarlem"/, /--out/],
  ["no folder for temporary files", [], { TMPDIR: "{}/nowhere" }, /"{}\/nowhere"/, /TMPDIR/],
  ["no xz", ["--only=haarlem"], { PATH: "{}/bin" }, /"xz"/, /xz-utils.*--no-xz/],
];

Deno.test("a build that cannot begin prints one line with the reason and one with a hint", async () => {
  const folder = await makeFolder();
  try {
    for (const [name, args, env, message, hint] of MISTAKES) {
      const given = { DENORT_BIN: "{}/right", ...env };
      const { code, lines } = await build(folder, args, given);
      const text = lines.join("\n").replaceAll(folder, "{}");
      const [said, tried, ...rest] = text.split("\n");
      assert.deepEqual([code, rest], [78, []], `${name}: ${text}`);
      assert.match(
        said,
        new RegExp(`^build: .*${message.source.replaceAll("{}", "\\{\\}")}`),
        `${name}: ${text}`,
      );
      assert.match(tried, new RegExp(`^Try: .*${hint.source}`), `${name}: ${text}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a build that cannot read the commit is an error", async () => {
  const folder = await makeFolder();
  try {
    const env = { HAARLEM_BUILD_VERSION: "", DENORT_BIN: "{}/right", PATH: "{}/bin", TMPDIR: "{}/nowhere" };
    const { code, lines } = await build(folder, [], env);
    const isArchive = !await Deno.stat(join(ROOT, ".git")).catch(() => undefined);
    assert.deepEqual([code, lines.length], isArchive ? [78, 2] : [1, 4], lines.join("\n"));
    if (!isArchive) {
      assert.match(lines[0], /^build: .*cannot read the commit: git is not installed/);
      assert.match(lines[1], /^Try: install git, or set HAARLEM_BUILD_VERSION/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("all mistakes of a build are reported together, before any work", async () => {
  const folder = await makeFolder();
  try {
    const env = { HAARLEM_COMPILE_DENO: "{}/nowhere", DENORT_BIN: "{}/text", TMPDIR: "{}/nowhere" };
    const { code, lines } = await build(folder, ["--out=/proc/haarlem"], env);
    assert.equal(code, 78);
    assert.equal(lines.filter((line) => line.startsWith("build: ")).length, 4, lines.join("\n"));
    assert.equal(lines.filter((line) => line.startsWith("Try: ")).length, 4);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Whether Deno has its bundler in its cache; without it a build fails before it fetches a runtime. */
async function hasBundler(): Promise<boolean> {
  const args = ["bundle", "--quiet", join(ROOT, "lib/errors.ts")];
  return (await output(Deno.execPath(), args, { env: { HTTPS_PROXY: "http://127.0.0.1:9" } })).success;
}

Deno.test(
  "a build that cannot fetch a runtime prints how to provide one",
  skipUnless(await hasBundler(), "tests that need Deno's bundler", "run deno task build once"),
  async () => {
    const folder = await makeFolder();
    try {
      const env = {
        HTTPS_PROXY: "http://127.0.0.1:9",
        DENO_DIR: await otherDenoDir(await denoDir(), join(folder, "deno")),
      };
      const { code, lines } = await build(folder, [], env);
      assert.equal(code, 1, lines.join("\n"));
      const [steps, [error, hint]] = [lines.slice(0, -2), lines.slice(-2)];
      for (const step of steps) assert.match(step, /^build: \[\d+\/\d+\] /, lines.join("\n"));
      assert.match(error, /^build: deno compile failed .*denort-aarch64/);
      assert.match(hint, /^Try: set HAARLEM_COMPILE_DENO .* DENORT_BIN .* same version/);
      assert.deepEqual(Array.from(Deno.readDirSync(join(folder, "out"))), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("a program's failure is reported with its causes, without its backtrace", () => {
  const said = `error: Writing deno compile executable to temporary file '/x/haarlem.tmp-1'

Caused by:
    0: Setting up base binary.
    1: error sending request for url (https://host/denort.zip): client error (Connect): dns error: no such name
    2: client error (Connect)
    3: dns error: no such name

Stack backtrace:
   0: <unknown>
   1: __libc_start_main`;
  assert.equal(
    inOneLine(said),
    "Writing deno compile executable to temporary file '/x/haarlem.tmp-1': Setting up base binary.: " +
      "error sending request for url (https://host/denort.zip): client error (Connect): dns error: no such name",
  );
  assert.ok(inOneLine("x".repeat(10_000)).length < 1000);
});

Deno.test("a failure for a reason outside the code has a hint, one in the code has none", () => {
  const cases: [string, RegExp | undefined][] = [
    ["I/O No space left on device (os error 28)", /disk space/],
    ["ENOSPC: write", /disk space/],
    ["Permission denied (os error 13): open '/x'", /can write/],
    ["Read-only file system (os error 30)", /can write/],
    [
      "error sending request for url (https://host/@esbuild%2flinux-x64): client error (Connect)",
      /npm registry/,
    ],
    ["error sending request for url (https://host/denort-x86_64.zip)", /DENORT_BIN/],
    ["TypeError: undefined is not a function", undefined],
  ];
  for (const [text, remedy] of cases) {
    if (remedy) assert.match(remedyOf(text) ?? "", remedy);
    else assert.equal(remedyOf(text), undefined);
  }
});

Deno.test("readRuntime() finds the machine, Deno, V8 and packages of a runtime", () => {
  assert.deepEqual(readRuntime(runtime({ machine: 0x3e, deno: "2.6.10" })), {
    machine: "x86_64",
    deno: "2.6.10",
    v8: "14.5.201.2",
    crates: ["aes-kw-0.2.1"],
  });
});

Deno.test("a build replaces all files of an earlier one, and lists only its own", async () => {
  const out = await Deno.makeTempDir({ prefix: "dist-" });
  try {
    const earlier = join(out, X86);
    await Deno.mkdir(earlier);
    const left = ["haarlem", "haarlem.xz", "haarlem.cdx.json", "haarlem-saver", "haarlem-saver.licenses.txt"]
      .concat("haarlem.part", "haarlem.tmp-0123", "haarlem-logger.part.tmp-01", "SHA256SUMS", "build.json");
    for (const name of [...left, "notes.txt"]) await Deno.writeTextFile(join(earlier, name), "earlier");
    await Deno.mkdir(join(out, `.${X86}.part`));
    await Deno.writeTextFile(join(out, `.${X86}.part`, "haarlem-gallery"), "interrupted");

    const part = await prepare(out, X86);
    for (const name of ["haarlem", "haarlem.cdx.json"]) await Deno.writeTextFile(join(part, name), "new");
    const options = { version: "1.2.3", commit: "abc", epoch: 0, compiler: "deno", runtimes: undefined };
    const folder = await publish(part, X86, readRuntime(runtime({ machine: 0x3e })), options);

    assert.equal(folder, earlier);
    assert.deepEqual(Array.from(Deno.readDirSync(out), ({ name }) => name), [X86]);
    const files = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assert.deepEqual(files, ["SHA256SUMS", "build.json", "haarlem", "haarlem.cdx.json", "notes.txt"]);
    assert.equal(await Deno.readTextFile(join(folder, "notes.txt")), "earlier");
    const sums = (await Deno.readTextFile(join(folder, "SHA256SUMS"))).trim().split("\n");
    assert.deepEqual(sums.map((line) => line.split("  ")[1]), ["build.json", "haarlem", "haarlem.cdx.json"]);
    assert.equal(JSON.parse(await Deno.readTextFile(join(folder, "build.json"))).version, "1.2.3");
    assert.equal((await Deno.stat(join(folder, "haarlem"))).mode! & 0o777, 0o755);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("the parts of a bundle are named by their content, not by the bundler", async () => {
  const bundle = (a: string, b: string, c: string) =>
    new Map([
      ["main.js", `import"./chunk-${a}.js";import("./dist-es-${b}.js")`],
      [`chunk-${a}.js`, `import("./dist-es-${b}.js");import"./chunk-${c}.js"`],
      [`dist-es-${b}.js`, `import"./chunk-${a}.js"`],
      [`chunk-${c}.js`, "1"],
    ]);
  const ids = ["AAAAAAAA", "BBBBBBBB", "CCCCCCCC"] as const;
  const [one, other] = [ids, [ids[2], ids[0], ids[1]] as const];
  const names = await namesByContent(bundle(...one));
  const same = await namesByContent(bundle(...other));
  assert.deepEqual([...names.values()], [...same.values()]);
  assert.deepEqual(
    [...names.keys()].map((name) => name.length),
    [...names.values()].map((name) => name.length),
  );
  assert.ok(!names.has("main.js"));
});
