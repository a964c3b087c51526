/**
 * The shipped executables in dist/: those of this machine run directly, those of 64-bit ARM under qemu-user.
 * `deno task test:executables` builds them first.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { RECIPES, type Target, TARGETS } from "../../deploy/build/recipes.ts";
import { readRuntime } from "../../deploy/build/runtime.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { isCommand, SHIPPED } from "../../lib/program/programs.ts";
import { type CommandResult, LONG, output } from "../../lib/testing/command.ts";
import { filesIn, ROOT } from "../../lib/testing/files.ts";
import { skipIfAny, skipUnless } from "../../lib/testing/skip.ts";
import { ENGINES } from "../../lib/detection/engines.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { denoDir, otherDenoDir } from "./deno_dir.ts";

const DIST = Deno.env.get("HAARLEM_DIST") ?? join(ROOT, "dist");
const PICTURE = join(ROOT, "lib/camera/sample/astronaut.png");
const PROGRAMS = SHIPPED.map(({ name }) => name);

/** The boxes of native OpenCV in the picture, by parameters. */
const CASCADE_TRUTH: [string[], number[]][] = [
  [["--scale-factor", "1.3"], [176, 66, 95, 95]],
  [["--scale-factor", "1.1", "--min-size", "60"], [177, 66, 95, 95]],
];
const NETWORK_TRUTH: typeof CASCADE_TRUTH = [[["--min-score", "0.9"], [178, 63, 90, 113]]];

const parts = findParts();
/** Without a build there is nothing to test. */
const isBuilt = (target: Target) => {
  try {
    return Deno.statSync(join(DIST, target, "haarlem")).isFile;
  } catch {
    return false;
  }
};
const built = skipUnless(TARGETS.every(isBuilt), "the executables", "run deno task build");

/** Runs an executable of a target to its end. */
async function run(
  target: Target,
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const file = join(DIST, target, name);
  const [command, first] = target === Deno.build.target ? [file, []] : [parts.qemuArm64!, [file]];
  return await output(command, [...first, ...args], {
    env: { QEMU_LD_PREFIX: parts.arm64Root ?? "/", NO_COLOR: "1", ...env },
  });
}

/** The facts in build.json. */
function note(target: Target): { version: string; commit: string; deno: string; v8: string } {
  return JSON.parse(Deno.readTextFileSync(join(DIST, target, "build.json")));
}

function facesIn(folder: string): Promise<Uint8Array<ArrayBuffer>[]> {
  return Array.fromAsync(filesIn(folder), (path) => Deno.readFile(path));
}

/** Each program by its own executable and by the one that is all of them; under emulation a start takes seconds. */
function waysToRun(program: string, target: Target): [string, string[]][] {
  if (isCommand(program)) return [["haarlem", [program]]];
  const own: [string, string[]] = [`haarlem-${program}`, []];
  return target === Deno.build.target || program === "detector" ? [own, ["haarlem", [program]]] : [own];
}

for (const target of TARGETS) {
  const options = target === Deno.build.target ? built : skipIfAny(built, needs("qemuArm64", "arm64Root"));

  Deno.test(`${target}: every executable prints its version`, options, async () => {
    for (const { name } of RECIPES) {
      const { code, stdout } = await run(target, name, ["--version"]);
      assert.equal(code, 0, name);
      assert.match(
        stdout,
        new RegExp(
          `^haarlem ?\\w* ${RegExp.escape(note(target).version)} \\(commit \\w+\\+?, Deno ${
            note(target).deno
          }, ${target}\\)`,
        ),
      );
    }
  });

  for (const program of PROGRAMS) {
    Deno.test(`${target}: ${program} prints its help, and refuses wrong settings`, options, async () => {
      for (const [name, args] of waysToRun(program, target)) {
        const help = await run(target, name, [...args, "--help"]);
        assert.equal(help.code, 0, help.stderr);
        assert.match(help.stdout, /--log-level/);
        const wrong = await run(target, name, [...args, "--no-such-setting", "1"]);
        assert.equal(wrong.code, 78, wrong.stderr);
        assert.match(wrong.stderr, /no-such-setting/);
      }
    });
  }

  for (const engine of target === Deno.build.target ? ENGINES : ["haar", "yunet"]) {
    const truth = engine === "yunet" ? NETWORK_TRUTH : CASCADE_TRUTH;
    Deno.test(
      `${target}: the detector finds the face of native OpenCV in a picture (${engine})`,
      options,
      async () => {
        for (const [name, args] of waysToRun("detector", target)) {
          for (const [settings, box] of truth) {
            const out = await Deno.makeTempDir({ prefix: "faces-" });
            try {
              const source = ["--source", PICTURE, "--once", "--out", out, "--engine", engine];
              const { code, stderr } = await run(target, name, [...args, ...source, ...settings]);
              assert.equal(code, 0, stderr);
              const boxes = (await facesIn(out)).map((bytes) => readFace(bytes).metadata!.box);
              assert.deepEqual(boxes.map(({ x, y, width, height }) => [x, y, width, height]), [box]);
            } finally {
              await Deno.remove(out, { recursive: true });
            }
          }
        }
      },
    );
  }
}

Deno.test("the error for a TMPDIR that Deno refuses names it", built, async () => {
  const target = Deno.build.target as Target;
  const guarded = { TMPDIR: "/dev/shm" };
  const detector = ["detector", "--source", PICTURE, "--once", "--out", "faces"];
  const gallery = ["gallery", "--store", "faces"];
  for (const args of [detector, gallery]) {
    const { code, stderr } = await run(target, "haarlem", args, guarded);
    assert.equal(code, 78, stderr);
    assert.match(stderr, /^Try: set TMPDIR/m);
  }
  assert.match((await run(target, "haarlem", ["--version"], guarded)).stdout, /commit unknown/);
});

Deno.test("SHA256SUMS has all files of the build, and no other", built, async () => {
  for (const target of TARGETS) {
    const folder = join(DIST, target);
    const sums = new Map(
      (await Deno.readTextFile(join(folder, "SHA256SUMS"))).trim().split("\n").map((line) => {
        const [sum, name] = line.split("  ");
        return [name, sum];
      }),
    );
    const files = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assert.deepEqual([...sums.keys(), "SHA256SUMS"].sort(), files.sort());
    for (const [name, sum] of sums) {
      const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(folder, name)));
      assert.equal(new Uint8Array(digest).toHex(), sum, name);
    }
  }
});

/** The components of an executable's bill of materials, as `NAME VERSION`. */
async function componentsOf(target: Target, executable: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(DIST, target, `${executable}.cdx.json`));
  const bill = JSON.parse(text);
  assert.deepEqual([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.6"]);
  assert.equal(bill.metadata.component.version, note(target).version);
  return bill.components.map(({ name, version }: { name: string; version: string }) => `${name} ${version}`);
}

Deno.test("a bill of materials names exactly the packages inside", built, async () => {
  const names = async (executable: string) =>
    new Set((await componentsOf(TARGETS[0], executable)).map((component) => component.split(" ")[0]));
  const forwarder = await names("haarlem-forwarder");
  assert.ok(forwarder.has("mqtt") && !forwarder.has("opencv-wasm") && !forwarder.has("@aws-sdk/client-s3"));
  const all = await names("haarlem");
  assert.ok(["mqtt", "opencv-wasm", "@aws-sdk/client-s3", "deno", "v8"].every((name) => all.has(name)));
});

Deno.test(
  "a bill of materials and the executable name the same runtime",
  built,
  async () => {
    for (const target of TARGETS) {
      const components = await componentsOf(target, "haarlem");
      const inside = readRuntime(await Deno.readFile(join(DIST, target, "haarlem")));
      assert.equal(`${inside.machine}-unknown-linux-gnu`, target);
      assert.ok(components.includes(`deno ${inside.deno}`), inside.deno);
      assert.ok(components.includes(`v8 ${inside.v8}`));
    }
    const said = (await run(Deno.build.target as Target, "haarlem", ["--version"])).stdout;
    assert.match(said, new RegExp(`, Deno ${RegExp.escape(note(Deno.build.target as Target).deno)}, `));
  },
);

Deno.test(
  "the licence of every package in a bill of materials is beside the executable",
  built,
  async () => {
    for (const target of TARGETS) {
      for (const { name } of RECIPES) {
        const text = (await Deno.readTextFile(join(DIST, target, `${name}.licenses.txt`))).toLowerCase();
        for (const component of await componentsOf(target, name)) {
          assert.ok(text.includes(`\n${component}\n`), `${name}: ${component}`);
        }
        for (
          const holder of [
            "the haarlem authors",
            "the deno authors",
            "the v8 project authors",
            "unicode, inc.",
            "openssl",
          ]
        ) {
          assert.ok(text.includes(holder), `${name}: ${holder}`);
        }
        const detects = /^haarlem(-detector)?$/.test(name);
        for (const holder of ["intel license agreement", "nasa's portrait", "opencv foundation"]) {
          assert.equal(text.includes(holder), detects, `${name}: ${holder}`);
        }
      }
    }
  },
);

/** Bundles of an older Deno are not minified, and contain the paths of their modules. */
const minifies = Number(Deno.version.deno.split(".")[1]) >= 8 || !Deno.version.deno.startsWith("2.");

Deno.test("two builds are the same, byte for byte, in another checkout, DENO_DIR, TMPDIR and umask", {
  ...skipIfAny(built, skipUnless(minifies, "the comparison of two builds", "use Deno 2.8 or newer")),
  sanitizeResources: false,
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "builds-" });
  try {
    const other = join(folder, "an other checkout");
    await copyCheckout(other);
    const env = { HAARLEM_BUILD_VERSION: "1.2.3+test", HAARLEM_COMMIT: "0123456789ab" };
    const cache = await denoDir();
    const builds: { root: string; out: string; umask: string; env: Record<string, string> }[] = [
      { root: ROOT, out: join(folder, "first"), umask: "022", env: {} },
      {
        root: other,
        out: join(folder, "second"),
        umask: "077",
        env: {
          DENO_DIR: await otherDenoDir(cache, join(folder, "deno dir")),
          TMPDIR: await Deno.makeTempDir({ dir: folder }),
          DENO_V8_FLAGS: "--expose-gc",
          TZ: "Asia/Tokyo",
        },
      },
    ];
    const sums: string[] = [];
    for (const { root, out, umask, env: others } of builds) {
      const build = [Deno.execPath(), "run", "-A", join(root, "deploy/build.ts")];
      const args = [...build, "--only", "haarlem", "--no-xz", "--out", out];
      const { success, stderr } = await output("sh", ["-c", `umask ${umask}; exec "$@"`, "sh", ...args], {
        ...LONG,
        env: { ...env, ...others },
      });
      assert.ok(success, stderr);
      sums.push(
        ...await Promise.all(
          TARGETS.map((target) => Deno.readTextFile(join(out, target, "SHA256SUMS"))),
        ),
      );
    }
    assert.deepEqual(sums.slice(0, TARGETS.length), sums.slice(TARGETS.length));
    assert.ok(sums[0].includes("  haarlem\n"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Copies the project's files as in a source archive. */
async function copyCheckout(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  const names = ["deno.json", "deno.lock", "import_map.json", "LICENSE", "lib", "workers", "deploy"];
  const { success } = await output("cp", ["-r", ...names.map((name) => join(ROOT, name)), folder]);
  assert.ok(success);
}
