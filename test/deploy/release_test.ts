/** Versions, Debian packages and what images are made of: that each build is told from every other, and waits for none. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { findProgram } from "../parts.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TARGET = "x86_64-unknown-linux-gnu";
const GIT = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };

function lacks(...programs: string[]): { ignore: boolean } {
  return { ignore: !programs.every((name) => findProgram(name)) };
}

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const { HAARLEM_BUILD_VERSION: _, HAARLEM_COMMIT: __, SOURCE_DATE_EPOCH: ___, ...rest } = Deno.env
    .toObject();
  const output = await new Deno.Command(command, { args, clearEnv: true, env: { ...rest, ...GIT, ...env } })
    .output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes).trim()
  );
  return { code: output.code, stdout, stderr };
}

/** A checkout with a history of its own. */
class Checkout implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Checkout> {
    const checkout = new Checkout(await Deno.makeTempDir({ prefix: "checkout-" }));
    await Deno.mkdir(join(checkout.folder, "deploy"));
    for (const path of ["deno.json", "deploy/build", "deploy/deb", "deploy/systemd", "deploy/mosquitto"]) {
      await run("cp", ["-r", join(ROOT, path), join(checkout.folder, path)]);
    }
    await checkout.git("init", "--quiet");
    return checkout;
  }

  async git(...args: string[]): Promise<void> {
    const { code, stderr } = await run("git", [
      "-C",
      this.folder,
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@b",
      ...args,
    ]);
    assert.equal(code, 0, stderr);
  }

  async commit(time: string): Promise<void> {
    await this.git("add", "--all");
    const env = { GIT_COMMITTER_DATE: time, GIT_AUTHOR_DATE: "2020-01-01T00:00:00Z" };
    const words = ["-C", this.folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet"];
    const { code, stderr } = await run("git", [...words, "--allow-empty", "-m", "change"], env);
    assert.equal(code, 0, stderr);
  }

  async version(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(join(this.folder, "deploy/build/version"), args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test(
  "versions differ from commit to commit, and dpkg holds a later one for newer",
  lacks("git", "dpkg"),
  async () => {
    await using checkout = await Checkout.make();
    const versions: string[] = [];
    for (const time of ["2026-11-26T23:59:58+01:00", "2026-11-26T23:59:59+01:00", "2026-12-01T00:00:00Z"]) {
      await checkout.commit(time);
      versions.push(await checkout.version());
    }
    assert.match(versions[0], /^0\.1\.0\+git20261126225958\.[0-9a-f]{12}$/);
    await Deno.writeTextFile(join(checkout.folder, "deno.json"), '{\n  "version": "0.1.0",\n  "x": 1\n}\n');
    versions.push(await checkout.version());
    assert.equal(versions[3], `${versions[2]}.dirty`);
    assert.match(await checkout.version("--commit"), /^[0-9a-f]{12}\+$/);
    await checkout.commit("2026-12-02T00:00:00Z");
    await checkout.git("tag", "v0.2.0");
    versions.push(await checkout.version());
    assert.equal(versions[4], "0.2.0");
    await checkout.commit("2026-12-03T00:00:00Z");
    versions.push(await checkout.version());
    assert.match(versions[5], /^0\.2\.0\+git20261203000000\./);
    await checkout.git("tag", "v0.3.0-rc.1");
    await checkout.git("tag", "v0.3.0");
    versions.push(await checkout.version());
    assert.equal(versions[6], "0.3.0");
    for (const [index, version] of versions.entries()) {
      for (const earlier of versions.slice(0, index)) {
        const { code } = await run("dpkg", ["--compare-versions", version, "gt", earlier]);
        assert.equal(code, 0, `${version} is later than ${earlier}`);
      }
    }
  },
);

Deno.test(
  "a new file marks a build as changed only where the build looks for files",
  lacks("git"),
  async () => {
    await using checkout = await Checkout.make();
    await checkout.commit("2026-11-26T00:00:00Z");
    await Deno.writeTextFile(join(checkout.folder, "notes.txt"), "");
    assert.doesNotMatch(await checkout.version(), /dirty/);
    await Deno.writeTextFile(join(checkout.folder, "deploy/new ü.ts"), "");
    assert.match(await checkout.version(), /\.dirty$/);
  },
);

Deno.test("a version is spelt as Docker's tags can be", lacks("git"), async () => {
  await using checkout = await Checkout.make();
  await checkout.commit("2026-11-26T00:00:00Z");
  assert.match(await checkout.version("--tag"), /^0\.1\.0-git20261126000000\.[0-9a-f]{12}$/);
  assert.match(await checkout.version("--tag"), /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
});

Deno.test(
  "a source archive is no release, and what cannot be read of a repository is said",
  lacks("git"),
  async () => {
    await using checkout = await Checkout.make();
    await checkout.commit("2026-11-26T00:00:00Z");
    const script = join(checkout.folder, "deploy/build/version");
    await Deno.writeTextFile(join(checkout.folder, ".git/HEAD"), "nonsense\n");
    const broken = await run(script, []);
    assert.deepEqual([broken.code, broken.stderr.split("\n").length], [1, 2], broken.stderr);
    assert.match(broken.stderr, /^version: cannot read the commit of .*\nTry: .*HAARLEM_BUILD_VERSION/);
    await Deno.remove(join(checkout.folder, ".git"), { recursive: true });
    assert.deepEqual([await checkout.version(), await checkout.version("--commit")], [
      "0.1.0+archive",
      "unknown",
    ]);
    const given = await run(script, [], { HAARLEM_BUILD_VERSION: "1.2.3+git1.abc" });
    assert.equal(given.stdout, "1.2.3+git1.abc");
    assert.equal((await run(script, [], { HAARLEM_BUILD_VERSION: "1 2" })).code, 1);
  },
);

/** What a build leaves, around an executable that only says its version. */
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
  const { stdout } = await run("sh", ["-c", `cd "$0" && sha256sum ${names.join(" ")}`, target]);
  await Deno.writeTextFile(join(target, "SHA256SUMS"), stdout + "\n");
  return target;
}

Deno.test(
  "a Debian package bears the version of its executable, with all licences",
  lacks("dpkg-deb", "git"),
  async () => {
    await using checkout = await Checkout.make();
    await checkout.commit("2026-11-26T11:22:33Z");
    const dist = join(checkout.folder, "dist");
    const version = await checkout.version();
    const target = await makeDist(dist, version);
    const build = () => run(join(checkout.folder, "deploy/deb/build"), ["--dist", dist, "--fast"]);
    const made = await build();
    assert.equal(made.code, 0, made.stderr);
    assert.equal(made.stdout, join(dist, `haarlem_${version}_amd64.deb`));
    assert.equal((await run("dpkg-deb", ["-f", made.stdout, "Version"])).stdout, version);
    const root = join(checkout.folder, "root");
    await run("dpkg-deb", ["-x", made.stdout, root]);
    const doc = join(root, "usr/share/doc/haarlem");
    assert.equal(
      await Deno.readTextFile(join(doc, "haarlem.licenses.txt")),
      "licences of all that is inside\n",
    );
    const changelog = await run("gzip", ["-dc", join(doc, "changelog.gz")]);
    assert.ok(changelog.stdout.startsWith(`haarlem (${version}) `), changelog.stdout);
    assert.match(changelog.stdout, /Thu, 26 Nov 2026 11:22:33/);

    const bytes = await Deno.readFile(made.stdout);
    const again = ["-c", 'umask 077; exec "$@"', "sh", join(checkout.folder, "deploy/deb/build")];
    assert.equal((await run("sh", [...again, "--dist", dist, "--fast"])).code, 0);
    assert.deepEqual(await Deno.readFile(made.stdout), bytes);

    const refuses = async (hint: RegExp) => {
      const { code, stderr } = await build();
      assert.deepEqual([code, stderr.split("\n").length], [1, 2], stderr);
      assert.match(stderr, hint);
    };
    await Deno.writeTextFile(join(target, "haarlem"), "of another build");
    await refuses(/SHA256SUMS differs\nTry: run deno task build/);
    await makeDist(dist, "0.1.0+git20261125000000.0123456789ab");
    await refuses(
      /is of version "0\.1\.0\+git20261125000000\.0123456789ab", this checkout is .*\nTry: run deno task build/,
    );
    await Deno.remove(join(target, "build.json"));
    await refuses(/is of version "unknown"/);
  },
);

Deno.test("the package's copyright file has every field of its format, and every licence that it names", async () => {
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
    const names = /^License: (.+)$/m.exec(stanza)![1].split(" or ");
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
  assert.match(postinst, /systemctl --no-block restart \$units/); // try-restart passes over units that wait.
});

/** It takes a system that boots: HAARLEM_DEBIAN_ROOT names a Debian with systemd, HAARLEM_DIST what was built. */
const DEBIAN_ROOT = Deno.env.get("HAARLEM_DEBIAN_ROOT");
const DIST = Deno.env.get("HAARLEM_DIST") ?? join(ROOT, "dist");
const boots = {
  ignore: !DEBIAN_ROOT || Deno.uid() !== 0 || lacks("systemd-nspawn", "dpkg-deb").ignore ||
    !await Deno.stat(join(DIST, TARGET, "build.json")).catch(() => undefined),
};

Deno.test(
  "an upgrade returns within seconds while a forwarder waits for its broker, and restarts it",
  boots,
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "upgrade-" });
    try {
      const { version } = JSON.parse(await Deno.readTextFile(join(DIST, TARGET, "build.json")));
      const env = { HAARLEM_BUILD_VERSION: version };
      const built = await run(
        join(ROOT, "deploy/deb/build"),
        ["--dist", DIST, "--out", folder, "--fast"],
        env,
      );
      assert.equal(built.code, 0, built.stderr);
      const newer = built.stdout.split("\n").find((path) => path.endsWith("_amd64.deb"))!;
      const [older, tree] = [join(folder, "older.deb"), join(folder, "tree")];
      await run("dpkg-deb", ["-R", newer, tree]);
      await run("sed", ["-i", "s/^Version: .*/Version: 0.0.1/", join(tree, "DEBIAN/control")]);
      await run("dpkg-deb", ["-Zgzip", "-z1", "--build", tree, older]);
      const { code, stdout, stderr } = await run(join(ROOT, "deploy/deb/try-upgrade"), [older, newer], {
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

Deno.test("the scripts of builds and packages pass shellcheck", lacks("shellcheck"), async () => {
  const names = ["build/version", "deb/build", "deb/try", "deb/try-upgrade", "containers/collect"]
    .concat(
      Array.from(
        Deno.readDirSync(join(ROOT, "deploy/deb/maintainer")),
        ({ name }) => `deb/maintainer/${name}`,
      ),
    );
  const { code, stdout } = await run("shellcheck", names.map((name) => join(ROOT, "deploy", name)));
  assert.equal(code, 0, stdout);
});

Deno.test(
  "what is collected for an image comes with the copyright of its packages",
  lacks("dpkg-query", "ldd"),
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "image-" });
    try {
      const collect = join(ROOT, "deploy/containers/collect");
      for (const args of [[folder, "/usr/bin/env"], ["--notes", folder, "base-files"]]) {
        const { code, stderr } = await run(collect, args);
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
      const unknown = await run(collect, ["--notes", folder, "no-such-package"]);
      assert.deepEqual([unknown.code, unknown.stderr.split("\n").length], [1, 2]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
