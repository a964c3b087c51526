/**
 * `deno task release VERSION`: sets the version, writes the changelog's heading, checks, builds, and prints the commands
 * that commit and tag the release. It changes no file when a step fails.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError, FatalError, messageOf } from "../lib/errors.ts";
import { answerHelp } from "../lib/program/usage.ts";
import { compareVersions, isVersion } from "./release/semver.ts";
import {
  releasedIn,
  unreleasedIn,
  versionIn,
  withHeading,
  withImageTags,
  withVersion,
} from "./release/texts.ts";

/** The one place of the version. */
const CONFIG = "deno.json";
const CHANGELOG = "CHANGELOG.md";
/** Their image tags repeat the version; test/deploy compares them. */
const MANIFESTS = ["deploy/containers", "deploy/k3s"];

/** What a release works on and with. */
export interface ReleaseSteps {
  /** The folder of the checkout. */
  readonly root: string;
  /** The date of the release, such as `2026-12-01`. */
  readonly date: string;
  /** Runs git in the checkout; returns what it prints. Throws when it fails. */
  git(...args: string[]): Promise<string>;
  /** Runs a task of deno.json and shows what it prints. Throws when it fails. */
  task(...args: string[]): Promise<void>;
}

/** Prepares a release in the working tree; returns the commands that complete it. Throws and restores all files. */
export async function release(version: string, steps: ReleaseSteps): Promise<string> {
  const edits = await editsFor(version, steps);
  const before = new Map<string, string>();
  try {
    for (const [path, text] of edits) {
      before.set(path, await Deno.readTextFile(path));
      await Deno.writeTextFile(path, text);
    }
    await steps.task("check");
    await tryBuild(steps);
  } catch (error) {
    for (const [path, text] of before) await Deno.writeTextFile(path, text);
    throw error;
  }
  return [
    `git commit --all --message "chore(release): ${version}"`,
    `git tag --annotate v${version} --message "Haarlem ${version}"`,
    "deno task build",
  ].join("\n");
}

/** The new text of each file that a release changes, by its path. Throws a ConfigError for all that forbids a release. */
async function editsFor(version: string, steps: ReleaseSteps): Promise<Map<string, string>> {
  const { root, date } = steps;
  if (!isVersion(version)) {
    throw new ConfigError(
      `cannot release "${version}": it is not a semantic version`,
      "give one such as 0.2.0 or 0.2.0-rc.1",
    );
  }
  const changed = await steps.git("status", "--porcelain");
  if (changed !== "") {
    throw new ConfigError(
      `cannot release "${version}": files have uncommitted changes, first "${
        changed.trim().split("\n")[0].replace(/^\S+\s+/, "")
      }"`,
      "commit or stash them: run git status",
    );
  }
  const [config, changelog] = await Promise.all(
    [CONFIG, CHANGELOG].map((name) => Deno.readTextFile(join(root, name))),
  );
  const current = versionIn(config);
  if (current === undefined || !isVersion(current)) {
    throw new ConfigError(`cannot release: "${CONFIG}" has no version`, `add "version" to "${CONFIG}"`);
  }
  const tags = (await steps.git("tag", "--list", "v[0-9]*")).split("\n").map((tag) => tag.slice(1));
  checkIsNewer(version, current, [...releasedIn(changelog), ...tags].filter(isVersion));
  if (!unreleasedIn(changelog)) {
    throw new ConfigError(
      `cannot release "${version}": "${CHANGELOG}" has no changes under "## Unreleased"`,
      `write what changed below "## Unreleased" in "${CHANGELOG}"`,
    );
  }
  const edits = new Map([
    [join(root, CONFIG), withVersion(config, version)],
    [join(root, CHANGELOG), withHeading(changelog, version, date)],
  ]);
  for (const name of (await steps.git("ls-files", ...MANIFESTS)).split("\n").filter(Boolean)) {
    const text = await Deno.readTextFile(join(root, name));
    const edited = withImageTags(text, current, version);
    if (edited !== text) edits.set(join(root, name), edited);
  }
  return edits;
}

/** The version in deno.json itself may be released once: it is the next one until then. */
function checkIsNewer(version: string, current: string, released: readonly string[]): void {
  const tooOld = released.filter((one) => compareVersions(version, one) <= 0);
  if (compareVersions(version, current) < 0) tooOld.push(current);
  if (tooOld.length === 0) return;
  const newest = tooOld.sort(compareVersions).at(-1);
  throw new ConfigError(
    `cannot release "${version}": it is not newer than "${newest}"`,
    `give a version above ${newest}`,
  );
}

/** Builds into a separate folder: until the release is committed, the executables have the version of no release. */
async function tryBuild(steps: ReleaseSteps): Promise<void> {
  const out = await Deno.makeTempDir({ prefix: "haarlem-release-" });
  try {
    await steps.task("build", "--no-xz", "--out", out);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

/** The real steps, in the checkout of this file. */
function stepsHere(signal: AbortSignal): ReleaseSteps {
  const root = join(import.meta.dirname!, "..");
  return {
    root,
    date: new Date().toISOString().slice(0, 10),
    async git(...args) {
      const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: root, signal }).output();
      const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trimEnd());
      if (!success) throw new FatalError(`git ${args[0]} failed: ${complaint}`, "repair the git repository");
      return said;
    },
    async task(...args) {
      const command = new Deno.Command(Deno.execPath(), { args: ["task", ...args], cwd: root, signal });
      const { success } = await command.spawn().status;
      if (!success) {
        throw new FatalError(
          `deno task ${args[0]} failed; all files are as they were before`,
          `run deno task ${args[0]} and repair what it reports`,
        );
      }
    },
  };
}

function readVersion(): string {
  const usage = "deno task release VERSION, such as deno task release 0.2.0";
  answerHelp(usage);
  try {
    const { positionals } = parseArgs({ options: {}, allowPositionals: true });
    if (positionals.length === 1) return positionals[0];
  } catch (error) {
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${usage}`);
  }
  throw new ConfigError("one version is required", `run ${usage}`);
}

if (import.meta.main) {
  // The first signal ends the step that runs; then the files are restored.
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.abort());
  try {
    const commands = await release(readVersion(), stepsHere(stop.signal));
    console.log(`\nThe release is prepared. To complete it, run:\n${commands}`);
    Deno.exit(0);
  } catch (error) {
    const { message, hint, stack } = error as ConfigError;
    console.error(`release: ${hint === undefined ? stack : message}`);
    if (hint !== undefined) console.error(`Try: ${hint}`);
    Deno.exit(error instanceof ConfigError ? 78 : 1);
  }
}
