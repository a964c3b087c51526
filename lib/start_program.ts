/** Starts programs of the system, and tells one that is missing from one that may not be started. */
import { messageOf, UsageError } from "./errors.ts";

/** A program of the system. */
export interface SystemProgram {
  readonly name: string;
  /** What it does here, as "reads cameras and clips". */
  readonly does: string;
  /** How it is installed, as an imperative. */
  readonly install: string;
}

/** The program is not on PATH, or was not when this process started. */
export class NotInstalled extends UsageError {}

/** Starts a program found on PATH. Throws a NotInstalled or, when it may not be started, a UsageError. */
export function startProgram(
  program: SystemProgram,
  args: readonly string[],
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  try {
    return spawn(program.name, args, options);
  } catch (error) {
    throw notStarted(program, error);
  }
}

/**
 * Starts a program, without the variables that make the loader load other code (LD_LIBRARY_PATH of CUDA and ROS,
 * LD_PRELOAD): with one of them set Deno refuses to. Its refusal names them, and takes empty ones.
 */
export function spawn(
  name: string,
  args: readonly string[],
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  const command = { args: [...args], stdin: "null" as const, ...options };
  try {
    return new Deno.Command(name, command).spawn();
  } catch (error) {
    const refused = error instanceof Deno.errors.NotCapable && error.message.match(/\b(?:LD|DYLD)_\w+/g);
    if (!refused) throw error;
    const emptied = Object.fromEntries(refused.map((variable) => [variable, ""]));
    return new Deno.Command(name, { ...command, env: { ...command.env, ...emptied } }).spawn();
  }
}

function notStarted({ name, does, install }: SystemProgram, error: unknown): unknown {
  // PATH is looked through when a process with permissions starts: what is not there then stays forbidden.
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
    return new NotInstalled(`"${name}", which ${does}, is not installed`, install);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new UsageError(
      `not allowed to start "${name}": ${messageOf(error)}`,
      `check that this user may execute the "${name}" on PATH`,
    );
  }
  return error;
}
