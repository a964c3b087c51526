/** A checkout of the project with its own history, and the programs that builds need. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type CommandResult, output } from "../../lib/testing/command.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { type Skip, skipUnless } from "../../lib/testing/skip.ts";
import { findProgram } from "../parts.ts";

const GIT = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };

/** Options for a test that needs programs of the system which `deno task setup` does not install. */
export function needsPrograms(...names: string[]): Skip {
  const missing = names.filter((name) => !findProgram(name)).join(" and ");
  return skipUnless(missing === "", `tests that need ${missing}`, `install ${missing}`);
}

/** Runs a program without the variables that give a build another version. */
export async function runClean(
  program: string,
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<CommandResult> {
  const env: Record<string, string> = { ...Deno.env.toObject(), ...GIT };
  for (const name of ["HAARLEM_BUILD_VERSION", "HAARLEM_COMMIT", "SOURCE_DATE_EPOCH"]) delete env[name];
  const { stdout, stderr, ...end } = await output(program, args, {
    clearEnv: true,
    env: { ...env, ...more },
  });
  return { ...end, stdout: stdout.trim(), stderr: stderr.trim() };
}

/** A checkout with its own history. */
export class Checkout implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Checkout> {
    const checkout = new Checkout(await Deno.makeTempDir({ prefix: "checkout-" }));
    await Deno.mkdir(join(checkout.folder, "deploy"));
    for (const path of ["deno.json", "deploy/build", "deploy/deb", "deploy/systemd", "deploy/mosquitto"]) {
      await runClean("cp", ["-r", join(ROOT, path), join(checkout.folder, path)]);
    }
    await checkout.git("init", "--quiet");
    return checkout;
  }

  async git(...args: string[]): Promise<void> {
    const { code, stderr } = await runClean("git", [
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
    const { code, stderr } = await runClean("git", [...words, "--allow-empty", "-m", "change"], env);
    assert.equal(code, 0, stderr);
  }

  async version(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runClean(join(this.folder, "deploy/build/version"), args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
