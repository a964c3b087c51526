import { join } from "node:path";
import { Failure } from "../../lib/errors.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** Runs a command in the project. Throws a Failure with its own words when it does not end well. */
export async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const output = await new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  })
    .output();
  const [said, complaint] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes).trim()
  );
  if (output.success) return said;
  throw new Failure(`${command} ${args[0]} ended with ${output.code}: ${complaint || said}`);
}
