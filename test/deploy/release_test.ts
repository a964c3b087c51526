/** Versions: each build has its own, and a later one is newer for dpkg. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Checkout, needsPrograms, runClean } from "./checkout.ts";

Deno.test(
  "each commit has its own version, and for dpkg a later one is newer",
  needsPrograms("git", "dpkg"),
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
        const { code } = await runClean("dpkg", ["--compare-versions", version, "gt", earlier]);
        assert.equal(code, 0, `${version} is later than ${earlier}`);
      }
    }
  },
);

Deno.test(
  "a new file marks a build as changed only where the build looks for files",
  needsPrograms("git"),
  async () => {
    await using checkout = await Checkout.make();
    await checkout.commit("2026-11-26T00:00:00Z");
    await Deno.writeTextFile(join(checkout.folder, "notes.txt"), "");
    assert.doesNotMatch(await checkout.version(), /dirty/);
    await Deno.writeTextFile(join(checkout.folder, "deploy/new ü.ts"), "");
    assert.match(await checkout.version(), /\.dirty$/);
  },
);

Deno.test("--tag prints the version in the characters of Docker's tags", needsPrograms("git"), async () => {
  await using checkout = await Checkout.make();
  await checkout.commit("2026-11-26T00:00:00Z");
  assert.match(await checkout.version("--tag"), /^0\.1\.0-git20261126000000\.[0-9a-f]{12}$/);
  assert.match(await checkout.version("--tag"), /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
});

Deno.test(
  "a source archive is no release, and an unreadable repository is an error",
  needsPrograms("git"),
  async () => {
    await using checkout = await Checkout.make();
    await checkout.commit("2026-11-26T00:00:00Z");
    const script = join(checkout.folder, "deploy/build/version");
    await Deno.writeTextFile(join(checkout.folder, ".git/HEAD"), "nonsense\n");
    const broken = await runClean(script, []);
    assert.deepEqual([broken.code, broken.stderr.split("\n").length], [1, 2], broken.stderr);
    assert.match(broken.stderr, /^version: cannot read the commit of .*\nTry: .*HAARLEM_BUILD_VERSION/);
    await Deno.remove(join(checkout.folder, ".git"), { recursive: true });
    assert.deepEqual([await checkout.version(), await checkout.version("--commit")], [
      "0.1.0+archive",
      "unknown",
    ]);
    const given = await runClean(script, [], { HAARLEM_BUILD_VERSION: "1.2.3+git1.abc" });
    assert.equal(given.stdout, "1.2.3+git1.abc");
    assert.equal((await runClean(script, [], { HAARLEM_BUILD_VERSION: "1 2" })).code, 1);
  },
);
