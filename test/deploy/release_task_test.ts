/** `deno task release VERSION`: what it writes, what it refuses, and that a failed step leaves no trace. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { release, type ReleaseSteps } from "../../deploy/release.ts";
import { compareVersions, isVersion } from "../../deploy/release/semver.ts";
import { inProject } from "../../lib/testing/files.ts";
import { needsPrograms, runClean } from "./checkout.ts";

const CHANGES = "# Changelog\n\n## Unreleased\n\n- A change.\n\n## 0.1.0 - 2026-11-26\n\n- The first.\n";
const SETTINGS = "#HAARLEM_TAG=0.1.0\n#MOSQUITTO_TAG=0.1.0\n";
const NEEDED = needsPrograms("git");

/** A repository with the files that a release changes, and steps that only note the tasks. */
class Project implements AsyncDisposable {
  readonly tasks: string[] = [];
  /** Called with each task before it succeeds. */
  onTask = (_name: string): void => {};

  private constructor(readonly root: string) {}

  static async make(changelog = CHANGES): Promise<Project> {
    const project = new Project(await Deno.makeTempDir({ prefix: "release-" }));
    await project.write("deno.json", '{\n  "version": "0.1.0",\n  "tasks": {}\n}\n');
    await project.write("CHANGELOG.md", changelog);
    await Deno.mkdir(join(project.root, "deploy/containers"), { recursive: true });
    await project.write("deploy/containers/.env.example", SETTINGS);
    await project.git("init", "--quiet");
    await project.git("add", "--all");
    await project.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "begin");
    return project;
  }

  release(version: string): Promise<string> {
    const steps: ReleaseSteps = {
      root: this.root,
      date: "2026-12-01",
      git: (...args) => this.git(...args),
      task: (...args) => {
        this.tasks.push(args[0]);
        this.onTask(args[0]);
        return Promise.resolve();
      },
    };
    return release(version, steps);
  }

  async git(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runClean("git", ["-C", this.root, ...args]);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(join(this.root, name));
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(join(this.root, name), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}

Deno.test("a release sets the version and the heading, checks and builds", NEEDED, async () => {
  await using project = await Project.make();
  const commands = await project.release("0.2.0-rc.1");
  assert.match(commands, /^git tag --annotate v0\.2\.0-rc\.1 /m);
  assert.equal(await project.read("deno.json"), '{\n  "version": "0.2.0-rc.1",\n  "tasks": {}\n}\n');
  assert.equal(
    await project.read("CHANGELOG.md"),
    CHANGES.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0-rc.1 - 2026-12-01\n"),
  );
  assert.equal(
    await project.read("deploy/containers/.env.example"),
    SETTINGS.replace("#HAARLEM_TAG=0.1.0", "#HAARLEM_TAG=0.2.0-rc.1"),
  );
  assert.deepEqual(project.tasks, ["check", "build"]);
});

Deno.test("the version in deno.json can be released once", NEEDED, async () => {
  await using project = await Project.make("# Changelog\n\n## Unreleased\n\n- The first.\n");
  await project.release("0.1.0");
  assert.match(await project.read("CHANGELOG.md"), /^## 0\.1\.0 - 2026-12-01$/m);
});

for (const failing of ["check", "build"]) {
  Deno.test(`when the ${failing} fails, all files are as before`, NEEDED, async () => {
    await using project = await Project.make();
    project.onTask = (name) => {
      if (name === failing) throw new Error(`${name} failed`);
    };
    await assert.rejects(project.release("0.2.0"), new RegExp(`${failing} failed`));
    assert.equal(await project.git("status", "--porcelain"), "");
  });
}

Deno.test(
  "a release refuses a wrong version, a changed tree and a release without changes",
  NEEDED,
  async () => {
    await using project = await Project.make();
    const refuses = async (version: string, says: RegExp) => {
      await assert.rejects(project.release(version), says);
      assert.deepEqual(project.tasks, [], version);
    };
    for (const wrong of ["1", "v0.2.0", "0.2", "0.02.0", "0.2.0+git1", "0.2.0-rc.01"]) {
      await refuses(wrong, /it is not a semantic version/);
    }
    for (const old of ["0.1.0", "0.0.9", "0.1.0-rc.1"]) await refuses(old, /it is not newer than "0\.1\.0"/);
    await project.git("tag", "v0.3.0");
    await refuses("0.2.0", /it is not newer than "0\.3\.0"/);
    await project.write("new.txt", "");
    await refuses("0.4.0", /files have uncommitted changes, first "new\.txt"/);
    await using empty = await Project.make(
      "# Changelog\n\n## Unreleased\n\n### Added\n\n## 0.1.0 - 2026-11-26\n\n- The first.\n",
    );
    await assert.rejects(empty.release("0.2.0"), /has no changes under "## Unreleased"/);
    await using none = await Project.make("# Changelog\n\n## 0.1.0 - 2026-11-26\n\n- The first.\n");
    await assert.rejects(none.release("0.2.0"), /has no changes under "## Unreleased"/);
  },
);

Deno.test("versions are ordered as Semantic Versioning has it", () => {
  const ascending =
    "0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0 2.0.0"
      .split(" ");
  assert.ok(ascending.every(isVersion));
  assert.deepEqual(ascending.toReversed().sort(compareVersions), ascending);
});

Deno.test("a wrong command line ends the task with code 78 and a hint", async () => {
  for (const args of [[], ["0.2.0", "0.3.0"], ["--force"], ["next"]]) {
    const { code, stderr } = await runClean(Deno.execPath(), [
      "run",
      "-A",
      inProject("deploy/release.ts"),
      ...args,
    ]);
    assert.equal(code, 78, stderr);
    assert.match(stderr, /^release: .+\nTry: (run|give) .+$/);
  }
});
