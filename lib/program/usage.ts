/** `--help` of the commands for contributors: builds, benchmarks and tests. Programs have lib/settings/help.ts. */

/** Prints the usage and ends the process with code 0 when the arguments ask for it; otherwise does nothing. */
export function answerHelp(usage: string, args: readonly string[] = Deno.args): void {
  if (!args.includes("--help") && !args.includes("-h")) return;
  console.log(`Usage: ${usage}`);
  Deno.exit(0);
}
