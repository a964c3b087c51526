/**
 * The executables in dist/, as they are shipped: those of this machine run as they are, those of 64-bit ARM under
 * qemu-user. `deno task test:executables` builds them first.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { RECIPES, type Target, TARGETS } from "../../deploy/build/recipes.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { filesIn } from "../files_in.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const DIST = Deno.env.get("HAARLEM_DIST") ?? join(ROOT, "dist");
const PICTURE = join(ROOT, "lib/camera/sample/astronaut.png");
const PROGRAMS = ["detector", "logger", "forwarder", "saver", "gallery"];

/** What native OpenCV finds in the picture, by parameters. */
const TRUTH: [string[], number[]][] = [
  [["--scale-factor", "1.3"], [176, 66, 95, 95]],
  [["--scale-factor", "1.1", "--min-size", "60"], [177, 66, 95, 95]],
];

const parts = findParts();
/** Those who have built nothing have nothing to test here. */
const isBuilt = (target: Target) => {
  try {
    return Deno.statSync(join(DIST, target, "haarlem")).isFile;
  } catch {
    return false;
  }
};
const ignore = !TARGETS.every(isBuilt);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an executable of a target to its end. */
async function run(
  target: Target,
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const file = join(DIST, target, name);
  const [command, first] = target === Deno.build.target ? [file, []] : [parts.qemuArm64!, [file]];
  const output = await new Deno.Command(command, {
    args: [...first, ...args],
    env: { QEMU_LD_PREFIX: parts.arm64Root ?? "/", NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code: output.code, stdout, stderr };
}

function facesIn(folder: string): Promise<Uint8Array<ArrayBuffer>[]> {
  return Array.fromAsync(filesIn(folder), (path) => Deno.readFile(path));
}

/** Each program by its own executable and by the one that is all of them; under emulation a start takes seconds. */
function waysToRun(program: string, target: Target): [string, string[]][] {
  const own: [string, string[]] = [`haarlem-${program}`, []];
  return target === Deno.build.target || program === "detector" ? [own, ["haarlem", [program]]] : [own];
}

for (const target of TARGETS) {
  const needed = target === Deno.build.target ? { ignore: false } : needs("qemuArm64", "arm64Root");
  const options = { ignore: ignore || needed.ignore };

  Deno.test(`${target}: every executable says what it is`, options, async () => {
    for (const { name } of RECIPES) {
      const { code, stdout } = await run(target, name, ["--version"]);
      assert.equal(code, 0, name);
      assert.match(
        stdout,
        new RegExp(`^haarlem ?\\w* \\d+\\.\\d+\\.\\d+ \\(commit \\w+\\+?, Deno [\\d.]+, ${target}\\)`),
      );
    }
  });

  for (const program of PROGRAMS) {
    Deno.test(`${target}: ${program} helps, and refuses settings that are wrong`, options, async () => {
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

  for (const engine of target === Deno.build.target ? ["haarlem", "opencv"] : ["haarlem"]) {
    Deno.test(
      `${target}: the detector finds the face of native OpenCV in a picture (${engine})`,
      options,
      async () => {
        for (const [name, args] of waysToRun("detector", target)) {
          for (const [settings, box] of TRUTH) {
            const out = await Deno.makeTempDir({ prefix: "faces-" });
            try {
              const source = ["--source", PICTURE, "--once", "--out", out, "--engine", engine];
              const { code, stderr } = await run(target, name, [...args, ...source, ...settings]);
              assert.equal(code, 0, stderr);
              const boxes = (await facesIn(out)).map((bytes) => readFace(bytes).facts!.box);
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

Deno.test("where Deno guards TMPDIR, programs name it as what is wrong", { ignore }, async () => {
  const target = Deno.build.target as Target;
  const guarded = { TMPDIR: "/dev/shm" };
  const detector = ["detector", "--source", PICTURE, "--once", "--out", "faces"];
  const gallery = ["gallery", "--store", "faces"];
  for (const args of [detector, gallery]) {
    const { code, stderr } = await run(target, "haarlem", args, guarded);
    assert.equal(code, 78, stderr);
    assert.match(stderr, /^Try: TMPDIR/m);
  }
  assert.match((await run(target, "haarlem", ["--version"], guarded)).stdout, /commit unknown/);
});

Deno.test("the checksums are those of the files", { ignore }, async () => {
  for (const target of TARGETS) {
    const sums = (await Deno.readTextFile(join(DIST, target, "SHA256SUMS"))).trim().split("\n");
    assert.ok(sums.length >= RECIPES.length);
    for (const line of sums) {
      const [sum, name] = line.split("  ");
      const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(DIST, target, name)));
      assert.equal(new Uint8Array(digest).toHex(), sum, name);
    }
  }
});

Deno.test("a bill of materials names the packages that are inside, and only those", { ignore }, async () => {
  const names = async (executable: string) => {
    const text = await Deno.readTextFile(join(DIST, TARGETS[0], `${executable}.cdx.json`));
    const bill = JSON.parse(text);
    assert.deepEqual([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.6"]);
    return new Set(bill.components.map(({ name }: { name: string }) => name));
  };
  const forwarder = await names("haarlem-forwarder");
  assert.ok(forwarder.has("mqtt") && !forwarder.has("opencv-wasm") && !forwarder.has("@aws-sdk/client-s3"));
  const all = await names("haarlem");
  assert.ok(["mqtt", "opencv-wasm", "@aws-sdk/client-s3", "deno"].every((name) => all.has(name)));
});

Deno.test("two builds of one commit are the same, byte for byte", { ignore }, async () => {
  const out = await Deno.makeTempDir({ prefix: "builds-" });
  try {
    const sums: string[] = [];
    for (const folder of ["first", "second"]) {
      const what = [
        "--only",
        "haarlem-logger",
        "--target",
        Deno.build.target,
        "--no-xz",
        "--out",
        join(out, folder),
      ];
      const build = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", join(ROOT, "deploy/build.ts"), ...what],
      });
      const { success, stderr } = await build.output();
      assert.ok(success, new TextDecoder().decode(stderr));
      sums.push(await Deno.readTextFile(join(out, folder, Deno.build.target, "SHA256SUMS")));
    }
    assert.equal(sums[0], sums[1]);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});
