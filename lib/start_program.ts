/** Starts programs of the system, and says what is wrong with one that does not start. */
import { ConfigError, FatalError, messageOf } from "./errors.ts";

/** A program of the system. */
export interface SystemProgram {
  readonly name: string;
  /** What it does here, as "reads cameras and clips". */
  readonly does: string;
  /** How it is installed, as an imperative. */
  readonly install: string;
}

/** The program is not on PATH, or was not when this process started. */
export class NotInstalled extends ConfigError {}

/**
 * Starts a program found on PATH. Throws a NotInstalled when it is not there, a FatalError when this machine lacks memory,
 * processes or files to start it, and a ConfigError when it cannot be started for any other reason.
 */
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
    const refused = error instanceof Deno.errors.NotCapable && error.message.match(/\b(?:LD|DYLD)_\w*/g);
    if (!refused) throw error;
    const emptied = Object.fromEntries(refused.map((variable) => [variable, ""]));
    return new Deno.Command(name, { ...command, env: { ...command.env, ...emptied } }).spawn();
  }
}

/** EAGAIN, ENOMEM, ENFILE, EMFILE and ETXTBSY of Linux: the same program may start a moment later. */
const PASSING = new Set([11, 12, 23, 24, 26]);
const ENOEXEC = 8;

function notStarted(program: SystemProgram, error: unknown): ConfigError | FatalError {
  const { name, install } = program;
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
    return notFound(program, error);
  }
  const why = messageOf(error);
  const code = Number(/\(os error (\d+)\)/.exec(why)?.[1]);
  if (error instanceof Deno.errors.PermissionDenied) {
    return new ConfigError(
      `not allowed to start "${name}": ${why}`,
      `check that this user may execute the "${name}" on PATH`,
    );
  }
  if (PASSING.has(code)) {
    return new FatalError(
      `cannot start "${name}": ${why}`,
      "end other programs, or raise the limits of memory, processes and open files",
    );
  }
  if (code === ENOEXEC) {
    return new ConfigError(
      `cannot start "${name}", which is damaged or made for another processor: ${why}`,
      install,
    );
  }
  return new ConfigError(
    `cannot start "${name}": ${why}`,
    `run "${name}" in a shell to see whether it starts there`,
  );
}

/** Deno says the same of a program that is missing and of one that it may not execute: PATH tells them apart. */
function notFound({ name, does, install }: SystemProgram, error: Error): ConfigError {
  const entries = entriesOnPath(name);
  const executable = entries.find(({ kind }) => kind === "executable");
  if (executable && error instanceof Deno.errors.NotFound && /\(os error \d+\)/.test(error.message)) {
    return new ConfigError(
      `cannot start "${executable.path}": the interpreter or loader that it names is missing`,
      install,
    );
  }
  const [found] = entries;
  if (!found) return new NotInstalled(`"${name}", which ${does}, is not installed`, install);
  const { path } = executable ?? found;
  switch (executable?.kind ?? found.kind) {
    case "folder":
      return new ConfigError(
        `cannot start "${path}", which is a folder and not a program`,
        `remove the folder from PATH, or ${install}`,
      );
    case "link":
      return new ConfigError(
        `cannot start "${path}", which is a symbolic link to nothing`,
        `remove the link, or ${install}`,
      );
    case "hidden":
      return new NotInstalled(
        `"${name}", which ${does}, is not installed, or this user may not look into "${path}"`,
        install,
      );
    case "executable":
      // PATH is looked through when a process with permissions starts: what is not there then stays forbidden.
      if (error instanceof Deno.errors.NotCapable) {
        return new ConfigError(
          `not allowed to start "${path}", which was not there when this program started`,
          "start this program again",
        );
      }
  }
  return new ConfigError(
    `not allowed to start "${path}": this user may not execute it`,
    `run sudo chmod a+rx "${path}"`,
  );
}

interface Entry {
  readonly path: string;
  readonly kind: "executable" | "file" | "folder" | "link" | "hidden";
}

/** What has the name of a program on PATH, in the order in which it is looked for; last the folders closed to us. */
function entriesOnPath(name: string): Entry[] {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  const entries = folders.flatMap((folder) => entryAt(folder, name) ?? []);
  return [
    ...entries.filter(({ kind }) => kind !== "hidden"),
    ...entries.filter(({ kind }) => kind === "hidden"),
  ];
}

function entryAt(folder: string, name: string): Entry | undefined {
  const path = `${folder}/${name}`;
  try {
    const { isDirectory, mode } = Deno.statSync(path);
    return { path, kind: isDirectory ? "folder" : (mode ?? 0) & 0o111 ? "executable" : "file" };
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return { path: folder, kind: "hidden" };
  }
  try {
    Deno.lstatSync(path);
    return { path, kind: "link" };
  } catch {
    return undefined;
  }
}
