/** Other programs that run to their end. For tests and benchmarks. */

/** How a program ended. */
export interface CommandResult {
  readonly success: boolean;
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program starts with, besides its arguments. */
export interface CommandOptions {
  readonly env?: Record<string, string>;
  readonly clearEnv?: boolean;
  readonly cwd?: string;
  /** What it reads from its standard input; nothing when it is left out. */
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** Kills the program when it is aborted. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end, whatever the end is. Throws when there is no such program. */
export async function output(
  program: string,
  args: readonly string[],
  { stdin, ...options }: CommandOptions = {},
): Promise<CommandResult> {
  const command = new Deno.Command(program, {
    ...options,
    args: [...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  if (stdin !== undefined) {
    const input = new Blob([stdin]).stream().pipeTo(child.stdin);
    await input.catch(() => {}); // A program may end before it has read everything.
  }
  const { stdout, stderr, ...end } = await child.output();
  const decoder = new TextDecoder();
  return { ...end, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs a program that must succeed. Returns what it printed on stdout, without white space around it. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { success, code, stdout, stderr } = await output(program, args, options);
  if (!success) throw new Error(`${program} ${args.join(" ")} ended with code ${code}:\n${stdout}${stderr}`);
  return stdout.trim();
}
