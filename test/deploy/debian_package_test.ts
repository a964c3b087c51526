/** The Debian package and the files of images: versions, licences, reproducible bytes, and upgrades without waiting. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exists, ROOT } from "../../lib/testing/files.ts";
import { needsRoot, skipIfAny, skipUnless } from "../../lib/testing/skip.ts";
import { Checkout, needsPrograms, runClean } from "./checkout.ts";

const TARGET = "x86_64-unknown-linux-gnu";

/** Writes the result of a build, with an executable that only prints its version. */
async function makeDist(folder: string, version: string): Promise<string> {
  const target = join(folder, TARGET);
  await Deno.mkdir(target, { recursive: true });
  await Deno.writeTextFile(join(target, "haarlem"), `#!/bin/sh\necho "haarlem ${version}"\n`, {
    mode: 0o755,
  });
  await Deno.writeTextFile(join(target, "haarlem.licenses.txt"), "licences of all that is inside\n");
  await Deno.writeTextFile(
    join(target, "build.json"),
    JSON.stringify({ version }, null, 2).replace('"\n', '",\n'),
  );
  const names = ["build.json", "haarlem", "haarlem.licenses.txt"];
  const { stdout } = await runClean("sh", ["-c", `cd "$0" && sha256sum ${names.join(" ")}`, target]);
  await Deno.writeTextFile(join(target, "SHA256SUMS"), stdout + "\n");
  return target;
}

Deno.test(
  "a Debian package has the version of its executable, and all licences",
  needsPrograms("dpkg-deb", "git"),
  async () => {
    await using checkout = await Checkout.make();
    await checkout.commit("2026-11-26T11:22:33Z");
    const dist = join(checkout.folder, "dist");
    const version = await checkout.version();
    const target = await makeDist(dist, version);
    const build = () => runClean(join(checkout.folder, "deploy/deb/build"), ["--dist", dist, "--fast"]);
    const made = await build();
    assert.equal(made.code, 0, made.stderr);
    assert.equal(made.stdout, join(dist, `haarlem_${version}_amd64.deb`));
    assert.equal((await runClean("dpkg-deb", ["-f", made.stdout, "Version"])).stdout, version);
    const root = join(checkout.folder, "root");
    await runClean("dpkg-deb", ["-x", made.stdout, root]);
    const doc = join(root, "usr/share/doc/haarlem");
    assert.equal(
      await Deno.readTextFile(join(doc, "haarlem.licenses.txt")),
      "licences of all that is inside\n",
    );
    const changelog = await runClean("gzip", ["-dc", join(doc, "changelog.gz")]);
    assert.ok(changelog.stdout.startsWith(`haarlem (${version}) `), changelog.stdout);
    assert.match(changelog.stdout, /Thu, 26 Nov 2026 11:22:33/);

    const bytes = await Deno.readFile(made.stdout);
    const again = ["-c", 'umask 077; exec "$@"', "sh", join(checkout.folder, "deploy/deb/build")];
    assert.equal((await runClean("sh", [...again, "--dist", dist, "--fast"])).code, 0);
    assert.deepEqual(await Deno.readFile(made.stdout), bytes);

    const refuses = async (hint: RegExp) => {
      const { code, stderr } = await build();
      assert.deepEqual([code, stderr.split("\n").length], [1, 2], stderr);
      assert.match(stderr, hint);
    };
    await Deno.writeTextFile(join(target, "haarlem"), "of another build");
    await refuses(/its checksum differs from SHA256SUMS\nTry: run deno task build/);
    await makeDist(dist, "0.1.0+git20261125000000.0123456789ab");
    await refuses(
      /is of version "0\.1\.0\+git20261125000000\.0123456789ab", this checkout is .*\nTry: run deno task build/,
    );
    await Deno.remove(join(target, "build.json"));
    await refuses(/is of version "unknown"/);
  },
);

Deno.test("the package's copyright file has every field of its format and every licence that it names", async () => {
  const text = await Deno.readTextFile(join(ROOT, "deploy/deb/copyright"));
  const stanzas = text.trim().split(/\n\n+/);
  assert.match(
    stanzas[0],
    /^Format: https:\/\/www\.debian\.org\/doc\/packaging-manuals\/copyright-format\/1\.0\/\n/,
  );
  const given = new Set(stanzas.map((stanza) => /^License: (\S+)\n /.exec(stanza)?.[1]));
  const files = stanzas.filter((stanza) => stanza.startsWith("Files: "));
  assert.ok(files.length >= 5);
  for (const stanza of files) {
    assert.match(stanza, /^Copyright: /m);
    const names = /^License: (.+)$/m.exec(stanza)![1].split(/ (?:or|and) /);
    for (const name of names) assert.ok(given.has(name), name);
  }
  for (const line of text.split("\n")) assert.ok(line === "" || /^(\S+: ?| \S| {2,}\S)/.test(line), line);
  for (const holder of ["Haarlem authors", "Intel", "NASA", "Deno authors", "V8 project authors"]) {
    assert.ok(text.includes(holder), holder);
  }
});

Deno.test("nothing that the package runs or recommends waits for a broker", async () => {
  const folder = join(ROOT, "deploy/deb");
  const scripts = Array.from(
    Deno.readDirSync(join(folder, "maintainer")),
    ({ name }) => `maintainer/${name}`,
  );
  const waits = /\b(re)?start\b|\benable\b.*--now|\breload-or-restart\b/;
  const documents = ["../../docs/OPERATIONS.md", "../README.md", "../../docs/DEBUGGING.md"];
  for (const file of [...scripts, "README.Debian", ...documents]) {
    const lines = (await Deno.readTextFile(join(folder, file))).replaceAll("\\\n", " ").split("\n");
    for (const line of lines.filter((line) => /systemctl/.test(line) && !line.trim().startsWith("#"))) {
      const ours = !/restart (mosquitto|nvargus-daemon)/.test(line);
      if (ours && waits.test(line)) assert.match(line, /--no-block/, `${file}: ${line}`);
    }
  }
  const postinst = await Deno.readTextFile(join(folder, "maintainer/postinst"));
  assert.match(postinst, /systemctl --no-block restart \$units/); // try-restart skips units that wait.
});

/** HAARLEM_DEBIAN_ROOT names a Debian with systemd, which boots; HAARLEM_DIST the folder of the build. */
const DEBIAN_ROOT = Deno.env.get("HAARLEM_DEBIAN_ROOT");
const DIST = Deno.env.get("HAARLEM_DIST") ?? join(ROOT, "dist");
const boots = skipIfAny(
  skipUnless(
    DEBIAN_ROOT !== undefined && exists(join(DIST, TARGET, "build.json")),
    "the upgrade of the Debian package",
    "set HAARLEM_DEBIAN_ROOT to a Debian with systemd, and run deno task build",
  ),
  needsRoot(),
  needsPrograms("systemd-nspawn", "dpkg-deb"),
);

Deno.test(
  "an upgrade returns within seconds while a forwarder waits for its broker, and restarts it",
  boots,
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "upgrade-" });
    try {
      const { version } = JSON.parse(await Deno.readTextFile(join(DIST, TARGET, "build.json")));
      const env = { HAARLEM_BUILD_VERSION: version };
      const built = await runClean(
        join(ROOT, "deploy/deb/build"),
        ["--dist", DIST, "--out", folder, "--fast"],
        env,
      );
      assert.equal(built.code, 0, built.stderr);
      const newer = built.stdout.split("\n").find((path) => path.endsWith("_amd64.deb"))!;
      const [older, tree] = [join(folder, "older.deb"), join(folder, "tree")];
      await runClean("dpkg-deb", ["-R", newer, tree]);
      await runClean("sed", ["-i", "s/^Version: .*/Version: 0.0.1/", join(tree, "DEBIAN/control")]);
      await runClean("dpkg-deb", ["-Zgzip", "-z1", "--build", tree, older]);
      const { code, stdout, stderr } = await runClean(join(ROOT, "deploy/deb/try-upgrade"), [older, newer], {
        HAARLEM_DEBIAN_ROOT: DEBIAN_ROOT!,
      });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^deb upgrade_ms=\d+ restarted=1 remove_ms=\d+ version=haarlem /m);
      assert.ok(stdout.includes(version), stdout);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("the scripts of builds and packages pass shellcheck", needsPrograms("shellcheck"), async () => {
  const names = ["build/version", "deb/build", "deb/try", "deb/try-upgrade", "containers/collect"]
    .concat(
      Array.from(
        Deno.readDirSync(join(ROOT, "deploy/deb/maintainer")),
        ({ name }) => `deb/maintainer/${name}`,
      ),
    );
  const { code, stdout } = await runClean("shellcheck", names.map((name) => join(ROOT, "deploy", name)));
  assert.equal(code, 0, stdout);
});

Deno.test(
  "each package whose files are collected for an image has its copyright file there",
  needsPrograms("dpkg-query", "ldd"),
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "image-" });
    try {
      const collect = join(ROOT, "deploy/containers/collect");
      for (const args of [[folder, "/usr/bin/env"], ["--notes", folder, "base-files"]]) {
        const { code, stderr } = await runClean(collect, args);
        assert.equal(code, 0, stderr);
      }
      const noted = Array.from(Deno.readDirSync(join(folder, "var/lib/dpkg/status.d")), ({ name }) => name)
        .sort();
      assert.deepEqual(noted, ["base-files", "coreutils", "libc6"]);
      for (const name of noted) {
        const { size } = await Deno.stat(join(folder, "usr/share/doc", name, "copyright"));
        assert.ok(size > 100, name);
        assert.match(
          await Deno.readTextFile(join(folder, "var/lib/dpkg/status.d", name)),
          new RegExp(`^Package: ${RegExp.escape(name)}$`, "m"),
        );
      }
      assert.ok((await Deno.stat(join(folder, "usr/share/common-licenses/GPL-3"))).size > 1000);
      const unknown = await runClean(collect, ["--notes", folder, "no-such-package"]);
      assert.deepEqual([unknown.code, unknown.stderr.split("\n").length], [1, 2]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
