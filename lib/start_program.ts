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

/** Where the program's standard streams go; its input is empty. */
export type Streams = Pick<Deno.CommandOptions, "stdout" | "stderr" | "signal">;

/** The program is not on PATH, or was not when this process started. */
export class NotInstalled extends UsageError {}

/** Starts a program found on PATH. Throws a NotInstalled or, when it may not be started, a UsageError. */
export function startProgram(
  program: SystemProgram,
  args: readonly string[],
  streams: Streams,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program.name, { args: [...args], stdin: "null", ...streams }).spawn();
  } catch (error) {
    throw notStarted(program, error);
  }
}

function notStarted({ name, does, install }: SystemProgram, error: unknown): unknown {
  const reason = messageOf(error);
  // Deno starts nothing with variables that make the loader load other code; PATH is looked through at start only.
  const loaderVariables = reason.match(/\b(LD|DYLD)_\w+/g);
  if (error instanceof Deno.errors.NotCapable && loaderVariables) {
    return new UsageError(
      `not allowed to start "${name}" while ${loaderVariables.join(" and ")} is set`,
      `unset ${loaderVariables.join(" ")}`,
    );
  }
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
    return new NotInstalled(`"${name}", which ${does}, is not installed`, install);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new UsageError(
      `not allowed to start "${name}": ${reason}`,
      `check that this user may execute the "${name}" on PATH`,
    );
  }
  return error;
}
