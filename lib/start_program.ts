/** Starts programs of the system. An error explains why a program does not start and how to correct that. */
import { ConfigError, FatalError, messageOf } from "./errors.ts";

/** A program of the system. */
export interface SystemProgram {
  readonly name: string;
  /** What it does for us, as the rest of a sentence: "reads cameras and clips". */
  readonly does: string;
  /** How to install it, as an imperative. */
  readonly install: string;
}

/** The program is not on PATH, or was not when this process started. */
export class NotInstalledError extends ConfigError {}

/**
 * Starts a program on PATH, without standard input unless `options` provide one. Throws a NotInstalledError when it is
 * missing, a FatalError when this machine lacks memory, processes or open files, and a ConfigError for any other reason.
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
 * Starts a program with the loader's variables emptied (LD_LIBRARY_PATH of CUDA and ROS, LD_PRELOAD). Deno refuses to start
 * a program while one of them is set, names it in the error, and accepts an empty value. Throws Deno's other errors.
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

/** Linux' EAGAIN, ENOMEM, ENFILE, EMFILE and ETXTBSY: a later start of the same program may succeed. */
const TEMPORARY_ERRORS = new Set([11, 12, 23, 24, 26]);
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
  if (TEMPORARY_ERRORS.has(code)) {
    return new FatalError(
      `cannot start "${name}": ${why}`,
      "end other programs, or raise the limits of memory, processes and open files",
    );
  }
  if (code === ENOEXEC) {
    return new ConfigError(
      `cannot start "${name}": it is damaged or built for another processor: ${why}`,
      install,
    );
  }
  return new ConfigError(
    `cannot start "${name}": ${why}`,
    `run "${name}" in a shell to see whether it starts there`,
  );
}

/** Deno has one error for a missing program and for one without permission to execute; the entries on PATH differ. */
function notFound({ name, does, install }: SystemProgram, error: Error): ConfigError {
  const entries = entriesOnPath(name);
  const executable = entries.find(({ kind }) => kind === "executable");
  if (executable && error instanceof Deno.errors.NotFound && /\(os error \d+\)/.test(error.message)) {
    return new ConfigError(
      `cannot start "${executable.path}": its interpreter or loader is missing`,
      install,
    );
  }
  const [found] = entries;
  if (!found) return new NotInstalledError(`"${name}", which ${does}, is not installed`, install);
  const { path } = executable ?? found;
  switch (executable?.kind ?? found.kind) {
    case "folder":
      return new ConfigError(
        `cannot start "${path}": it is a folder, not a program`,
        `remove the folder from PATH, or ${install}`,
      );
    case "link":
      return new ConfigError(
        `cannot start "${path}": its symbolic link points to a missing file`,
        `remove the link, or ${install}`,
      );
    case "hidden":
      return new NotInstalledError(
        `"${name}", which ${does}, is not installed, or this user may not search "${path}"`,
        install,
      );
    case "executable":
      // Deno resolves a permitted program on PATH when it starts; a program installed later stays forbidden.
      if (error instanceof Deno.errors.NotCapable) {
        return new ConfigError(
          `not allowed to start "${path}": it was installed after this program started`,
          "restart this program",
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

/** The entries on PATH with the name of a program, in the order of PATH, then the folders that this user may not search. */
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
